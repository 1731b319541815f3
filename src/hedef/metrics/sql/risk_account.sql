-- name: metrics/risk_account
-- says: monthly amount at the end of a period of the customers that are then at risk
-- parameters: at_us, at_day, known_no
-- inputs: customer_risk(account BIGINT, from_day DATE, to_day DATE, health VARCHAR)
-- tables: recurring_delta, account_now, customer_risk
-- grain: account, currency
WITH running AS (
  SELECT r.account, r.currency, CAST(sum(r.monthly_minor) AS BIGINT) AS monthly_minor
  FROM recurring_delta r
  WHERE r.known_no <= :known_no AND r.eff_us <= :at_us
  GROUP BY r.account, r.currency
)
SELECT running.account, c.owner, running.currency, running.monthly_minor, k.health, 1 AS sign
FROM running
JOIN customer_risk k ON k.account = running.account
LEFT JOIN account_now c ON c.account = running.account
WHERE k.from_day <= :at_day AND (k.to_day IS NULL OR :at_day < k.to_day)
