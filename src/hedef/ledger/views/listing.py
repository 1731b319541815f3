"""The list of batches as a table that leaves Hedef."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from hedef.exports.sheet import Column, Sheet
from hedef.kernel.trust import UNKNOWN
from hedef.web.files import head_of
from hedef.web.pages import Call

MOST = 100_000  # batches in one file; the days of the filter cut longer lists
_COLUMNS = ("batch", "seal_no", "recorded_at", "kind", "source", "actor", "object", "changes", "undone_by", "reason")


def sheet(call: Call, rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """Every batch that the filter found, newest first."""
    columns = [Column(name, "integer" if name in ("seal_no", "changes") else "text") for name in _COLUMNS]
    head = replace(head_of(call, UNKNOWN), level="", trust="")  # a list of what was written rests on no check
    return Sheet("batches", _("Ledger"), columns, [[one[name] for name in _COLUMNS] for one in rows], head)
