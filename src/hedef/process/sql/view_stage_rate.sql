-- name: process/view_stage_rate
-- says: of each open stage and day, deals that had reached it and were won or decided on it, and the stage's chance
-- grain: process, stage, day
WITH rule AS (
  SELECT s.process, s.stage, s.order_no, s.probability_from, s.probability_bp
  FROM stage s WHERE s.to_day IS NULL AND s.category = 'open'
),
ended AS (
  SELECT c.deal, c.process, c.eff_us, c.eff_day AS day, c.sign, CASE WHEN c.outcome = 'won' THEN c.sign ELSE 0 END AS won,
    CASE WHEN c.outcome = 'won' THEN 1 ELSE 0 END AS is_won
  FROM closing c
),
way AS (
  SELECT e.deal, e.eff_us, e.day, e.sign, e.won, e.is_won, v.process, max(r.order_no) AS furthest
  FROM ended e
  JOIN stage_visit v ON v.deal = e.deal AND v.process = e.process AND v.entered_us < e.eff_us + CASE WHEN e.sign > 0 THEN 1 ELSE 0 END
  JOIN stage s ON s.process = v.process AND s.stage = v.stage
    AND (s.from_day IS NULL OR s.from_day <= v.entered_day) AND (s.to_day IS NULL OR v.entered_day < s.to_day)
  JOIN rule r ON r.process = v.process AND r.stage = s.stands_for
  WHERE s.category = 'open'
  GROUP BY e.deal, e.eff_us, e.day, e.sign, e.won, e.is_won, v.process
),
daily AS (
  SELECT r.process, r.stage, w.day, sum(w.won) AS won, sum(w.sign) AS decided
  FROM way w
  JOIN rule r ON r.process = w.process AND (r.order_no <= w.furthest OR w.is_won = 1)
  GROUP BY r.process, r.stage, w.day
),
company AS (
  SELECT e.day, sum(e.won) AS won, sum(e.sign) AS decided FROM ended e GROUP BY e.day
),
base AS (
  SELECT d.day, sum(c.won) AS won, sum(c.decided) AS decided
  FROM (SELECT DISTINCT daily.day FROM daily) d
  JOIN company c ON c.day <= d.day AND days_between(c.day, d.day) < 365
  GROUP BY d.day
),
year_before AS (
  SELECT d.process, d.stage, d.day, d.won, d.decided, sum(p.won) AS year_won, sum(p.decided) AS year_decided
  FROM daily d
  JOIN daily p ON p.process = d.process AND p.stage = d.stage AND p.day <= d.day AND days_between(p.day, d.day) < 365
  GROUP BY d.process, d.stage, d.day, d.won, d.decided
)
SELECT CAST(0 AS BIGINT) AS known_no, CAST(1 AS INTEGER) AS sign, y.process, y.stage, y.day,
  CAST(y.won AS BIGINT) AS won, CAST(y.decided AS BIGINT) AS decided,
  CAST(CASE WHEN r.probability_from = 'fixed' THEN r.probability_bp
    WHEN b.decided <= 0 OR y.year_decided < 0 THEN r.probability_bp
    ELSE idiv(20000 * (y.year_won * b.decided + 20 * b.won) + b.decided * (y.year_decided + 20),
      2 * b.decided * (y.year_decided + 20)) END AS BIGINT) AS probability_bp
FROM year_before y
JOIN rule r ON r.process = y.process AND r.stage = y.stage
JOIN base b ON b.day = y.day
