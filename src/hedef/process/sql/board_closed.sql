-- name: process/board_closed
-- says: deals of a process that were won or lost from a day on and stand so at an instant
-- parameters: as_of_us, from_day, known_no, everything, owners, process
-- tables: closing
-- grain: deal, outcome, owner, close_on, currency, reason
WITH living AS (
  SELECT c.deal, c.outcome, c.process, c.owner, c.close_on, c.currency, c.reason, c.eff_us, c.eff_day,
    sum(c.sign) AS n, sum(c.amount_minor) AS amount_minor,
    sum(CASE WHEN c.amount_minor IS NULL THEN 0 ELSE c.sign END) AS amounts
  FROM closing c
  WHERE c.known_no <= :known_no AND c.eff_us <= :as_of_us AND coalesce(c.process, '') = :process
    AND (:everything = 1 OR c.owner IN (SELECT unnest(:owners)))
  GROUP BY c.deal, c.outcome, c.process, c.owner, c.close_on, c.currency, c.reason, c.eff_us, c.eff_day
  HAVING sum(c.sign) <> 0
)
SELECT l.deal, l.outcome, l.owner, l.close_on, l.currency, l.reason,
  max(CASE WHEN l.n > 0 THEN l.eff_day ELSE NULL END) AS closed_day,
  CASE WHEN sum(l.amounts) > 0 THEN sum(l.amount_minor) ELSE NULL END AS amount_minor
FROM living l
GROUP BY l.deal, l.outcome, l.process, l.owner, l.close_on, l.currency, l.reason
HAVING sum(l.n) > 0 AND max(CASE WHEN l.n > 0 THEN l.eff_day ELSE NULL END) >= :from_day
ORDER BY closed_day, l.deal, l.outcome, l.owner, l.close_on, l.currency, l.reason
