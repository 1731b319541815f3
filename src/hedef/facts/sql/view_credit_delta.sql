-- name: facts/view_credit_delta
-- says: deal_delta per credited person; a deal without splits belongs wholly to its owner
-- grain: known_no, eff_us, deal, person, role, kind
SELECT known_no, n, eff_us, eff_day, deal, process, stage, status, category, close_on, currency, probability_bp,
  owner AS person, CAST(NULL AS VARCHAR) AS role, 'revenue' AS kind, CAST(10000 AS BIGINT) AS share_bp, amount_minor
FROM deal_delta
WHERE split = 0
UNION ALL
SELECT known_no, n, eff_us, eff_day, deal, process, stage, status, category, close_on, currency, probability_bp,
  person, role, kind, share_bp, amount_minor
FROM credit_split
