"""Target lines that come through `hedef import FILE --plan ID`: intake has read the file, the plan takes its rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hedef.facts import queries as facts
from hedef.intake.importables import Given, Rejected, Taken
from hedef.kernel.calendar import Calendar, Period, PeriodKind
from hedef.kernel.errors import WrongUse
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.rollup import person_scope
from hedef.targets.engine.sheet import grain_of, start_period
from hedef.targets.queries.lines import given_lines
from hedef.targets.services.plans import PlanOptions, measure_of, plan_data
from hedef.targets.services.publish import publish_alone
from hedef.targets.services.versions import Measure, newest, save_version, start_of


def take_rows(given: Given) -> Taken:
    """Rows with `person`, `starts_on` or `period`, and `value` (minor units) become the plan's next version.

    All or nothing: one wrong row and the right ones come back as `not_written`. Where nobody else could approve, the
    version is published at once. WrongUse for a plan that is not about money: such values are no amounts.
    """
    assert given.plan is not None
    calendar = facts.calendar()
    before = newest(given.plan)
    body = plan_data(given.plan, before, PlanOptions(), base_currency=calendar.base_currency)
    _, measure = measure_of(body)
    if measure.unit != "money":
        raise WrongUse(
            f"{given.plan} is about {measure.metric}, which is no money.",
            hint=f"hedef targets import FILE --plan {given.plan}",
        )
    rows = given.rows.to_dicts()
    lines, wrong = _lines(rows, calendar, measure)
    if wrong:
        bad = {one.row for one in wrong}
        hint = "Another row of the file is wrong, and targets come all or not at all; --partial of targets import."
        rest = [Rejected(row["row"], "not_written", None, None, hint) for row in rows if row["row"] not in bad]
        return Taken(rejected=[*wrong, *rest])
    starts = start_of(list(lines.values()), calendar, before)
    former = {} if before is None else {line.key: line for line in given_lines(given.plan, before.version)}
    saved = save_version(
        plan=given.plan,
        body=body if starts is None else {**body, "effective_from": starts.isoformat()},
        given=list(lines.values()),
        measure=measure,
        actor=given.actor,
        calendar=calendar,
        batch=given.batch,
    )
    if saved.batch is not None:
        publish_alone(plan=given.plan, actor=given.actor)
    return _taken(lines, former, changes=0 if saved.batch is None else len(saved.lines))


def _taken(lines: Mapping[int, GivenLine], former: Mapping[Any, GivenLine], *, changes: int) -> Taken:
    created = [row for row, line in lines.items() if line.key not in former]
    same = [row for row, line in lines.items() if line.key in former and former[line.key].value == line.value]
    updated = [row for row in lines if row not in set(created) | set(same)]
    return Taken(created, updated, same, changes=changes)


def _lines(
    rows: Sequence[Mapping[str, Any]], calendar: Calendar, measure: Measure
) -> tuple[dict[int, GivenLine], list[Rejected]]:
    grain = grain_of([row["starts_on"] for row in rows if row.get("starts_on") is not None])
    kept: dict[date | str | None, Period | str] = {}
    lines: dict[int, GivenLine] = {}
    wrong: list[Rejected] = []
    for row in rows:
        when = row.get("period") or row.get("starts_on")
        if when not in kept:
            kept[when] = _period(when, grain, calendar)
        fault = _fault(row, kept[when], measure)
        if fault is not None:
            wrong.append(fault)
            continue
        period = kept[when]
        assert isinstance(period, Period)
        lines[row["row"]] = GivenLine(person_scope(row["person"]), period.id, row["value"], "import")
    twice = _twice(lines)
    return lines, [*wrong, *twice]


def _period(when: date | str | None, grain: PeriodKind | None, calendar: Calendar) -> Period | str:
    if isinstance(when, date):
        return start_period(when, grain, calendar)
    try:
        return calendar.period(when or "")
    except ValueError as fault:
        return f"bad_period|{str(fault)[0].upper()}{str(fault)[1:]}."


def _fault(row: Mapping[str, Any], period: Period | str, measure: Measure) -> Rejected | None:
    if row.get("person") is None:
        hint = "No id, e-mail, confirmed alias or exact name says this; similar names are never taken."
        return Rejected(row["row"], "unknown_person", "person", None, hint)
    if not isinstance(period, Period):
        code, _, hint = period.partition("|")
        field = "period" if row.get("period") else "starts_on"
        return Rejected(row["row"], code, field, str(row.get(field)), hint)
    if row.get("value") is None:
        return Rejected(row["row"], "required_missing", "value", None, "Write the value; a blank is no target.")
    currency = row.get("value_currency")
    if currency is not None and currency != measure.currency:
        hint = f"The plan is in {measure.currency}; give {currency} a plan of its own."
        return Rejected(row["row"], "currency_conflict", "value", currency, hint)
    return None


def _twice(lines: Mapping[int, GivenLine]) -> list[Rejected]:
    rows: dict[Any, list[int]] = defaultdict(list)
    for row, line in lines.items():
        rows[line.key].append(row)
    return [
        Rejected(row, "duplicate_line", "person", f"{key[0]} {key[1]}", "The file says this twice; keep one row.")
        for key, same in rows.items()
        if len(same) > 1
        for row in same
    ]
