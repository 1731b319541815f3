-- name: metrics/won_cycle
-- says: closings won, with the day on which the deal first stood in an open stage (null: never seen open)
-- parameters: as_of_us, known_no
-- tables: closing, stage_visit
-- grain: deal, eff_us, sign
SELECT c.deal, c.process, c.owner, c.currency, c.close_on, opened.opened_on, c.sign
FROM closing c
LEFT JOIN (
  SELECT v.deal, min(v.entered_day) AS opened_on
  FROM stage_visit v
  WHERE v.entered_us <= :as_of_us AND v.status = 'open'
  GROUP BY v.deal
) opened ON opened.deal = c.deal
WHERE c.outcome = 'won' AND c.known_no <= :known_no AND c.eff_us <= :as_of_us
