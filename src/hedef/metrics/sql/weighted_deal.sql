-- name: metrics/weighted_deal
-- says: deals open at the end of a period with the chance of their stage on that day: of history, or as the process
--   fixes it
-- parameters: at_us, at_day, known_no
-- tables: deal_delta, stage, stage_rate
-- grain: deal
WITH standing AS (
  SELECT t.deal, t.owner, t.process, t.stage, t.currency,
    CASE WHEN sum(CASE WHEN t.amount_minor IS NULL THEN t.n ELSE 0 END) > 0 THEN NULL
      ELSE CAST(sum(t.amount_minor) AS BIGINT) END AS amount_minor
  FROM deal_delta t
  WHERE t.known_no <= :known_no AND t.eff_us <= :at_us AND t.status = 'open'
  GROUP BY t.deal, t.owner, t.process, t.stage, t.currency
  HAVING sum(t.n) > 0
),
rule AS (
  SELECT s.process, s.stage, max(s.probability_bp) AS probability_bp, max(s.probability_from) AS probability_from
  FROM stage s
  WHERE (s.from_day IS NULL OR s.from_day <= :at_day) AND (s.to_day IS NULL OR :at_day < s.to_day)
  GROUP BY s.process, s.stage
),
rated AS (
  SELECT r.process, r.stage, r.probability_bp,
    row_number() OVER (PARTITION BY r.process, r.stage ORDER BY r.day DESC) AS place
  FROM stage_rate r
  WHERE r.day <= :at_day
),
chance AS (
  SELECT rule.process, rule.stage,
    CASE WHEN rule.probability_from = 'fixed' THEN rule.probability_bp
      ELSE coalesce(rated.probability_bp, rule.probability_bp) END AS chance
  FROM rule
  LEFT JOIN rated ON rated.process = rule.process AND rated.stage = rule.stage AND rated.place = 1
)
SELECT standing.deal, standing.owner, standing.currency, standing.process, standing.stage, standing.amount_minor,
  chance.chance, idiv(standing.amount_minor * chance.chance + 5000, 10000) AS weighted_minor, 1 AS sign
FROM standing
LEFT JOIN chance ON chance.process = standing.process AND chance.stage = standing.stage
