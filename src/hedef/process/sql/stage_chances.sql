-- name: process/stage_chances
-- says: of each stage, deals that had reached it and were decided, and won, between two days
-- parameters: as_of_day, from_day, process
-- tables: stage_rate
-- grain: stage
SELECT r.stage, sum(r.won) AS won, sum(r.decided) AS decided
FROM stage_rate r
WHERE r.process = :process AND r.day > :from_day AND r.day <= :as_of_day
GROUP BY r.stage
ORDER BY r.stage
