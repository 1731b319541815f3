-- name: process/board_close_dates
-- says: how many different close dates these deals have had up to an instant
-- parameters: as_of_us, deals
-- tables: deal_change
-- grain: deal
SELECT c.deal, count(DISTINCT c.close_on) AS dates
FROM deal_change c
WHERE c.eff_us <= :as_of_us AND c.close_on IS NOT NULL AND c.deal IN (SELECT unnest(:deals))
GROUP BY c.deal
ORDER BY c.deal
