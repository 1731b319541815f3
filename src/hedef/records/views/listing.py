"""A list of records as a table that leaves Hedef: all of them in the viewer's scope, not only those of the page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hedef.call import Call
from hedef.exports.sheet import Cell, Column, Sheet
from hedef.kernel.ids import spell
from hedef.kernel.trust import UNKNOWN
from hedef.records.engine.kinds import KINDS
from hedef.records.views.shown import label, own_fields
from hedef.web.files import head_of

_HIDDEN = ("extra", "created_us")


def sheet(
    call: Call, kind: str, title: str, rows: Sequence[Mapping[str, Any]], names: Mapping[tuple[str, int], str]
) -> Sheet:
    """Every field of a kind, references by number and name; columns of the company's own stand behind them."""
    fields = [one for one in KINDS[kind].fields if one.name not in _HIDDEN and not one.name.endswith("_us")]
    own = sorted({name for row in rows for name, _text in own_fields(row.get("extra"))})
    columns = [Column("id"), *(Column(one.name, title=label(kind, one.name)) for one in fields)]
    columns += [Column(f"own_{place}", title=name) for place, name in enumerate(own, start=1)]
    told: list[list[Cell]] = []
    for row in rows:
        said = dict(own_fields(row.get("extra")))
        cells = [_cell(row[one.name], one.refers, names) for one in fields]
        told.append([spell(kind, row["entity"]), *cells, *(said.get(name) for name in own)])
    head = replace(head_of(call, UNKNOWN), level="", trust="")  # records as they stand: nothing was computed
    return Sheet(f"{kind}-list", title, columns, told, head)


def _cell(value: Any, refers: str | None, names: Mapping[tuple[str, int], str]) -> Cell:
    if value is None:
        return None
    if refers:
        number = spell(refers, value)
        name = names.get((refers, value), number)
        return number if name == number else f"{number} {name}"
    return str(value)
