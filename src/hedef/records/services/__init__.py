"""Write verbs of the records; everything goes through the ledger."""
