-- name: process/deal_visits
-- says: the stays of one deal up to an instant, in order, with their days so far
-- parameters: as_of_us, as_of_day, deal
-- tables: stage_visit
-- grain: visit_no
SELECT v.visit_no, v.entry_no, v.process, v.stage, v.entered_us, v.entered_day,
  CASE WHEN v.left_us <= :as_of_us THEN v.left_us ELSE NULL END AS left_us,
  CASE WHEN v.left_us <= :as_of_us THEN v.left_day ELSE NULL END AS left_day,
  days_between(v.entered_day, CASE WHEN v.left_us <= :as_of_us THEN v.left_day ELSE :as_of_day END) AS days,
  working_days_between(v.entered_day, CASE WHEN v.left_us <= :as_of_us THEN v.left_day ELSE :as_of_day END)
    AS working_days
FROM stage_visit v
WHERE v.deal = CAST(:deal AS BIGINT) AND v.entered_us <= :as_of_us
ORDER BY v.visit_no
