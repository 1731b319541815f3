-- name: process/stage_cohorts
-- says: of deals that reached a stage in a window, those that have had their days, and of these who reached the next one
-- parameters: as_of_us, as_of_day, process, within_days
-- inputs: windows(no INTEGER, from_day DATE, to_day DATE)
-- tables: stage_visit, stage
-- grain: stage, no
WITH visit AS (
  SELECT v.deal, v.entered_day, s.stands_for, s.category, r.order_no
  FROM stage_visit v
  JOIN stage s ON s.process = v.process AND s.stage = v.stage
    AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
  JOIN stage r ON r.process = v.process AND r.stage = s.stands_for
    AND (r.from_day IS NULL OR r.from_day <= :as_of_day) AND (r.to_day IS NULL OR :as_of_day < r.to_day)
  WHERE v.process = :process AND v.entered_us <= :as_of_us AND s.category IN ('open', 'won')
),
seen AS (
  SELECT DISTINCT visit.deal FROM visit WHERE visit.category = 'open'
),
step AS (
  SELECT s.stage, s.order_no, min(n.order_no) AS next_order
  FROM stage s JOIN stage n ON n.process = s.process AND n.order_no > s.order_no AND n.category IN ('open', 'won')
    AND (n.from_day IS NULL OR n.from_day <= :as_of_day) AND (n.to_day IS NULL OR :as_of_day < n.to_day)
  WHERE s.process = :process AND s.category = 'open' AND (s.from_day IS NULL OR s.from_day <= :as_of_day)
    AND (s.to_day IS NULL OR :as_of_day < s.to_day)
  GROUP BY s.stage, s.order_no
),
way AS (
  SELECT step.stage, visit.deal, min(visit.entered_day) AS reached_day,
    min(CASE WHEN visit.order_no >= step.next_order THEN visit.entered_day ELSE NULL END) AS next_day
  FROM step
  JOIN visit ON visit.order_no >= step.order_no
  JOIN seen ON seen.deal = visit.deal
  GROUP BY step.stage, visit.deal
)
SELECT way.stage, w.no, count(*) AS reached,
  sum(CASE WHEN days_between(way.reached_day, :as_of_day) >= :within_days THEN 1 ELSE 0 END) AS matured,
  sum(CASE WHEN days_between(way.reached_day, :as_of_day) >= :within_days
    AND days_between(way.reached_day, way.next_day) <= :within_days THEN 1 ELSE 0 END) AS converted
FROM way
JOIN windows w ON w.from_day <= way.reached_day AND way.reached_day < w.to_day
GROUP BY way.stage, w.no
ORDER BY way.stage, w.no
