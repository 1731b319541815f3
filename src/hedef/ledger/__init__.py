"""The ledger: append-only changes in sealed batches, the only truth of a data folder."""
