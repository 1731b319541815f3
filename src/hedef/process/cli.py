"""`hedef process show|check`."""

from typing import Annotated

import typer

from hedef.cli_output import Table
from hedef.cli_support import Context, command, group

app = group("Sales processes: stages, what happened in them, what to look at.")

Process = Annotated[str | None, typer.Argument(help="Its id; not needed where there is one process.")]


@command(app, "show")
def show(run: Context, process: Process = None) -> None:
    """Stages of a process in order, of the version in force."""
    from hedef.process import queries

    _ = run.actor
    found = queries.show(queries.only(process, day=run.as_of), as_of=run.as_of, known_no=run.known_no)
    stages = found["document"]["stages"]
    names = ["id", "order", "category", "counts_from"]
    table = Table(names, [[_cell(stage.get(name)) for name in names] for stage in stages])
    version = found["process"]
    run.answer(found, table, text=f"{version['reference']} ({version['state']})")


@command(app, "check")
def check(run: Context, process: Process = None) -> int:
    """Figures of each stage as of a day, and what should be looked at. Exit 1 on findings of level error."""
    from hedef.process import queries

    name = queries.only(process, day=run.as_of)
    found = queries.check(name, as_of=run.as_of, as_of_us=run.as_of_us, known_at=run.known_no, viewer=run.scope)
    payload = found.as_json()
    names = [
        "stage",
        "entered",
        "reached",
        "decided",
        "won",
        "conversion",
        "closed_visits",
        "median_days",
        "time_in_stage",
        "standing",
        "over_limit",
    ]
    stages = Table(names, [[stage[name] for name in names] for stage in payload["stages"]])
    findings = Table(["finding", "message"], [[issue.code, issue.message] for issue in found.findings])
    run.answer(payload, stages, *([findings] if found.findings else []), text=f"As of {run.as_of}")
    return int(any(issue.level == "error" for issue in found.findings))


def _cell(value: object) -> str | int | None:
    return value if value is None or isinstance(value, int | str) else str(value)
