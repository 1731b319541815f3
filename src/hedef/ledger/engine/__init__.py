"""Pure parts of the ledger: what a change is, how changes fold to a state, how blocks are written and digested."""

from hedef.ledger.engine.blocks import (
    JSON_ROWS,
    STANDARD,
    Block,
    batch_digest,
    blank,
    decode,
    encode,
    fields_of,
    header_bytes,
    kind_of,
    owners_of,
    sha256,
    voided_batches,
    words_digest_of,
)
from hedef.ledger.engine.changes import PENDING, BatchLine, Change, State, alive, changes_of, fold, in_order

__all__ = [
    "JSON_ROWS",
    "PENDING",
    "STANDARD",
    "BatchLine",
    "Block",
    "Change",
    "State",
    "alive",
    "batch_digest",
    "blank",
    "changes_of",
    "decode",
    "encode",
    "fields_of",
    "fold",
    "header_bytes",
    "in_order",
    "kind_of",
    "owners_of",
    "sha256",
    "voided_batches",
    "words_digest_of",
]
