-- name: metrics/person_target
-- says: targets of people for won value in a period, from lines that lie wholly in it, and what they won in it
-- parameters: from_day, until_day, end_day, as_of_us, known_no
-- tables: target_effective, closing_credit
-- grain: person, currency
WITH promised AS (
  SELECT t.person, t.currency, CAST(sum(t.effective) AS BIGINT) AS target_minor
  FROM target_effective t
  WHERE t.metric = 'won_value' AND t.person IS NOT NULL AND t.unit = 'money'
    AND t.from_day >= :from_day AND t.to_day <= :until_day
  GROUP BY t.person, t.currency
),
won AS (
  SELECT c.person, c.currency, CAST(sum(c.sign * c.amount_minor) AS BIGINT) AS actual_minor
  FROM closing_credit c
  WHERE c.known_no <= :known_no AND c.eff_us <= :as_of_us AND c.outcome = 'won' AND c.kind = 'revenue'
    AND coalesce(c.close_on, c.eff_day) >= :from_day AND coalesce(c.close_on, c.eff_day) < :end_day
  GROUP BY c.person, c.currency
)
SELECT promised.person AS owner, promised.person, promised.currency, promised.target_minor,
  coalesce(won.actual_minor, 0) AS actual_minor,
  CASE WHEN coalesce(won.actual_minor, 0) >= promised.target_minor THEN 1 ELSE 0 END AS reached, 1 AS sign
FROM promised
LEFT JOIN won ON won.person = promised.person AND won.currency = promised.currency
