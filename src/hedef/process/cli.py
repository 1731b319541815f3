"""`hedef process show|check|move|trial|improve`."""

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
    findings = Table(["finding", "message"], [[one.issue.code, one.issue.message] for one in found.findings])
    run.answer(payload, stages, *([findings] if found.findings else []), text=f"As of {run.as_of}")
    return int(any(one.issue.level == "error" for one in found.findings))


@command(app, "move", writes=True)
def move(
    run: Context,
    deals: Annotated[list[str], typer.Argument(help="Deals that go on there, such as D-10482.")],
    to: Annotated[str, typer.Option(help="The process in which they go on.")],
    stage: Annotated[
        list[str], typer.Option("--map", help="old=new, for every stage in which they stand (- is none).")
    ],
) -> None:
    """Let deals go on in another process: all of them or none. Where they were they count as neither won nor lost."""
    from hedef.process.switching import read_deals, read_map, switch_process

    run.actor.must("edit_record")
    moved = switch_process(
        deals=read_deals(deals),
        process=to,
        into=read_map(stage),
        actor=run.actor.name,
        at_us=run.now_us,
        reason=run.reason,
        dry_run=run.dry_run,
    )
    run.answer({"process": to, "moved": moved}, text=f"{moved} deals go on in {to}.")


@command(app, "trial")
def trial(
    run: Context, name: Annotated[str | None, typer.Argument(help="Its id; without it all are listed.")] = None
) -> None:
    """A trial: the cases it needs, how it stands, and its verdict once it is over."""
    from hedef.process.queries.trials import list_trials
    from hedef.process.queries.trials import trial as read

    _ = run.actor
    if name is None:
        found = list_trials()
        names = ["trial", "change", "first", "last", "state"]
        rows = [
            [one.id, one.document.change, str(one.document.first), str(one.document.last), one.state] for one in found
        ]
        run.answer({"trials": [one.as_json() for one in found]}, Table(names, rows))
        return
    told = read(name, as_of=run.as_of, as_of_us=run.as_of_us, known_at=run.known_no, viewer=run.scope).as_json()
    sides = [
        [arm, *(told[arm][key] for key in ("cases", "total", "still_open", "value"))]
        for arm in ("old", "new")
        if told[arm]
    ]
    table = Table(["arm", "cases", "total", "still_open", "value"], sides)
    plan = Table(list(told["plan"]), [[_cell(value) for value in told["plan"].values()]])
    issues = Table(["code", "message"], [[one["code"], one["message"]] for one in told["issues"]])
    text = f"{name}: {told['verdict']} ({told['dates'][0]} to {told['dates'][1]}, verdict from {told['verdict_from']})"
    run.answer(told, plan, *([table] if sides else []), *([issues] if told["issues"] else []), text=text)


@command(app, "improve", writes=True)
def improve(
    run: Context,
    process: Process = None,
    idea: Annotated[str | None, typer.Option(help="A new entry with this idea.")] = None,
    entry: Annotated[str | None, typer.Option(help="The entry to go on with, such as E-412.")] = None,
    evidence: Annotated[str | None, typer.Option(help="A number in words; needs --fingerprint.")] = None,
    fingerprint: Annotated[str | None, typer.Option(help="The fingerprint of that number.")] = None,
    version: Annotated[int | None, typer.Option(help="The version of the process written for it.")] = None,
    trial: Annotated[str | None, typer.Option(help="The trial that tests it.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who sees to it.")] = None,
    review_on: Annotated[str | None, typer.Option(help="The next review date.")] = None,
    decision: Annotated[str | None, typer.Option(help="keep, revert or repeat.")] = None,
) -> None:
    """The improvement log: list it, add an idea, go on with an entry, decide."""
    from hedef.process.queries import only
    from hedef.process.queries.improving import improvements
    from hedef.process.writing import write_log

    told = {"evidence": evidence, "fingerprint": fingerprint, "version": version, "trial": trial, "owner": owner}
    name = only(process, day=run.as_of)
    if not run.dry_run:
        write_log(run, name, idea=idea, entry=entry, told=told | {"review_on": review_on}, decision=decision)
    found = [one.as_json() for one in improvements(name)]
    names = ["improvement", "stage", "idea", "version", "trial", "verdict", "decision", "review_on"]
    run.answer({"improvements": found}, Table(names, [[_cell(one[key]) for key in names] for one in found]))


def _cell(value: object) -> str | int | None:
    return value if value is None or isinstance(value, int | str) else str(value)
