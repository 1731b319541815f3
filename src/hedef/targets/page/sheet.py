"""The board as a table that leaves Hedef: the keys of its JSON, one row a scope."""

from decimal import Decimal
from typing import Any

from hedef.exports.sheet import Cell, Column, Head, Kind, Sheet
from hedef.targets.queries import Scoreboard

_NUMBERS = ("target", "original_target", "actual", "expected", "gap", "needed_per_day", "projection")
_RATIOS = ("attainment", "pace", "points_to_pace")
COLUMNS = (
    "scope",
    "name",
    "parent",
    "target",
    "original_target",
    "actual",
    "attainment",
    "expected",
    "pace",
    "points_to_pace",
    "gap",
    "needed_per_day",
    "projection",
    "band",
    "notes",
    "row_trust",
)


def sheet(board: Scoreboard, head: Head, *, title: str) -> Sheet:
    """The total, then the rows in the order of the board."""
    told = board.as_json()
    before = [told["plan"], told["metric"], told["currency"], told["period"]["id"], told["as_of"]]
    money: Kind = "money" if told["unit"] == "money" else "decimal"
    kinds: dict[str, Kind] = dict.fromkeys(_NUMBERS, money) | dict.fromkeys(_RATIOS, "ratio")
    names = ["plan", "metric", "currency", "period", "as_of"]
    columns = [Column(name) for name in names]
    columns += [Column(name, kinds.get(name, "text"), currency_of="currency") for name in COLUMNS]
    rows = [[*before, *(_cell(row, name, kinds) for name in COLUMNS)] for row in (told["total"], *told["rows"])]
    return Sheet(f"board-{board.plan}-{board.asked.period.id}", title, columns, rows, head)


def _cell(row: dict[str, Any], name: str, kinds: dict[str, Kind]) -> Cell:
    value = row["trust"]["level"] if name == "row_trust" else row[name]
    if value is None:
        return None
    if name == "notes":
        return " ".join(value) or None
    return Decimal(str(value)) if name in kinds else str(value)
