-- name: process/stale
-- says: open deals that stay longer in their stage than its limit, or nearly so, with the days of the stage's clock
-- parameters: as_of_us, as_of_day, known_no, everything, owners, process
-- tables: deal_delta, stage_visit, stage
-- grain: deal
WITH standing AS (
  SELECT d.deal, d.stage, d.owner, d.currency, d.close_on, sum(d.amount_minor) AS amount_minor
  FROM deal_delta d
  WHERE d.known_no <= :known_no AND d.eff_us <= :as_of_us AND d.status = 'open' AND d.process = :process
    AND (:everything = 1 OR d.owner IN (SELECT unnest(:owners)))
  GROUP BY d.deal, d.stage, d.status, d.owner, d.category, d.close_on, d.currency, d.probability_bp
  HAVING sum(d.n) > 0
),
aged AS (
  SELECT t.deal, t.stage, t.owner, t.currency, t.amount_minor, t.close_on, v.entered_day, s.limit_days, s.warn_days,
    s.clock, CASE WHEN s.clock = 'working' THEN working_days_between(v.entered_day, :as_of_day)
      ELSE days_between(v.entered_day, :as_of_day) END AS days
  FROM standing t
  JOIN stage s ON s.process = :process AND s.stage = t.stage AND (s.from_day IS NULL OR s.from_day <= :as_of_day)
    AND (s.to_day IS NULL OR :as_of_day < s.to_day)
  JOIN stage_visit v ON v.deal = t.deal AND v.stage = t.stage AND v.process = :process AND v.entered_us <= :as_of_us
    AND (v.left_us IS NULL OR v.left_us > :as_of_us)
  WHERE s.limit_days IS NOT NULL
)
SELECT a.deal, a.stage, a.owner, a.currency, a.amount_minor, a.close_on, a.entered_day, a.limit_days, a.warn_days,
  a.clock, a.days
FROM aged a
WHERE a.days > a.limit_days OR a.days >= a.warn_days
ORDER BY a.amount_minor DESC, a.deal
