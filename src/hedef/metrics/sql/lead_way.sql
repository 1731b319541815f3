-- name: metrics/lead_way
-- says: leads (merged ones count once) with the first day on which each reached a step
-- parameters: as_of_us, known_no
-- tables: lead_now, lead_event, closing
-- grain: lead
WITH event AS (
  SELECT e.lead,
    min(CASE WHEN e.stage IN ('mql', 'marketing_qualified') THEN e.eff_day END) AS mql_day,
    min(CASE WHEN e.stage IN ('sql', 'sales_qualified', 'qualified') OR e.event IN ('accepted', 'converted')
      THEN e.eff_day END) AS sql_day
  FROM lead_event e
  WHERE e.eff_us <= :as_of_us
  GROUP BY e.lead
),
won AS (
  SELECT c.deal, min(coalesce(c.close_on, c.eff_day)) AS won_day FROM closing c
  WHERE c.outcome = 'won' AND c.known_no <= :known_no AND c.eff_us <= :as_of_us
  GROUP BY c.deal
  HAVING sum(c.sign) > 0
)
SELECT l.lead, l.owner, l.source, l.created_day, event.sql_day AS qualified_day,
  coalesce(event.mql_day, event.sql_day) AS mql_day, event.sql_day,
  CASE WHEN l.converted_us <= :as_of_us THEN l.converted_day END AS opportunity_day, won.won_day,
  CASE WHEN l.rejected_us <= :as_of_us THEN l.rejected_day END AS rejected_day, l.reject_reason, 1 AS sign
FROM lead_now l
LEFT JOIN event ON event.lead = l.lead
LEFT JOIN won ON won.deal = l.converted_deal
WHERE l.created_us <= :as_of_us
