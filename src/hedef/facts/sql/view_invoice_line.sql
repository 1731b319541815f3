-- name: facts/view_invoice_line
-- says: lines of invoices with what their invoice says; an invoice without lines counts as one line of its owner
-- grain: invoice_no, invoice_line
SELECT i.known_no, i.sign, i.invoice_no, p.invoice_line, i.order_no, i.account, i.deal, i.person, i.day, i.status,
  i.document, i.due_on, p.product, p.quantity_e4, p.unit_price_minor, p.discount_bp, p.amount_minor, p.cost_minor,
  COALESCE(p.currency, i.currency) AS currency
FROM invoice_header AS i
JOIN invoice_part AS p ON p.invoice_no = i.invoice_no
UNION ALL
SELECT i.known_no, i.sign, i.invoice_no, CAST(NULL AS BIGINT) AS invoice_line, i.order_no, i.account, i.deal, i.person,
  i.day, i.status, i.document, i.due_on, CAST(NULL AS BIGINT) AS product, CAST(NULL AS BIGINT) AS quantity_e4,
  CAST(NULL AS BIGINT) AS unit_price_minor, CAST(NULL AS BIGINT) AS discount_bp, i.amount_minor,
  CAST(NULL AS BIGINT) AS cost_minor, i.currency
FROM invoice_header AS i
LEFT JOIN invoice_part AS p ON p.invoice_no = i.invoice_no
WHERE p.invoice_line IS NULL
