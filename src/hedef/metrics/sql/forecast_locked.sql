-- name: metrics/forecast_locked
-- says: the locked forecasts of a period, newest run of each horizon
-- parameters: from_day
-- inputs: forecast_value(run BIGINT, person BIGINT, period_start DATE, horizon INTEGER, currency VARCHAR, amount_minor BIGINT)
-- tables: forecast_value
-- grain: run, person, horizon
SELECT f.run AS forecast, f.person AS owner, f.currency, f.horizon, f.amount_minor, 1 AS sign
FROM forecast_value f
WHERE f.period_start = :from_day
