-- name: process/trial_conversions
-- says: deals that reached a stage between two days, their owner then, and the day they reached another one
-- parameters: as_of_us, as_of_day, process, from_day, to_day, first_order, second_order
-- tables: stage_visit, stage
-- grain: deal
WITH visit AS (
  SELECT v.deal, v.visit_no, v.entered_day, v.owner, s.category, r.order_no
  FROM stage_visit v
  JOIN stage s ON s.process = v.process AND s.stage = v.stage
    AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
  JOIN stage r ON r.process = v.process AND r.stage = s.stands_for
    AND (r.from_day IS NULL OR r.from_day <= :as_of_day) AND (r.to_day IS NULL OR :as_of_day < r.to_day)
  WHERE v.process = :process AND v.entered_us <= :as_of_us AND s.category IN ('open', 'won')
),
way AS (
  SELECT visit.deal, min(CASE WHEN visit.order_no >= :first_order THEN visit.entered_day ELSE NULL END) AS day,
    min(CASE WHEN visit.order_no >= :first_order THEN visit.visit_no ELSE NULL END) AS visit_no,
    min(CASE WHEN visit.order_no >= :second_order THEN visit.entered_day ELSE NULL END) AS next_day,
    max(CASE WHEN visit.category = 'open' THEN 1 ELSE 0 END) AS seen
  FROM visit
  GROUP BY visit.deal
)
SELECT way.deal, visit.owner, way.day, days_between(way.day, way.next_day) AS days,
  days_between(way.day, :as_of_day) AS age
FROM way
JOIN visit ON visit.deal = way.deal AND visit.visit_no = way.visit_no
WHERE way.seen = 1 AND way.day >= :from_day AND way.day <= :to_day
ORDER BY way.deal
