-- name: metrics/open_deal
-- says: deals open at the end of a period, with when they were opened, how long they stand in their stage against its
--   limit, and the last completed activity
-- parameters: at_us, at_day, from_day, until_day, known_no
-- tables: deal_delta, stage_visit, stage, activity
-- grain: deal
WITH standing AS (
  SELECT t.deal, t.owner, t.process, t.stage, t.close_on, t.currency,
    CASE WHEN sum(CASE WHEN t.amount_minor IS NULL THEN t.n ELSE 0 END) > 0 THEN NULL
      ELSE CAST(sum(t.amount_minor) AS BIGINT) END AS amount_minor
  FROM deal_delta t
  WHERE t.known_no <= :known_no AND t.eff_us <= :at_us AND t.status = 'open'
  GROUP BY t.deal, t.owner, t.process, t.stage, t.close_on, t.currency
  HAVING sum(t.n) > 0
),
visit AS (
  SELECT v.deal, v.status, v.entered_day, v.entered_us,
    CASE WHEN v.left_us IS NULL OR v.left_us > :at_us THEN 1 ELSE 0 END AS here
  FROM stage_visit v
  WHERE v.entered_us <= :at_us
),
opened AS (
  SELECT visit.deal, min(CASE WHEN visit.status = 'open' THEN visit.entered_day END) AS opened_on,
    max(CASE WHEN visit.here = 1 THEN visit.entered_day END) AS entered_day
  FROM visit
  GROUP BY visit.deal
),
rule AS (
  SELECT s.process, s.stage, max(s.limit_days) AS limit_days, max(s.clock) AS clock
  FROM stage s
  WHERE (s.from_day IS NULL OR s.from_day <= :at_day) AND (s.to_day IS NULL OR :at_day < s.to_day)
  GROUP BY s.process, s.stage
),
done AS (
  SELECT a.deal, max(a.done_day) AS last_done FROM activity a
  WHERE a.done_us <= :at_us
  GROUP BY a.deal
)
SELECT standing.deal, standing.owner, standing.currency, standing.process, standing.stage, standing.close_on,
  opened.opened_on, :at_day AS at_day, :from_day AS from_day, :until_day AS until_day, opened.entered_day,
  done.last_done,
  CASE WHEN rule.limit_days IS NULL THEN 0
    WHEN rule.clock = 'working' AND working_days_between(opened.entered_day, :at_day) > rule.limit_days THEN 1
    WHEN rule.clock <> 'working' AND days_between(opened.entered_day, :at_day) > rule.limit_days THEN 1
    ELSE 0 END AS over_limit,
  standing.amount_minor, 1 AS sign
FROM standing
LEFT JOIN opened ON opened.deal = standing.deal
LEFT JOIN rule ON rule.process = standing.process AND rule.stage = standing.stage
LEFT JOIN done ON done.deal = standing.deal
