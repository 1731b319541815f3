-- name: process/conformance
-- says: what became of exit criteria at forward exits since a day, by criterion, person and result
-- parameters: as_of_us, from_day, known_no, process
-- tables: exit_check
-- grain: stage, criterion, owner, result
SELECT e.stage, e.criterion, e.owner, e.result, sum(e.sign) AS n
FROM exit_check e
WHERE e.known_no <= :known_no AND e.eff_us <= :as_of_us AND e.process = :process AND e.left_day >= :from_day
GROUP BY e.stage, e.criterion, e.owner, e.result
HAVING sum(e.sign) <> 0
ORDER BY e.stage, e.criterion, e.owner, e.result
