-- name: metrics/won_cycle
-- says: closings won with a close date in these days, with the day on which the deal first stood in an open stage
--   (null: never seen open)
-- parameters: as_of_us, known_no, from_day, end_day
-- tables: closing, stage_visit
-- grain: deal, eff_us, sign
WITH won AS (
  SELECT c.deal, c.process, c.owner, c.currency, coalesce(c.close_on, c.eff_day) AS close_on, c.sign
  FROM closing c
  WHERE c.outcome = 'won' AND c.known_no <= :known_no AND c.eff_us <= :as_of_us
    AND coalesce(c.close_on, c.eff_day) >= :from_day AND coalesce(c.close_on, c.eff_day) < :end_day
),
opened AS (
  SELECT v.deal, min(v.entered_day) AS opened_on
  FROM stage_visit v
  JOIN (SELECT DISTINCT won.deal FROM won) closed ON closed.deal = v.deal
  WHERE v.entered_us <= :as_of_us AND v.status = 'open'
  GROUP BY v.deal
)
SELECT won.deal, won.process, won.owner, won.currency, won.close_on, opened.opened_on, won.sign
FROM won
LEFT JOIN opened ON opened.deal = won.deal
