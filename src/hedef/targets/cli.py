"""`hedef targets import|show|split|phase|publish|scoreboard`; `hedef scoreboard` is the same as the last."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedef.cli_support import Context, Table, command, group
from hedef.kernel.errors import WrongUse

if TYPE_CHECKING:
    from hedef.targets.services import PlanOptions, SplitAnswer

app = group(
    "Goals per company, team and person, and where everyone should be by now.\n\n"
    "A plan in three commands:\n\n"
    "  hedef targets split --plan sales-2017 --period 2017-Q3 --metric won_value --total 3300000.00 "
    "--weights won_value@2017-Q2 --round-to 1000.00\n\n"
    "  hedef targets publish --plan sales-2017\n\n"
    "  hedef scoreboard --period 2017-Q3 --as-of 2017-08-31\n\n"
    "or bring your own numbers: hedef targets import Quota.csv --plan quotas-2017"
)

Plan = Annotated[str, typer.Option("--plan", metavar="ID", help="The plan: small letters, digits and -.")]
PeriodOption = Annotated[
    str, typer.Option("--period", metavar="PERIOD", help="2017, 2017-H1, 2017-Q3, 2017-07, 2017-W27")
]
Metric = Annotated[str | None, typer.Option("--metric", help="Any metric; a new plan is about won_value without it.")]
Currency = Annotated[str | None, typer.Option("--currency", help="Of a money target; the company's without it.")]
Starts = Annotated[
    str | None,
    typer.Option("--from", metavar="DAY", help="First day of the version; without it the first day of its periods."),
]
Applies = Annotated[
    str | None,
    typer.Option("--applies", help="A change in mid-period counts for the whole_period, or only from_date on."),
]
PhasingBy = Annotated[
    str | None, typer.Option("--phasing", help="How a line falls on shorter periods: even, working, seasonal, manual.")
]
Seasons = Annotated[
    str | None,
    typer.Option("--seasonal-from", metavar="PERIODS", help="Periods whose shape is taken: 2016-Q3,2017-Q2"),
]
Name = Annotated[str | None, typer.Option("--name", help="Name of a new plan.")]
Total = Annotated[
    str | None, typer.Option("--total", help="3300000.00; without it the plan's own line of the company.")
]
Weights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="HOW",
        help="METRIC@PERIOD (won_value@2017-Q2), headcount, potential, manual [equal]",
    ),
]
WeightOption = Annotated[
    list[str] | None,
    typer.Option("--weight", metavar="SCOPE=N", help="A weight by hand: team:T-2=3, person:P-17=1."),
]
RoundTo = Annotated[str | None, typer.Option("--round-to", help="Step of the lines, such as 1000.00 [1]")]
Levels = Annotated[str | None, typer.Option("--levels", help="team,person, or only one of them.")]
OverAssign = Annotated[str | None, typer.Option("--over-assign", help="0.05: people carry 5 % more than their team.")]
NoHistory = Annotated[
    str | None, typer.Option("--no-history", help="Without history: the median weight, zero, or ask. [median]")
]
Ramp = Annotated[str | None, typer.Option("--ramp", help="By month of service: 0.50,0.75,1.00")]
Publish = Annotated[bool, typer.Option("--publish", help="Publish at once, as far as you may.")]


def _day(text: str | None, option: str) -> Any:
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise WrongUse(f'{option}: "{text}" is no day.', hint="Write it as 2017-08-14") from fault


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    found = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise WrongUse(f'{option}: "{text}" is no pair.', hint=f"Write it as {option} value=QuotaAmount__c")
        found[name.strip()] = value.strip()
    return found


def _options(run: Context, **given: Any) -> "PlanOptions":
    from hedef.targets.services import PlanOptions

    return PlanOptions(reason=run.reason, **given)


# --- import -----------------------------------------------------------------------------------------------------------


@command(app, "import", writes=True)
def import_(
    run: Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: one value a row, or one column a period.")],
    plan: Plan,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="FIELD=HEADER", help="person, team, scope, period, start, value, metric, ..."),
    ] = None,
    metric: Metric = None,
    currency: Currency = None,
    decimal: Annotated[
        str | None, typer.Option("--decimal", help="The decimal mark, where values read both ways.")
    ] = None,
    grain: Annotated[
        str | None, typer.Option("--grain", help="What begins on the start dates: month, quarter, year, half, week.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="Whose ids name the people first.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Take the right rows though others are wrong.")] = False,
    calendar_from_dates: Annotated[
        bool,
        typer.Option("--calendar-from-dates", help="The start dates of the file become the periods of the calendar."),
    ] = False,
    last_end: Annotated[
        str | None, typer.Option("--last-end", metavar="DAY", help="The day after the last of those periods.")
    ] = None,
    starts: Starts = None,
    name: Name = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Keep it a draft, even where nobody else could approve it.")
    ] = False,
) -> int | None:
    """Reads targets from a CSV or XLSX into the plan, all rows or none.

    People are found by id, e-mail, handle, confirmed alias or exact name, never by a similar one. Dates must be the
    first day of a period. Where nobody but you may approve plans, the version is published at once (self-approved);
    else it waits as a draft for `hedef targets publish`.
    """
    from hedef.targets.services import SheetOrder, import_lines, publish_alone

    run.actor.must("plan_targets")
    order = SheetOrder(
        file=file,
        plan=plan,
        source=source,
        columns=_pairs(column, "--column"),
        decimal=decimal,
        grain=grain,
        partial=partial,
        calendar_from_dates=calendar_from_dates,
        last_end=_day(last_end, "--last-end"),
        options=_options(run, metric=metric, currency=currency, name=name, starts=_day(starts, "--from")),
    )
    done = import_lines(order, actor=run.actor.name, dry_run=run.dry_run)
    state = None
    if done.saved is not None:
        state = done.saved.version.state
        state = state if draft else publish_alone(plan=plan, actor=run.actor.name, reason=run.reason).state
    _answer_import(run, done.answer, state)
    return done.answer.exit_code


def _answer_import(run: Context, answer: Any, state: str | None) -> None:
    rows = [[issue.code, issue.count, issue.field, issue.hint] for issue in answer.issues]
    tables = [Table(["code", "rows", "column", "hint"], rows)] if rows else []
    run.answer({**answer.as_json(), "plan_state": state}, *tables, text=_import_text(answer, state))


def _import_text(answer: Any, state: str | None) -> str:
    from hedef.intake.answer import summary_line

    lines = [summary_line(answer)]
    if answer.rejects_file:
        lines.append(f"Rejected rows: {answer.rejects_file} in the folder rejects of the home.")
    if answer.batch is None and not answer.dry_run and answer.counts.rejected:
        lines.append("Nothing was written: correct the rows, or take the right ones with --partial.")
    elif state in {"draft", "simulated"}:
        lines.append(f"{answer.plan} is a {state}; hedef targets publish brings it into force.")
    elif state is not None:
        lines.append(f"{answer.plan} is {state}.")
    return "\n".join(lines)


# --- split, phase, publish --------------------------------------------------------------------------------------------


@command(app, "split", writes=True)
def split(
    run: Context,
    plan: Plan,
    period: PeriodOption,
    total: Total = None,
    weights: Weights = None,
    round_to: RoundTo = None,
    levels: Levels = None,
    weight: WeightOption = None,
    metric: Metric = None,
    currency: Currency = None,
    over_assign: OverAssign = None,
    no_history: NoHistory = None,
    phasing: PhasingBy = None,
    seasonal_from: Seasons = None,
    ramp: Ramp = None,
    starts: Starts = None,
    applies: Applies = None,
    name: Name = None,
    publish: Publish = False,
) -> None:
    """Splits a company's target over teams and people; the lines are the plan's next version, a draft.

    Each level is cut from the line above it, in steps of --round-to by largest remainder, so parts always equal their
    whole. The people and teams are those of the period's first day. What is left out is as the plan's document says
    (hedef definitions add plan.yaml). Example:

      hedef targets split --plan sales-2017 --period 2017-Q3 --metric won_value --total 3300000.00
        --weights won_value@2017-Q2 --round-to 1000.00
    """
    from hedef.targets.services import SplitOrder, split_plan

    run.actor.must("plan_targets")
    options = _options(
        run,
        metric=metric,
        currency=currency,
        name=name,
        starts=_day(starts, "--from"),
        applies=applies,
        phasing=phasing,
        seasonal_from=_listed(seasonal_from),
        ramp=_listed(ramp),
    )
    order = SplitOrder(
        plan=plan,
        period=period,
        total=total,
        weights=weights or ("manual" if weight else None),
        round_to=round_to,
        over_assign=over_assign,
        no_history=no_history,
        levels=_listed(levels),
        manual=_pairs(weight, "--weight"),
        options=options,
    )
    done = split_plan(order, actor=run.actor.name, as_of=run.as_of, dry_run=run.dry_run)
    _answer_split(run, plan, done, _state(run, plan, publish=publish))


def _answer_split(run: Context, plan: str, done: "SplitAnswer", state: str | None) -> None:
    from hedef.targets.queries.show import lines_json

    lines = lines_json(done.lines, done.measure.unit, done.measure.currency)
    _answer_lines(run, plan, done.saved, state, lines, [issue.as_json() for issue in done.issues])


def _state(run: Context, plan: str, *, publish: bool) -> str | None:
    from hedef.targets.queries.plans import newest_version
    from hedef.targets.services import publish_plan

    if run.dry_run:
        return None
    if not publish:
        return newest_version(plan).state
    may = run.actor.can("approve")
    return publish_plan(plan=plan, actor=run.actor.name, may_approve=may, reason=run.reason).version.state


def _answer_lines(
    run: Context, plan: str, saved: Any, state: str | None, lines: list[dict[str, Any]], issues: list[dict[str, Any]]
) -> None:
    reference = None if saved is None else f"{plan}@{saved.version.version}"
    batch = None if saved is None or saved.batch is None else f"B-{saved.batch.pk}"
    payload = {
        "schema": "hedef.targets/1",
        "as_of": run.as_of.isoformat(),
        "known_at": None,
        "plan": reference,
        "state": state,
        "batch": batch,
        "dry_run": run.dry_run,
        "lines": lines,
        "issues": issues,
        "trust": {"level": "unknown", "reasons": []},
        "fingerprint": None if saved is None else saved.version.hash,
    }
    rows = [[line["scope"], line["name"], line["period"], line["value"], line["currency"]] for line in lines]
    said = (
        f"{reference}: {len(lines)} lines, {state}." if reference else f"{plan}: {len(lines)} lines, nothing written."
    )
    said += "".join(f"\n{issue['level']}: {issue['message']}" for issue in issues)
    if state in {"draft", "simulated"}:
        said += f"\nhedef targets publish --plan {plan} brings it into force."
    run.answer(payload, Table(["scope", "name", "period", "value", "currency"], rows), text=said)


@command(app, "phase", writes=True)
def phase(
    run: Context,
    plan: Plan,
    period: PeriodOption,
    to: Annotated[str, typer.Option("--to", help="month, quarter or half.")] = "month",
    by: Annotated[
        str | None, typer.Option("--by", help="even, working, seasonal or manual; as the plan says without it.")
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option("--value", metavar="PERIOD=VALUE", help="A part of a manual phasing; the parts sum to the line."),
    ] = None,
    seasonal_from: Seasons = None,
    starts: Starts = None,
    publish: Publish = False,
) -> None:
    """Gives the lines of a period lines of their own for its shorter ones; the plan's next version, a draft.

    Not needed for a board: a period without a line is phased or summed on the way and says so.
    """
    from hedef.targets.queries.show import lines_json
    from hedef.targets.services import PhaseOrder, phase_plan

    run.actor.must("plan_targets")
    order = PhaseOrder(
        plan=plan,
        period=period,
        to=to,
        by=by,
        seasonal_from=_listed(seasonal_from),
        values=_pairs(value, "--value"),
        starts=_day(starts, "--from"),
        reason=run.reason,
    )
    done = phase_plan(order, actor=run.actor.name, as_of=run.as_of, dry_run=run.dry_run)
    lines = lines_json(done.lines, done.measure.unit, done.measure.currency)
    _answer_lines(run, plan, done.saved, _state(run, plan, publish=publish), lines, [])


@command(app, "publish", writes=True)
def publish(
    run: Context,
    plan: Plan,
    version: Annotated[int | None, typer.Option("--version", help="The newest without it.")] = None,
) -> int | None:
    """Takes a draft into force: simulated, approved by a second person, effective from its first day.

    The author's own call simulates it and waits; somebody else with the right to approve calls it again. Where nobody
    else may approve, the author may, and the version is marked self-approved.
    """
    from hedef.targets.services import publish_plan

    if not run.actor.can("approve"):
        run.actor.must("plan_targets")
    if run.dry_run:
        raise WrongUse("publish has no --dry-run.", hint=f"hedef definitions simulate target-plan:{plan} tries it.")
    done = publish_plan(
        plan=plan, version=version, actor=run.actor.name, may_approve=run.actor.can("approve"), reason=run.reason
    )
    payload = {
        "schema": "hedef.targets/1",
        "plan": f"{plan}@{done.version.version}",
        "state": done.version.state,
        "self_approved": done.version.self_approved,
        "waits": done.waits,
        "version": done.version.as_json(),
        "simulation": done.simulation,
        "issues": [],
    }
    said = f"{plan}@{done.version.version} is {done.version.state}."
    said += " Approved by its author: nobody else could." if done.version.self_approved else ""
    run.answer(payload, text=said + (f"\n{done.waits}" if done.waits else ""))
    return 3 if done.waits else 0


# --- show -------------------------------------------------------------------------------------------------------------


@command(app, "show")
def show(
    run: Context,
    plan: Annotated[str | None, typer.Option("--plan", metavar="ID", help="Without it: all plans.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="The newest without it.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Only lines of this period.")] = None,
) -> None:
    """Shows plans with their versions, and the lines of one of them with origin and parent."""
    from hedef.targets.queries import plan_json

    name = None if period is None else _period_id(run, period)
    payload = plan_json(plan, version=version, period=name, scope=run.scope)
    if plan is None:
        rows = [
            [one["id"], told["version"], told["state"], told["effective_from"], told["metric"], told["lines"]]
            for one in payload["plans"]
            for told in one["versions"]
        ]
        run.answer(payload, Table(["plan", "version", "state", "from", "metric", "lines"], rows))
        return
    keys = ["line", "scope", "name", "period", "value", "currency", "origin", "parent"]
    rows = [[line[key] for key in keys] for line in payload["lines"]]
    run.answer(payload, Table(keys, rows), text=f"{payload['plan']}: {payload['state']}")


def _period_id(run: Context, text: str) -> str:
    try:
        return run.calendar.period(text).id
    except ValueError as fault:
        raise WrongUse(f"--period: {fault}.") from fault


# the boards have a file of their own; it adds its verbs to this group
from hedef.targets import cli_boards  # noqa: E402

__all__ = ["app", "cli_boards"]
