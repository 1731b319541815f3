-- name: metrics/contract_end
-- says: contracts whose last day lies in these days: renewed by another one, or ended; undecided until its status
--   says so or a month has gone by without a renewal
-- parameters: as_of_day
-- tables: contract_now, account_now
-- grain: contract
WITH renewal AS (
  SELECT n.renews AS contract FROM contract_now n
  WHERE n.renews IS NOT NULL
  GROUP BY n.renews
)
SELECT n.contract, n.account, c.owner, n.currency, n.ends_on, n.monthly_minor,
  CASE WHEN renewal.contract IS NULL THEN 0 ELSE 1 END AS renewed,
  CASE WHEN renewal.contract IS NOT NULL OR n.status IN ('ended', 'cancelled', 'lost', 'churned')
    OR days_between(n.ends_on, :as_of_day) > 30 THEN 1 ELSE 0 END AS decided,
  1 AS sign
FROM contract_now n
LEFT JOIN account_now c ON c.account = n.account
LEFT JOIN renewal ON renewal.contract = n.contract
WHERE n.ends_on IS NOT NULL
