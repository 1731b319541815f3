-- name: metrics/pipeline_entry
-- says: the first visit of each deal to a stage that counts as pipeline, if it began in these days, with owner and
--   amount of that moment. Only deals whose visit here is not their very first one are looked back at.
-- parameters: as_of_us, from_day, end_day
-- tables: stage_visit, stage
-- grain: deal
WITH candidate AS (
  SELECT v.deal, v.visit_no, v.process, v.stage, v.owner, v.currency, v.amount_minor, v.entered_day
  FROM stage_visit v
  JOIN stage s ON s.process = v.process AND s.stage = v.stage
  WHERE v.entered_day >= :from_day AND v.entered_day < :end_day AND v.entered_us <= :as_of_us AND s.counts = 1
    AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
),
look_back AS (
  SELECT v.deal, v.visit_no, v.process, v.stage, v.entered_day
  FROM stage_visit v
  WHERE v.deal IN (SELECT candidate.deal FROM candidate WHERE candidate.visit_no > 1) AND v.entered_day < :end_day
),
first_visit AS (
  SELECT v.deal, min(v.visit_no) AS visit_no
  FROM look_back v
  JOIN stage s ON s.process = v.process AND s.stage = v.stage
  WHERE s.counts = 1
    AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
  GROUP BY v.deal
)
SELECT candidate.deal, candidate.process, candidate.stage, candidate.owner, candidate.currency, candidate.amount_minor,
  candidate.entered_day, 1 AS sign
FROM candidate
LEFT JOIN first_visit ON first_visit.deal = candidate.deal
WHERE candidate.visit_no = coalesce(first_visit.visit_no, 1)
