"""`hedef metrics show|list|check|rows|compare`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hedef.cli_output import Table
from hedef.cli_support import Context, command, group

app = group("KPIs: what they mean, their numbers, and the rows behind a number.")

Metric = Annotated[str, typer.Argument(help="Its id, such as won_value.")]
PeriodOption = Annotated[
    str | None, typer.Option("--period", help="2017-Q3, 2017-07, 2017 ...; the quarter of --as-of without it.")
]
ScopeOption = Annotated[str, typer.Option("--scope", help="company, team:East, person:P-17 or unassigned.")]
Currency = Annotated[str | None, typer.Option("--currency", help="Show money in it; the company's without it.")]


@command(app, "show")
def show(
    run: Context,
    metric: Metric,
    period: PeriodOption = None,
    scope: ScopeOption = "company",
    by: Annotated[str | None, typer.Option("--by", help="company, team, person, process, source ...")] = None,
    compare: Annotated[
        str, typer.Option(help="previous, year_before, same_days, parent, target.")
    ] = "previous,year_before",
    currency: Currency = None,
    definition: Annotated[str, typer.Option("--definition", help="own, same or former version on both sides.")] = "own",
    why: Annotated[bool, typer.Option("--why", help="How the number came about, step by step.")] = False,
) -> None:
    """One number with its interval and comparisons, or with --by the numbers of every team or person."""
    from hedef.metrics import queries

    asked = period or _quarter(run)
    if why:
        drill = queries.rows(
            metric,
            scope=queries.resolve_scope(scope),
            period=asked,
            as_of=run.as_of_us,
            known_at=run.known_no,
            viewer=run.scope,
            currency=currency,
        )
        told = queries.why_json(drill)
        run.answer(told, _facts_of(told), _steps(told["trace"]))
        return
    if by is None:
        how = [one.strip() for one in compare.split(",") if one.strip()]
        found = queries.show(
            metric,
            scope=queries.resolve_scope(scope),
            period=asked,
            as_of=run.as_of_us,
            known_at=run.known_no,
            viewer=run.scope,
            currency=currency,
            compare=how,
            definition=definition,
        )
        run.answer(found, _facts_of(found), _comparisons(found))
        return
    bys = [one.strip() for one in by.split(",")]
    cells = queries.evaluate(
        metric,
        periods=[asked],
        as_of=run.as_of_us,
        by=bys,
        known_at=run.known_no,
        scope=run.scope,
        currency=currency,
    )
    payload = queries.cells_json(cells)
    table = Table(["scope", "name", "value", "n"], [[_get(row, name) for name in _CELL] for row in payload["rows"]])
    run.answer(payload, table, text=_title(payload))


@command(app, "compare")
def compare(
    run: Context,
    metric: Metric,
    period: PeriodOption = None,
    by: Annotated[str, typer.Option("--by", help="company, team, person, process, source ...")] = "company,team",
    against: Annotated[str, typer.Option("--with", help="previous, year_before, same_days.")] = "previous",
    because: Annotated[
        str | None, typer.Option("--because", help="What each team, person, region ... contributed to the change.")
    ] = None,
    currency: Currency = None,
) -> None:
    """The numbers of every team or person beside those of another period."""
    from hedef.metrics import queries

    if because is not None:
        told = queries.change(
            metric,
            period=period or _quarter(run),
            by=because,
            against=against,
            as_of=run.as_of_us,
            known_at=run.known_no,
            viewer=run.scope,
        )
        names = [name for name in ("scope", "contribution", "rate", "mix") if any(name in one for one in told["parts"])]
        parts = Table(names, [[_get(one, name) for name in names] for one in told["parts"]])
        run.answer(run.framed("hedef.metric/1", told), parts, text=f"{metric}: {told['before']} -> {told['after']}")
        return
    found = queries.compare(
        metric,
        period=period or _quarter(run),
        against=against,
        by=[one.strip() for one in by.split(",")],
        as_of=run.as_of_us,
        known_at=run.known_no,
        viewer=run.scope,
        currency=currency,
    )
    names = ["value", "difference", "relative"]
    rows: list[list[str | int | None]] = []
    for row in found["rows"]:
        (other,) = row["comparisons"]
        rows.append([row["name"], row["value"], *(other[name] for name in names)])
    run.answer(found, Table(["name", "value", against, "difference", "relative"], rows), text=_title(found))


@command(app, "rows")
def rows(
    run: Context,
    metric: Metric,
    period: PeriodOption = None,
    scope: ScopeOption = "company",
    by: Annotated[str | None, typer.Option("--by", help="Level of `unassigned`: team or person.")] = None,
    last: Annotated[int, typer.Option("--last", help="At most this many rows.", min=1)] = 1000,
    currency: Currency = None,
) -> None:
    """The rows behind a number; they add up to it."""
    from hedef.metrics import queries

    found = queries.rows(
        metric,
        scope=queries.resolve_scope(scope),
        by=by,
        period=period or _quarter(run),
        as_of=run.as_of_us,
        known_at=run.known_no,
        viewer=run.scope,
        currency=currency,
    )
    payload = queries.rows_json(found, last=last)
    names = ["subject", "name", "part", "owner_name", "team_name", "day", "value", "currency", "n"]
    table = Table(names, [[_get(row, name) for name in names] for row in payload["rows"]])
    run.answer(payload, table, text=f"{_title(payload)}: {payload['value']} in {payload['total_rows']} rows")


@command(app, "list")
def show_list(run: Context) -> None:
    """Every metric in force, what it says and how it rolls up."""
    from hedef.metrics import queries

    _ = run.actor
    found = queries.documents_json(run.as_of, known_no=run.known_no)
    names = ["metric", "unit", "calc", "direction"]
    rows = [[*(_get(one, name) for name in names), (one["says"] or {}).get("en")] for one in found]
    run.answer(run.framed("hedef.metrics/1", {"metrics": found}), Table([*names, "says"], rows))


@command(app, "check")
def check(
    run: Context,
    what: Annotated[str | None, typer.Argument(help="A metric or a file; not given: every metric in force.")] = None,
) -> int:
    """Rules and cases of metrics. Exit 1 when a rule or case fails."""
    from hedef.metrics.services import check_file, check_metrics

    _ = run.actor
    file = Path(what) if what and what.endswith((".yaml", ".yml")) else None
    found = [check_file(file, day=run.as_of)] if file else check_metrics(what, day=run.as_of)
    payload = {
        "metrics": [
            {
                "metric": one.document.id,
                "version": one.document.version,
                "cases": one.cases,
                "issues": [issue.as_json() for issue in one.issues],
            }
            for one in found
        ]
    }
    told = {one.document.id: "; ".join(issue.message for issue in one.issues) or "ok" for one in found}
    rows: list[list[str | int | None]] = [[one.document.id, one.cases, told[one.document.id]] for one in found]
    run.answer(run.framed("hedef.metrics/1", payload), Table(["metric", "cases", "finding"], rows))
    return int(any(issue.level == "error" for one in found for issue in one.issues))


_CELL = ("scope", "name", "value", "n")


def _quarter(run: Context) -> str:
    return run.calendar.period_of(run.as_of, "quarter").id


def _title(payload: dict[str, Any]) -> str:
    unit = payload["currency"] or payload["unit"]
    return f"{payload['metric']}@{payload['version']} ({unit}), {payload['period']['id']}, as of {payload['as_of']}"


def _facts_of(found: dict[str, Any]) -> Table:
    interval = found["interval"]
    rows = [
        ["value", found["value"]],
        ["n", found["n"]],
        ["numerator", found["parts"]["numerator"]],
        ["denominator", found["parts"]["denominator"]],
        ["interval", f"{interval['low']} to {interval['high']} ({interval['level']} %)" if interval else None],
        ["complete", str(found["complete"]).lower()],
        ["trust", found["trust"]["level"]],
        *(["issue", issue["message"]] for issue in found["issues"]),
    ]
    return Table(["what", "value"], [row for row in rows if row[1] is not None], title=_title(found))


def _comparisons(found: dict[str, Any]) -> Table:
    names = ["with", "value", "difference", "relative"]
    return Table(names, [[one[name] for name in names] for one in found["comparisons"]])


def _get(row: dict[str, Any], name: str) -> str | int | None:
    value: str | int | None = row[name]
    return value


def _steps(trace: dict[str, Any]) -> Table:
    rows = [[step["label"], str(step["value"]), _detail(step["detail"])] for step in trace["steps"]]
    return Table(["step", "value", "with"], rows, title=trace["definition"])


def _detail(detail: dict[str, Any]) -> str:
    plain = {
        name: value["id"] if isinstance(value, dict) and "id" in value else value for name, value in detail.items()
    }
    return ", ".join(f"{name} {value}" for name, value in plain.items() if value not in (None, {}))
