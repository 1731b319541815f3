-- name: process/stage_lengths
-- says: of each stage and window, how many stays that ended in it took how many days of the stage's clock
-- parameters: as_of_us, process
-- inputs: windows(no INTEGER, from_day DATE, to_day DATE)
-- tables: stage_visit, stage
-- grain: stage, no, days
SELECT s.stands_for AS stage, w.no,
  CASE WHEN s.clock = 'working' THEN working_days_between(v.entered_day, v.left_day)
    ELSE days_between(v.entered_day, v.left_day) END AS days, count(*) AS n
FROM stage_visit v
JOIN stage s ON s.process = v.process AND s.stage = v.stage
JOIN windows w ON w.from_day <= v.left_day AND v.left_day < w.to_day
WHERE v.process = :process AND v.left_us <= :as_of_us AND v.left_us > v.entered_us AND s.category IN ('open', 'hold')
  AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
GROUP BY s.stands_for, w.no, CASE WHEN s.clock = 'working' THEN working_days_between(v.entered_day, v.left_day)
    ELSE days_between(v.entered_day, v.left_day) END
ORDER BY stage, no, days
