-- name: process/deal_activities
-- says: activities that were done on a deal since an instant, by kind
-- parameters: as_of_us, since_us, deal
-- tables: activity
-- grain: kind
SELECT a.kind, count(*) AS n
FROM activity a
WHERE a.deal = CAST(:deal AS BIGINT) AND a.done_us IS NOT NULL AND a.done_us >= :since_us AND a.done_us <= :as_of_us
GROUP BY a.kind
ORDER BY a.kind
