"""What a new version of a metric would change: old and new number side by side, and the rows that differ."""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from hedef.definitions.queries import Version, in_place, today, versions
from hedef.definitions.showing import Block, Cell, Viewer
from hedef.facts.queries import calendar, pin
from hedef.kernel.calendar import NoPeriod, Period
from hedef.kernel.errors import HedefError
from hedef.metrics.editor.preview import scope_word
from hedef.metrics.engine.cells import Cell as Number
from hedef.metrics.engine.show import value_text
from hedef.metrics.queries.drill import rows
from hedef.metrics.queries.evaluate import evaluate, scope_key, sees
from hedef.metrics.queries.listed import scope_names

PERIODS = 4  # quarters that are compared, the current one included


def simulate(version: Version) -> dict[str, Any]:
    """Values of company and teams in the last quarters, before and after, and how many rows of the newest differ."""
    day = today()
    periods, at = _last_quarters(calendar().period_of(day, "quarter")), pin()
    before = _values(version.id, periods, day, at) if _counted(version) else {}
    with in_place(version):
        after = _values(version.id, periods, day, at)
    keys = [key for key in {**after, **before} if before.get(key) or after.get(key)]
    return {
        "unit": version.document.unit,
        "as_of": day.isoformat(),
        "values": [
            {"scope": scope, "period": period, **_both(before.get((scope, period)), after.get((scope, period)))}
            for scope, period in keys
        ],
        "rows": _rows_that_differ(version, periods[-1], day, at),
    }


def _last_quarters(period: Period) -> list[Period]:
    """The last quarters, oldest first; fewer where a calendar of dated periods begins."""
    found = [period]
    while len(found) < PERIODS:
        try:
            found.insert(0, calendar().previous(found[0]))
        except NoPeriod:
            break
    return found


def _counted(version: Version) -> bool:
    """Whether an approved version of this metric counts already."""
    return any(one.approver for one in versions(version.kind, version.id))


def _values(metric: str, periods: list[Period], day: Any, at: Any) -> dict[tuple[str, str], Number]:
    try:
        found = evaluate(metric, periods=periods, as_of=day, by=("company", "team"), pinned=at)
    except HedefError:  # nothing of it is in force in these quarters
        return {}
    return {(one.scope, one.period.id): one for one in found}


def _both(before: Number | None, after: Number | None) -> dict[str, Any]:
    spelled = [None if one is None else value_text(one.value, one.unit, one.currency) for one in (before, after)]
    currency = next((one.currency for one in (after, before) if one is not None), None)
    return {"before": spelled[0], "after": spelled[1], "currency": currency, "differs": spelled[0] != spelled[1]}


def _rows_that_differ(version: Version, period: Period, day: Any, at: Any) -> dict[str, int] | None:
    """Rows that only one of the two counts, or that count otherwise; none where a metric has no rows to list."""
    try:
        with in_place(version):
            after = _kept(version.id, period, day, at)
        before = _kept(version.id, period, day, at) if _counted(version) else Counter()
    except HedefError:
        return None
    gone, new = before - after, after - before
    lost, won = {key[:2] for key in gone}, {key[:2] for key in new}
    return {
        "before": before.total(),
        "after": after.total(),
        "only_before": len(lost - won),
        "only_after": len(won - lost),
        "otherwise": len(lost & won),
    }


def _kept(metric: str, period: Period, day: Any, at: Any) -> Counter[tuple[Any, ...]]:
    found = rows(metric, period=period, as_of=day, pinned=at)
    return Counter((one.part, one.entity, one.day, one.value, one.n) for one in found.rows)


def told(result: Mapping[str, Any], viewer: Viewer) -> Iterator[Block]:
    """The answer of `simulate` as a person reads it: only scopes that the reader may see."""
    values = [one for one in result["values"] if sees(viewer.scope, scope_key(one["scope"], "team"))]
    names = scope_names([one["scope"] for one in values])
    unit = result["unit"]
    moved = [one for one in values if one["differs"]]
    head = (Cell(_("Scope")), Cell(_("Period")), Cell(_("Before"), unit="count"), Cell(_("After"), unit="count"))
    shown = moved or [one for one in values if one["scope"] == "company"]
    yield Block(
        _("Numbers before and after"),
        _moved(moved, values),
        head,
        tuple(_line(one, names, unit) for one in shown[:40]),
    )
    if (found := result["rows"]) is not None:
        yield Block(_("Rows of the current quarter"), _differ(found))


def _moved(moved: list[Any], values: list[Any]) -> str:
    if not moved:
        return _("No number of the company or a team changes in the last quarters.")
    return _("%(moved)s of %(all)s numbers change.") % {"moved": len(moved), "all": len(values)}


def _line(one: Mapping[str, Any], names: Mapping[str, str], unit: str) -> tuple[Cell, ...]:
    scope = one["scope"]
    name = _("Company") if scope == "company" else names.get(scope) or scope_word(scope)
    before, after = (None if one[key] is None else Fraction(one[key]) for key in ("before", "after"))
    told = (Cell(value=value, unit=unit, currency=one["currency"]) for value in (before, after))
    return Cell(name), Cell(one["period"]), *told


def _differ(found: Mapping[str, int]) -> str:
    return _(
        "%(before)s rows before, %(after)s after: %(only_before)s fall out, %(only_after)s come in, "
        "%(otherwise)s count otherwise."
    ) % dict(found)
