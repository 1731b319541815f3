-- name: process/board_closed
-- says: deals of a process that were won or lost from a day on and stand so at an instant
-- parameters: as_of_us, from_day, known_no, everything, owners, process
-- tables: closing
-- grain: deal, outcome, owner, close_on, currency, reason
SELECT c.deal, c.outcome, c.owner, c.close_on, c.currency, c.reason, min(c.eff_day) AS closed_day,
  CASE WHEN sum(CASE WHEN c.amount_minor IS NULL THEN 0 ELSE c.sign END) > 0 THEN sum(c.amount_minor) ELSE NULL END
    AS amount_minor
FROM closing c
WHERE c.known_no <= :known_no AND c.eff_us <= :as_of_us AND coalesce(c.process, '') = :process
  AND (:everything = 1 OR c.owner IN (SELECT unnest(:owners)))
GROUP BY c.deal, c.outcome, c.process, c.owner, c.close_on, c.currency, c.reason
HAVING sum(c.sign) > 0 AND min(c.eff_day) >= :from_day
ORDER BY closed_day, c.deal, c.outcome, c.owner, c.close_on, c.currency, c.reason
