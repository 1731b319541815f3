-- name: process/board_open
-- says: every open deal of a process as it stands at an instant, and how long it has stood in its stage
-- parameters: as_of_us, as_of_day, known_no, everything, owners, process
-- tables: deal_delta, stage_visit
-- grain: deal
WITH standing AS (
  SELECT d.deal, d.process, d.stage, d.status, d.owner, d.currency, d.close_on, sum(d.amount_minor) AS amount_minor,
    sum(CASE WHEN d.amount_minor IS NULL THEN 0 ELSE d.n END) AS amounts
  FROM deal_delta d
  WHERE d.known_no <= :known_no AND d.eff_us <= :as_of_us AND d.status IN ('open', 'hold')
    AND coalesce(d.process, '') = :process
    AND (:everything = 1 OR d.owner IN (SELECT unnest(:owners)))
  GROUP BY d.deal, d.process, d.stage, d.status, d.owner, d.category, d.close_on, d.currency, d.probability_bp
  HAVING sum(d.n) > 0
)
SELECT s.deal, s.process, s.stage, s.status, s.owner, s.currency,
  CASE WHEN s.amounts > 0 THEN s.amount_minor ELSE NULL END AS amount_minor, s.close_on, v.entered_day,
  days_between(v.entered_day, :as_of_day) AS days,
  working_days_between(v.entered_day, :as_of_day) AS working_days
FROM standing s
LEFT JOIN stage_visit v ON v.deal = s.deal AND v.stage = s.stage AND coalesce(v.process, '') = :process
  AND v.entered_us <= :as_of_us AND (v.left_us IS NULL OR v.left_us > :as_of_us)
ORDER BY s.close_on, s.deal
