-- name: metrics/lead_response
-- says: assigned leads with the minutes of working days from assignment to the first completed outgoing activity, or to
--   now where nobody answered; due: the limit for it has passed
-- parameters: as_of_us, as_of_day
-- tables: lead_now, activity
-- grain: lead
WITH touch AS (
  SELECT l.lead, min(a.done_us) AS done_us, min(a.done_day) AS done_day
  FROM lead_now l
  JOIN activity a ON a.lead = l.lead
  WHERE a.direction = 'out' AND a.done_us <= :as_of_us AND a.done_us >= l.assigned_us
  GROUP BY l.lead
),
answer AS (
  SELECT l.lead, l.owner, l.source, l.assigned_us, l.assigned_day, l.touch_due_us,
    CASE WHEN touch.done_us IS NOT NULL THEN touch.done_us
      WHEN l.first_touch_us <= :as_of_us THEN l.first_touch_us END AS touched_us,
    CASE WHEN touch.done_us IS NOT NULL THEN touch.done_day
      WHEN l.first_touch_us <= :as_of_us THEN l.first_touch_day END AS touched_day
  FROM lead_now l
  LEFT JOIN touch ON touch.lead = l.lead
  WHERE l.assigned_us <= :as_of_us
),
counted AS (
  SELECT answer.lead, answer.owner, answer.source, answer.assigned_day, answer.touched_us, answer.touched_day,
    answer.touch_due_us,
    idiv(coalesce(answer.touched_us, :as_of_us) - answer.assigned_us, 60000000)
      - 1440 * (days_between(answer.assigned_day, coalesce(answer.touched_day, :as_of_day))
        - working_days_between(answer.assigned_day, coalesce(answer.touched_day, :as_of_day))) AS minutes
  FROM answer
)
SELECT counted.lead, counted.owner, counted.source, counted.assigned_day, counted.touched_day,
  CASE WHEN counted.touched_us IS NULL THEN 0 ELSE 1 END AS answered,
  CASE WHEN counted.touch_due_us <= :as_of_us THEN 1 ELSE 0 END AS due,
  CASE WHEN counted.touched_us <= counted.touch_due_us THEN 1 ELSE 0 END AS in_time,
  CASE WHEN counted.minutes < 0 THEN 0 ELSE counted.minutes END AS minutes, 1 AS sign
FROM counted
