-- name: metrics/stage_step
-- says: deals that reached an open stage (entered it or a later one, or were won) in these days, with the day on which
--   they reached a later one. Deals that were never seen open are in no stage.
-- parameters: as_of_us, known_no, from_day, end_day
-- tables: stage_visit, stage, closing
-- grain: deal, process, stage
WITH open_stage AS (
  SELECT s.process, s.stage, max(s.order_no) AS order_no
  FROM stage s
  WHERE s.category = 'open'
  GROUP BY s.process, s.stage
),
visited AS (
  SELECT v.deal, v.process, o.order_no, v.entered_us AS at_us, v.entered_day AS at_day, v.owner, v.currency
  FROM stage_visit v
  JOIN open_stage o ON o.process = v.process AND o.stage = v.stage
  WHERE v.entered_us <= :as_of_us
),
won AS (
  SELECT c.deal, c.process, c.eff_us, c.eff_day, c.owner, c.currency
  FROM closing c
  WHERE c.outcome = 'won' AND c.known_no <= :known_no AND c.eff_us <= :as_of_us
  GROUP BY c.deal, c.process, c.eff_us, c.eff_day, c.owner, c.currency
  HAVING sum(c.sign) > 0
),
mark AS (
  SELECT visited.deal, visited.process, visited.order_no, visited.at_us, visited.at_day, visited.owner,
    visited.currency
  FROM visited
  UNION ALL
  SELECT won.deal, won.process, 1000000 AS order_no, won.eff_us AS at_us, won.eff_day AS at_day, won.owner, won.currency
  FROM won
  JOIN (SELECT DISTINCT visited.deal FROM visited) seen ON seen.deal = won.deal
),
reached AS (
  SELECT m.deal, o.process, o.stage, m.at_day, m.owner, m.currency,
    row_number() OVER (PARTITION BY m.deal, o.process, o.stage ORDER BY m.at_us, m.order_no) AS place
  FROM mark m
  JOIN open_stage o ON o.process = m.process AND m.order_no >= o.order_no
),
further AS (
  SELECT m.deal, o.process, o.stage, min(m.at_day) AS next_day
  FROM mark m
  JOIN open_stage o ON o.process = m.process AND m.order_no > o.order_no
  GROUP BY m.deal, o.process, o.stage
)
SELECT reached.deal, reached.owner, reached.currency, reached.process, reached.stage, reached.at_day AS reached_day,
  further.next_day, 1 AS sign
FROM reached
LEFT JOIN further ON further.deal = reached.deal AND further.process = reached.process AND further.stage = reached.stage
WHERE reached.place = 1 AND reached.at_day >= :from_day AND reached.at_day < :end_day
