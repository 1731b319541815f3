-- name: facts/view_deal_change
-- says: change sets of deals that count, with the fields they name (null elsewhere; mask says which are set)
-- columns: known_no, sign, seal_no, ord, eff_us, eff_day, deal, act, mask and the tracked fields
-- grain: deal, seal_no, ord
SELECT known_no, sign, seal_no, ord, eff_us, eff_day, entity AS deal, act, mask, account, process, stage, status, owner,
  category, close_on, currency, probability_bp, amount_minor, recurring_minor, recurring_months, deal_type, source,
  lost_reason, competitor
FROM change_deal
WHERE act <> 'void'
