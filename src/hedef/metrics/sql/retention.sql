-- name: metrics/retention
-- says: customers with a monthly amount when a period began, and what is left of it at its end
-- parameters: from_us, at_us, known_no
-- tables: recurring_delta, account_now
-- grain: account, currency
WITH balance AS (
  SELECT r.account, r.currency,
    CAST(sum(CASE WHEN r.eff_us <= :from_us THEN r.monthly_minor ELSE 0 END) AS BIGINT) AS opening_minor,
    CAST(sum(r.monthly_minor) AS BIGINT) AS closing_minor
  FROM recurring_delta r
  WHERE r.known_no <= :known_no AND r.eff_us <= :at_us
  GROUP BY r.account, r.currency
)
SELECT balance.account, c.owner, balance.currency, balance.opening_minor, balance.closing_minor,
  CASE WHEN balance.closing_minor < balance.opening_minor THEN balance.closing_minor ELSE balance.opening_minor
    END AS kept_minor,
  CASE WHEN balance.closing_minor <= 0 THEN 1 ELSE 0 END AS gone, 1 AS sign
FROM balance
LEFT JOIN account_now c ON c.account = balance.account
WHERE balance.opening_minor > 0
