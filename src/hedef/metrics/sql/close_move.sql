-- name: metrics/close_move
-- says: changes of the expected close of open deals in these days, with how many months later it lies (0: same month)
-- parameters: as_of_us, known_no, from_day, end_day
-- tables: deal_delta, calendar
-- grain: deal, eff_us
WITH moved AS (
  SELECT t.deal, t.eff_us, t.eff_day, t.close_on, t.owner, t.currency, sum(t.n) AS n
  FROM deal_delta t
  WHERE t.known_no <= :known_no AND t.eff_us <= :as_of_us AND t.eff_day >= :from_day AND t.eff_day < :end_day
    AND t.status = 'open' AND t.close_on IS NOT NULL
  GROUP BY t.deal, t.eff_us, t.eff_day, t.close_on, t.owner, t.currency
  HAVING sum(t.n) <> 0
),
was AS (
  SELECT moved.deal, moved.eff_us, min(moved.close_on) AS close_on FROM moved
  WHERE moved.n < 0
  GROUP BY moved.deal, moved.eff_us
)
SELECT moved.deal, moved.owner, moved.currency, moved.close_on, moved.eff_day AS moved_day, was.close_on AS before,
  b.month_index - a.month_index AS months, 1 AS sign
FROM moved
JOIN was ON was.deal = moved.deal AND was.eff_us = moved.eff_us
JOIN calendar a ON a.day = was.close_on
JOIN calendar b ON b.day = moved.close_on
WHERE moved.n > 0 AND moved.close_on <> was.close_on
