-- name: process/trial_times
-- says: stays of a stage that began between two days, their owner, and their days by the stage's clock once they ended
-- parameters: as_of_us, process, stage, from_day, to_day
-- tables: stage_visit, stage
-- grain: deal, visit_no
SELECT v.deal, v.visit_no, v.owner, v.entered_day AS day,
  CASE WHEN v.left_us IS NULL OR v.left_us > :as_of_us THEN NULL
    WHEN s.clock = 'working' THEN working_days_between(v.entered_day, v.left_day)
    ELSE days_between(v.entered_day, v.left_day) END AS days
FROM stage_visit v
JOIN stage s ON s.process = v.process AND s.stage = v.stage
WHERE v.process = :process AND v.entered_us <= :as_of_us AND s.stands_for = :stage
  AND v.entered_day >= :from_day AND v.entered_day <= :to_day AND (v.left_us IS NULL OR v.left_us > v.entered_us)
  AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
ORDER BY v.deal, v.visit_no
