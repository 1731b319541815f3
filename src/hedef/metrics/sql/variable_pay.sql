-- name: metrics/variable_pay
-- says: variable pay of people in a period
-- parameters: from_day, end_day
-- inputs: pay_entry(person BIGINT, period_start DATE, kind VARCHAR, currency VARCHAR, amount_minor BIGINT)
-- tables: pay_entry
-- grain: person, kind
SELECT p.person, p.person AS owner, p.currency, p.kind, p.amount_minor, 1 AS sign
FROM pay_entry p
WHERE p.period_start >= :from_day AND p.period_start < :end_day AND p.kind <> 'salary'
