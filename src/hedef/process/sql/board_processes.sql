-- name: process/board_processes
-- says: how many deals are open in each process at an instant
-- parameters: as_of_us, known_no, everything, owners
-- tables: deal_delta
-- grain: process
SELECT coalesce(d.process, '') AS process, sum(d.n) AS deals
FROM deal_delta d
WHERE d.known_no <= :known_no AND d.eff_us <= :as_of_us AND d.status IN ('open', 'hold')
  AND (:everything = 1 OR d.owner IN (SELECT unnest(:owners)))
GROUP BY coalesce(d.process, '')
HAVING sum(d.n) > 0
ORDER BY process
