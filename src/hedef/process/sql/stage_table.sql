-- name: process/stage_table
-- says: of each stage of the version in force, deals entered and reached, decided and won of those, open and late ones
-- parameters: as_of_us, as_of_day, known_no, process
-- tables: stage_visit, stage, closing
-- grain: stage
WITH visit AS (
  SELECT v.deal, s.stands_for AS stage, s.category, s.order_no, v.entered_day, v.left_us
  FROM stage_visit v
  JOIN stage s ON s.process = v.process AND s.stage = v.stage
  WHERE v.process = :process AND v.entered_us <= :as_of_us
    AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
),
current_stage AS (
  SELECT s.stage, s.category, s.order_no, s.limit_days, s.warn_days, s.clock
  FROM stage s
  WHERE s.process = :process AND (s.from_day IS NULL OR s.from_day <= :as_of_day)
    AND (s.to_day IS NULL OR :as_of_day < s.to_day)
),
way AS (
  SELECT visit.deal, max(current_stage.order_no) AS furthest
  FROM visit JOIN current_stage ON current_stage.stage = visit.stage
  WHERE current_stage.category = 'open'
  GROUP BY visit.deal
),
ended AS (
  SELECT c.deal, max(c.outcome) AS outcome
  FROM (
    SELECT closing.deal, closing.outcome, sum(closing.sign) AS n
    FROM closing
    WHERE closing.known_no <= :known_no AND closing.eff_us <= :as_of_us AND closing.process = :process
    GROUP BY closing.deal, closing.outcome
  ) c
  WHERE c.n > 0
  GROUP BY c.deal
),
reached AS (
  SELECT current_stage.stage, way.deal, ended.outcome
  FROM way
  LEFT JOIN ended ON ended.deal = way.deal
  JOIN current_stage ON current_stage.category = 'open'
    AND (current_stage.order_no <= way.furthest OR ended.outcome = 'won')
),
reached_sum AS (
  SELECT reached.stage, count(*) AS reached,
    sum(CASE WHEN reached.outcome IS NOT NULL THEN 1 ELSE 0 END) AS decided,
    sum(CASE WHEN reached.outcome = 'won' THEN 1 ELSE 0 END) AS won
  FROM reached
  GROUP BY reached.stage
),
visit_sum AS (
  SELECT visit.stage, count(DISTINCT visit.deal) AS entered, max(visit.entered_day) AS last_entered,
    sum(CASE WHEN visit.left_us IS NULL OR visit.left_us > :as_of_us THEN 1 ELSE 0 END) AS standing,
    sum(CASE WHEN (visit.left_us IS NULL OR visit.left_us > :as_of_us)
      AND CASE WHEN current_stage.clock = 'working' THEN working_days_between(visit.entered_day, :as_of_day)
        ELSE days_between(visit.entered_day, :as_of_day) END > current_stage.limit_days THEN 1 ELSE 0 END) AS over_limit,
    sum(CASE WHEN (visit.left_us IS NULL OR visit.left_us > :as_of_us)
      AND CASE WHEN current_stage.clock = 'working' THEN working_days_between(visit.entered_day, :as_of_day)
        ELSE days_between(visit.entered_day, :as_of_day) END BETWEEN current_stage.warn_days
        AND current_stage.limit_days THEN 1 ELSE 0 END) AS near_limit
  FROM visit JOIN current_stage ON current_stage.stage = visit.stage
  GROUP BY visit.stage
)
SELECT current_stage.stage, current_stage.category, current_stage.order_no, current_stage.limit_days,
  coalesce(visit_sum.entered, 0) AS entered, coalesce(reached_sum.reached, 0) AS reached,
  coalesce(reached_sum.decided, 0) AS decided, coalesce(reached_sum.won, 0) AS won,
  coalesce(visit_sum.standing, 0) AS standing, coalesce(visit_sum.over_limit, 0) AS over_limit,
  coalesce(visit_sum.near_limit, 0) AS near_limit, visit_sum.last_entered, current_stage.clock
FROM current_stage
LEFT JOIN visit_sum ON visit_sum.stage = current_stage.stage
LEFT JOIN reached_sum ON reached_sum.stage = current_stage.stage
ORDER BY current_stage.order_no, current_stage.stage
