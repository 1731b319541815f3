-- name: metrics/first_win
-- says: won deals with a close date in these days, with the day of the first deal that their account ever won
-- parameters: as_of_us, known_no, from_day, end_day
-- tables: closing, deal_now
-- grain: deal, eff_us, sign
WITH won AS (
  SELECT c.deal, d.account, c.owner, c.currency, coalesce(c.close_on, c.eff_day) AS close_on, c.amount_minor,
    d.recurring_minor AS monthly_minor, c.sign
  FROM closing c
  LEFT JOIN deal_now d ON d.deal = c.deal
  WHERE c.outcome = 'won' AND c.known_no <= :known_no AND c.eff_us <= :as_of_us
),
standing AS (
  SELECT won.deal, won.account, won.close_on FROM won
  GROUP BY won.deal, won.account, won.close_on
  HAVING sum(won.sign) > 0
),
first_of AS (
  SELECT standing.account, min(standing.close_on) AS first_on FROM standing
  WHERE standing.account IS NOT NULL
  GROUP BY standing.account
)
SELECT won.deal, won.account, won.owner, won.currency, won.close_on, won.amount_minor, won.monthly_minor,
  first_of.first_on, won.sign
FROM won
LEFT JOIN first_of ON first_of.account = won.account
WHERE won.close_on >= :from_day AND won.close_on < :end_day
