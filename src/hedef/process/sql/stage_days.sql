-- name: process/stage_days
-- says: how many closed visits of a stage took how many days, and how many of them left at the instant they came
-- parameters: as_of_us, process
-- tables: stage_visit, stage
-- grain: stage, days, passing
SELECT s.stands_for AS stage, days_between(v.entered_day, v.left_day) AS days,
  CASE WHEN v.left_us = v.entered_us THEN 1 ELSE 0 END AS passing, count(*) AS n
FROM stage_visit v
JOIN stage s ON s.process = v.process AND s.stage = v.stage
WHERE v.process = :process AND v.entered_us <= :as_of_us AND v.left_us <= :as_of_us AND s.category IN ('open', 'hold')
  AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
GROUP BY s.stands_for, days_between(v.entered_day, v.left_day), CASE WHEN v.left_us = v.entered_us THEN 1 ELSE 0 END
ORDER BY stage, days, passing
