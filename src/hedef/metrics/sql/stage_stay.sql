-- name: metrics/stage_stay
-- says: stays in an open stage that ended in these days
-- parameters: as_of_us, from_day, end_day
-- tables: stage_visit
-- grain: deal, visit_no
SELECT v.deal, v.owner, v.currency, v.process, v.stage, v.entered_day, v.left_day, v.left_to,
  idiv(v.left_us - v.entered_us, 1000000) AS seconds, 1 AS sign
FROM stage_visit v
WHERE v.left_day >= :from_day AND v.left_day < :end_day AND v.left_us <= :as_of_us AND v.status = 'open'
