-- name: facts/view_closing_credit
-- says: closing per credited person; a deal without splits belongs wholly to who held it when it was closed
-- grain: known_no, eff_us, deal, person, role, kind
SELECT known_no, sign, eff_us, eff_day, deal, outcome, process, owner, close_on, currency, reason,
  owner AS person, CAST(NULL AS VARCHAR) AS role, 'revenue' AS kind, CAST(10000 AS BIGINT) AS share_bp, amount_minor
FROM closing
WHERE split = 0
UNION ALL
SELECT known_no, sign, eff_us, eff_day, deal, outcome, process, owner, close_on, currency, reason,
  person, role, kind, share_bp, amount_minor
FROM closing_split
