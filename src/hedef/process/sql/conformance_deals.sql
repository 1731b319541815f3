-- name: process/conformance_deals
-- says: the exits behind a number of conformance, newest first
-- parameters: as_of_us, from_day, known_no, process, stage, criterion, result
-- tables: exit_check
-- grain: deal, visit_no, criterion
SELECT e.deal, e.visit_no, e.stage, e.criterion, e.owner, e.left_day, e.result
FROM exit_check e
WHERE e.known_no <= :known_no AND e.eff_us <= :as_of_us AND e.process = :process AND e.left_day >= :from_day
  AND (:stage = '' OR e.stage = :stage) AND (:criterion = '' OR e.criterion = :criterion)
  AND (:result = '' OR e.result = :result)
GROUP BY e.deal, e.visit_no, e.stage, e.criterion, e.owner, e.left_day, e.result
HAVING sum(e.sign) > 0
ORDER BY e.left_day DESC, e.deal, e.visit_no, e.criterion
