-- name: process/company_rate
-- says: deals of the company decided and won between two days, a reopening taken back
-- parameters: as_of_day, from_day, as_of_us, known_no
-- tables: closing
-- grain: one row
SELECT coalesce(sum(CASE WHEN c.outcome = 'won' THEN c.sign ELSE 0 END), 0) AS won, coalesce(sum(c.sign), 0) AS decided
FROM closing c
WHERE c.known_no <= :known_no AND c.eff_us <= :as_of_us AND c.eff_day > :from_day AND c.eff_day <= :as_of_day
