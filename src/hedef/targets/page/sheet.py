"""The board as a table that leaves Hedef: the keys of its JSON, one row a scope."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from hedef.exports.sheet import Bar, Cell, Column, Head, Kind, Sheet
from hedef.kernel.money import exponent, fraction_text
from hedef.targets.engine.units import from_steps
from hedef.targets.queries import Scoreboard

type Say = Callable[[Fraction | None, str, str | None], str]


def plain_say(value: Fraction | None, unit: str, currency: str | None) -> str:
    """A number as programs write it: decimal point, no grouping; shares in per cent."""
    if value is None:
        return "–"
    if unit in {"ratio", "points"}:
        return f"{fraction_text(value * 100, 1)} %"
    return str(step_text(value, unit, currency))


def step_text(value: Fraction, unit: str, currency: str | None) -> str:
    """Money with the decimals of its currency, counts as they are."""
    if unit == "money":
        return fraction_text(value, exponent(currency or "")) or "–"
    return fraction_text(value, 0 if value.denominator == 1 else 2) or "–"


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


def picture_sheet(board: Scoreboard, head: Head, *, title: str, say: Say = plain_say) -> Sheet:
    """The board as people look at it on paper: rows indented as in the tree, bars with the pin, the company last.

    `say` writes a number of a unit in the reader's language.
    """
    unit, currency = board.metric.unit, board.currency
    names = [_("Team, person"), _("Target"), _("Actual"), _("Attainment"), _("vs pace"), _("Needed per working day")]
    columns = [Column(f"c{place}", "text" if place == 0 else "decimal", name) for place, name in enumerate(names)]
    depth: dict[str | None, int] = {"company": -1}
    rows: list[list[Cell]] = []
    bars: list[Bar] = []
    for row in (*board.rows, board.total):
        depth[row.scope] = depth.get(row.parent, -1) + 1
        standing = row.standing
        name = _("Company") if row.scope == "company" else board.names.get(row.scope, row.scope.partition(":")[2])
        indent = "\u2003" * (0 if row.scope == "company" else depth[row.scope])
        major = {
            key: None if value is None else from_steps(value, unit, currency)
            for key, value in (
                ("target", standing.target),
                ("actual", standing.actual),
                ("needed", standing.needed_per_day),
            )
        }
        rows.append(
            [
                indent + (name or _("No owner or team")),
                say(major["target"], unit, currency),
                say(major["actual"], unit, currency),
                say(standing.attainment, "ratio", None),
                say(standing.points_to_pace, "points", None),
                say(major["needed"], unit, currency),
            ]
        )
        due = standing.expected / Fraction(standing.target) if standing.expected and standing.target else None
        bars.append(Bar(standing.attainment, due, strong=not row.scope.startswith("person:")))
    return Sheet(f"board-{board.plan}-{board.asked.period.id}", title, columns, rows, head, bars=bars, bar_after=3)
