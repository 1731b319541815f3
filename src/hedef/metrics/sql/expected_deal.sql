-- name: metrics/expected_deal
-- says: deals open when a period began and then expected to close inside it; slipped: still open at its end, or closed
--   after it
-- parameters: from_us, at_us, from_day, end_day, as_of_us, known_no
-- tables: deal_delta, closing
-- grain: deal
WITH standing AS (
  SELECT t.deal, t.owner, t.process, t.close_on, t.currency, CAST(sum(t.amount_minor) AS BIGINT) AS amount_minor
  FROM deal_delta t
  WHERE t.known_no <= :known_no AND t.eff_us <= :from_us AND t.status = 'open'
  GROUP BY t.deal, t.owner, t.process, t.close_on, t.currency
  HAVING sum(t.n) > 0
),
later AS (
  SELECT t.deal FROM deal_delta t
  WHERE t.known_no <= :known_no AND t.eff_us <= :at_us AND t.status = 'open'
  GROUP BY t.deal
  HAVING sum(t.n) > 0
),
closed_on AS (
  SELECT c.deal, max(coalesce(c.close_on, c.eff_day)) AS close_on
  FROM closing c
  WHERE c.known_no <= :known_no AND c.eff_us <= :as_of_us
  GROUP BY c.deal
  HAVING sum(c.sign) > 0
)
SELECT standing.deal, standing.owner, standing.process, standing.currency, standing.close_on, standing.amount_minor,
  CASE WHEN later.deal IS NOT NULL OR closed_on.close_on >= :end_day THEN 1 ELSE 0 END AS slipped, 1 AS sign
FROM standing
LEFT JOIN later ON later.deal = standing.deal
LEFT JOIN closed_on ON closed_on.deal = standing.deal
WHERE standing.close_on >= :from_day AND standing.close_on < :end_day
