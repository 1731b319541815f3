"""Pages of the ledger: who changed what, and what can be done to it."""

from hedef.ledger.views.acts import change, erase, split, undo
from hedef.ledger.views.browse import batch, batches, entity

__all__ = ["batch", "batches", "change", "entity", "erase", "split", "undo"]
