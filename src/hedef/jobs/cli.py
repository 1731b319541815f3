"""`hedef jobs list|show|retry|stop`: work behind the pages, seen from a terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

from hedef.cli_support import Context, Table, command, group

if TYPE_CHECKING:
    from hedef.jobs.models import JobRun

app = group("Work that goes on behind the pages.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a job, or how it begins.")]
State = Annotated[
    str | None, typer.Option("--state", metavar="STATE", help="waiting, running, again, done, failed or stopped.")
]
Last = Annotated[int, typer.Option("--last", min=1, max=1000, help="How many of the newest jobs.")]


@command(app, "list")
def list_jobs(run: Context, state: State = None, last: Last = 20) -> int:
    """The newest jobs, the workers, and what runs by the clock; 1 where a job waits for a person."""
    from hedef.jobs import queries
    from hedef.jobs.models import JobRun
    from hedef.kernel.errors import WrongUse

    run.actor.must("read_data")
    if state is not None and state not in JobRun.State.values:
        raise WrongUse(f'--state: "{state}" is none of {", ".join(JobRun.State.values)}.')
    found = queries.runs(last=last, states=[state] if state else [])
    told = queries.answer(found)
    alive = sum(one["alive"] for one in told["workers"])
    clocks = [[one["key"], one["cron"], one["next_at"], one["last_at"]] for one in told["schedules"]]
    head = ["job", "what", "state", "step", "done", "of", "runs", "asked", "by"]
    table = Table(head, [_row(one) for one in found])
    text = f"{alive} worker(s) alive." if alive else "No worker is alive: jobs wait. hedef serve, or hedef worker."
    run.answer(told, table, Table(["schedule", "cron", "next", "last"], clocks, title="By the clock"), text=text)
    return 1 if any(one.state == JobRun.State.FAILED for one in found) else 0


@command(app, "show")
def show(run: Context, id: Id) -> int:
    """One job: how far it is, how often it was begun, what stopped it and how to go on."""
    from hedef.jobs import queries
    from hedef.jobs.models import JobRun

    run.actor.must("read_data")
    found = queries.run(id)
    _print(run, found)
    return 1 if found.state == JobRun.State.FAILED else 0


@command(app, "retry")
def retry(run: Context, id: Id) -> None:
    """Begin a failed job again; it gets three new runs."""
    from hedef.jobs import services

    run.actor.must("import")
    _print(run, services.retry(id))


@command(app, "stop")
def stop(run: Context, id: Id) -> None:
    """Stop a job: one that waits is not begun, one that runs ends at its next step."""
    from hedef.jobs import services

    run.actor.must("import")
    _print(run, services.stop(id))


def _print(run: Context, found: "JobRun") -> None:
    from hedef.jobs import queries

    lines = [f"{found.name} is {found.state}" + (f": {found.step}" if found.step else "") + "."]
    if found.error:
        lines += [str(found.error["message"]), str(found.error.get("hint") or "").replace("ID", found.id[:8])]
    head = ["job", "what", "state", "step", "done", "of", "runs", "asked", "by"]
    run.answer(queries.answer([found]), Table(head, [_row(found)]), text="\n".join(line for line in lines if line))


def _row(one: "JobRun") -> list[str | int | None]:
    asked = f"{one.created_at:%Y-%m-%d %H:%M:%S}"
    return [one.id[:8], one.name, one.state, one.step, one.done, one.total, one.attempts, asked, one.actor]
