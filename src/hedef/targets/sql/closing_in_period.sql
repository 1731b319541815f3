-- name: targets/closing_in_period
-- says: deals open at an instant whose expected close lies between two days, with owner, stage and amount
-- parameters: as_of_us, from_day, to_day
-- tables: deal_delta
-- grain: deal
SELECT d.deal, d.owner, d.process, d.stage, d.close_on, d.currency,
  CASE WHEN sum(CASE WHEN d.amount_minor IS NULL THEN 0 ELSE d.n END) > 0 THEN sum(d.amount_minor) ELSE NULL END
    AS amount_minor
FROM deal_delta d
WHERE d.eff_us <= :as_of_us AND d.status = 'open' AND d.close_on >= :from_day AND d.close_on <= :to_day
GROUP BY d.deal, d.owner, d.process, d.stage, d.close_on, d.currency
HAVING sum(d.n) > 0
ORDER BY d.deal
