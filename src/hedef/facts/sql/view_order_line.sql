-- name: facts/view_order_line
-- says: lines of orders with what their order says; an order without lines counts as one line of its owner
-- grain: order_no, order_line
SELECT o.known_no, o.sign, o.order_no, p.order_line, o.account, o.deal, o.person, o.day, o.status, o.document,
  p.product, p.quantity_e4, p.unit_price_minor, p.discount_bp, p.amount_minor, p.cost_minor,
  COALESCE(p.currency, o.currency) AS currency
FROM order_header AS o
JOIN order_part AS p ON p.order_no = o.order_no
UNION ALL
SELECT o.known_no, o.sign, o.order_no, CAST(NULL AS BIGINT) AS order_line, o.account, o.deal, o.person, o.day, o.status,
  o.document, CAST(NULL AS BIGINT) AS product, CAST(NULL AS BIGINT) AS quantity_e4,
  CAST(NULL AS BIGINT) AS unit_price_minor, CAST(NULL AS BIGINT) AS discount_bp, o.amount_minor,
  CAST(NULL AS BIGINT) AS cost_minor, o.currency
FROM order_header AS o
LEFT JOIN order_part AS p ON p.order_no = o.order_no
WHERE p.order_line IS NULL
