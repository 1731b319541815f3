-- name: metrics/won_line
-- says: lines of deals won with a close date in these days: what was paid, the price on the list that day (or before
--   the discount that the line names), and the cost
-- parameters: as_of_us, known_no, from_day, end_day
-- tables: closing, deal_line, price
-- grain: deal_line, eff_us, sign
WITH won AS (
  SELECT c.deal, c.owner, coalesce(c.close_on, c.eff_day) AS close_on, c.sign
  FROM closing c
  WHERE c.outcome = 'won' AND c.known_no <= :known_no AND c.eff_us <= :as_of_us
    AND coalesce(c.close_on, c.eff_day) >= :from_day AND coalesce(c.close_on, c.eff_day) < :end_day
),
line AS (
  SELECT won.deal, won.owner, won.close_on, won.sign, l.deal_line, l.product, l.currency, l.quantity_e4,
    l.unit_price_minor, l.discount_bp, l.amount_minor, l.cost_minor
  FROM won
  JOIN deal_line l ON l.deal = won.deal
),
listed AS (
  SELECT line.deal_line, line.close_on, max(p.amount_minor) AS unit_minor
  FROM line
  JOIN price p ON p.product = line.product AND p.currency = line.currency
    AND (p.from_day IS NULL OR p.from_day <= line.close_on) AND (p.to_day IS NULL OR line.close_on < p.to_day)
  GROUP BY line.deal_line, line.close_on
)
SELECT line.deal, line.owner, line.product, line.currency, line.close_on, line.amount_minor,
  CASE WHEN listed.unit_minor IS NOT NULL THEN idiv(listed.unit_minor * coalesce(line.quantity_e4, 10000), 10000)
    WHEN line.discount_bp IS NOT NULL THEN idiv(line.unit_price_minor * coalesce(line.quantity_e4, 10000), 10000)
    END AS list_minor,
  line.cost_minor, line.sign
FROM line
LEFT JOIN listed ON listed.deal_line = line.deal_line AND listed.close_on = line.close_on
