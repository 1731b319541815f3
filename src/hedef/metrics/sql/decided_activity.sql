-- name: metrics/decided_activity
-- says: completed activities on deals that were won or lost with a close date in these days
-- parameters: as_of_us, known_no, from_day, end_day
-- tables: closing, activity
-- grain: activity, eff_us, sign
SELECT c.deal, c.owner, c.currency, a.activity, a.kind, coalesce(c.close_on, c.eff_day) AS close_on, c.outcome, c.sign
FROM closing c
JOIN activity a ON a.deal = c.deal
WHERE c.known_no <= :known_no AND c.eff_us <= :as_of_us AND c.outcome IN ('won', 'lost') AND a.done_us <= :as_of_us
  AND coalesce(c.close_on, c.eff_day) >= :from_day AND coalesce(c.close_on, c.eff_day) < :end_day
