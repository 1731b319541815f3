-- name: metrics/pipeline_entry
-- says: the first visit of each deal to a stage that counts as pipeline, with owner and amount of that moment
-- parameters: as_of_us
-- tables: stage_visit, stage
-- grain: deal
SELECT counted.deal, counted.process, counted.stage, counted.owner, counted.currency, counted.amount_minor,
  counted.entered_day, 1 AS sign
FROM (
  SELECT v.deal, v.process, v.stage, v.owner, v.currency, v.amount_minor, v.entered_day,
    row_number() OVER (PARTITION BY v.deal ORDER BY v.visit_no) AS place
  FROM stage_visit v
  JOIN stage s ON s.process = v.process AND s.stage = v.stage
  WHERE v.entered_us <= :as_of_us AND s.counts = 1
    AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
) counted
WHERE counted.place = 1
