-- name: facts/view_recurring_delta
-- says: monthly amounts of accounts as they begin and end: of contracts, and of won deals without a contract
-- grain: known_no, eff_us, account, contract, deal
SELECT r.known_no, r.sign, r.contract, r.account, r.deal, r.eff_us, r.eff_day, r.currency, r.monthly_minor
FROM recurring_contract AS r
UNION ALL
SELECT r.known_no, r.sign, CAST(NULL AS BIGINT) AS contract, r.account, r.deal, r.eff_us, r.eff_day, r.currency,
  r.monthly_minor
FROM recurring_deal AS r
LEFT JOIN contract_now AS c ON c.deal = r.deal
WHERE c.contract IS NULL
