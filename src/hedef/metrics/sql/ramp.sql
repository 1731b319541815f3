-- name: metrics/ramp
-- says: people by their first day, with the day after the first whole month in which they won their unramped target
-- parameters: as_of_us, as_of_day, known_no
-- tables: target_effective, closing_credit, person_now
-- grain: person
WITH month AS (
  SELECT t.person, t.currency, t.from_day AS month_start, t.to_day AS month_end, CAST(sum(t.full) AS BIGINT) AS full_minor
  FROM target_effective t
  WHERE t.metric = 'won_value' AND t.person IS NOT NULL AND t.unit = 'money' AND t.to_day <= :as_of_day
  GROUP BY t.person, t.currency, t.from_day, t.to_day
),
earned AS (
  SELECT month.person, month.month_start, month.month_end, month.full_minor, sum(c.sign * c.amount_minor) AS won_minor
  FROM month
  JOIN closing_credit c ON c.person = month.person AND c.currency = month.currency
  WHERE c.known_no <= :known_no AND c.eff_us <= :as_of_us AND c.outcome = 'won' AND c.kind = 'revenue'
    AND coalesce(c.close_on, c.eff_day) >= month.month_start
    AND coalesce(c.close_on, c.eff_day) < month.month_end
  GROUP BY month.person, month.month_start, month.month_end, month.full_minor
),
arrived AS (
  SELECT earned.person, min(earned.month_end) AS after_day
  FROM earned
  JOIN person_now p ON p.person = earned.person
  WHERE earned.won_minor >= earned.full_minor AND earned.month_start >= p.hired_on
  GROUP BY earned.person
)
SELECT p.person AS owner, p.person, p.hired_on, arrived.after_day AS reached_on,
  days_between(p.hired_on, arrived.after_day) - 1 AS days,
  1 AS sign
FROM person_now p
LEFT JOIN arrived ON arrived.person = p.person
WHERE p.hired_on <= :as_of_day
