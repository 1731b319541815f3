"""The verbs of intake: import files, look at what would change, go on after a kill, offer objects of higher rooms."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hedef.facts import queries as facts
from hedef.intake import queries
from hedef.intake.answer import ImportAnswer, ImportAnswers
from hedef.intake.engine.parts import PART_ROWS
from hedef.intake.importables import Given, Importable, Rejected, Taken, register
from hedef.intake.mappings import read_mapping
from hedef.intake.models import ImportJob
from hedef.intake.run import calls, killed, lock
from hedef.intake.run.call import Report, silent
from hedef.intake.run.control import read_totals
from hedef.intake.run.foreseen import Foreseen
from hedef.intake.run.order import Order, like_before
from hedef.intake.schema import Mapping as MappingModel
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import Refused, WrongUse
from hedef.kernel.instants import to_us
from hedef.settings import now

__all__ = [
    "Given",
    "ImportAnswer",
    "Importable",
    "Rejected",
    "Taken",
    "abandon",
    "preview",
    "register",
    "resume",
    "run_import",
]


def run_import(
    *,
    files: Sequence[Path | str],
    actor: str,
    names: Mapping[str, str] | None = None,
    source: str | None = None,
    object: str | None = None,  # noqa: A002 - the word of the command
    mapping: MappingModel | Path | str | None = None,
    decide: Mapping[str, str] | None = None,
    plan: str | None = None,
    exported_at: datetime | date | None = None,
    scope: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    spellings_open: bool = False,
    fixes: int | str | None = None,
    confirm_gone: bool = False,
    control_totals: Mapping[str, str] | None = None,
    control_rows: int | None = None,
    progress: Report | None = None,
    mappings: Mapping[str, MappingModel] | None = None,
    look: Callable[[Foreseen], None] | None = None,
    part_rows: int = PART_ROWS,
) -> ImportAnswers:
    """Import files into the ledger, in the order that their references need.

    `names`: path -> what the person called the file. `decide`: column or question -> answer. `fixes`: the batch whose
    rejects are imported again. `yes` accepts suggestions of 0.9 and more; with `spellings_open` (nobody is there to
    give that word) a likely spelling of a person, team, account or product stays open unless `decide` names it.
    `confirm_gone`: records that a full export misses end at once. `control_totals` (currency -> major units, as
    `EUR: "1234.50"`) and `control_rows` are what all rows of the one file must add up to. Nothing stays written with
    `dry_run`; `look` is told what a rehearsal comes to: checks, and of a small one totals of deals. `mappings`:
    path -> mapping of that file alone, before `mapping`.

    A call of at most `part_rows` rows is one transaction; a larger one is written in chunks and sealed at the end.
    Killed in between, the same call goes on where it was. NeedsDecision lists what a person must choose; then nothing
    stays. WrongUse and Refused say why a file is not read. Every file is one batch; all files of a call or none.
    """
    calendar = facts.calendar()
    order = Order(
        files=[Path(one) for one in files],
        actor=actor,
        names=dict(names or {}),
        source=source,
        object=object,
        mapping=read_mapping(mapping) if isinstance(mapping, Path | str) else mapping,
        decide=dict(decide or {}),
        plan=plan,
        exported_us=_exported(exported_at, calendar),
        scope=scope,
        dry_run=dry_run,
        yes=yes,
        spellings_open=spellings_open,
        fixes=None if fixes is None else int(str(fixes).removeprefix("B-")),
        confirm_gone=confirm_gone,
        control=read_totals(control_totals or {}, control_rows),
        mappings=dict(mappings or {}),
        look=look,
        part_rows=part_rows,
    )
    if not order.files:
        raise WrongUse("No file was given.", hint="hedef import FILE...")
    return calls.carry_out(like_before(order), calendar, progress or silent)


def preview(**arguments: Any) -> ImportAnswers:
    """What an import would do; the arguments of `run_import`. Nothing stays written."""
    return run_import(**{**arguments, "dry_run": True})


def resume(job_id: int | str, *, progress: Report | None = None) -> ImportAnswers:
    """Go on with an interrupted import: the whole call of the job, from the next chunk. Refused for one that ended."""
    job = _interrupted(job_id)
    return calls.carry_out(killed.order_of(job), facts.calendar(), progress or silent)


def abandon(job_id: int | str, *, reason: str = "abandoned by a person") -> None:
    """Take back what an interrupted import has written, all files of its call. Refused for one that ended, or whose
    records are sealed in part while its files are still there: it is finished, then undone.
    """
    job = _interrupted(job_id)
    if killed.can_be_finished(job):
        raise Refused(
            f"{job} cannot be abandoned: its records are sealed, or those of another file of the same call.",
            hint=f"Finish it with hedef import --resume {job}; then its batches can be undone.",
        )
    call = list(ImportJob.objects.filter(call=job.call, state=ImportJob.State.RUNNING).order_by("-pk"))
    with lock.holding([one.source for one in call], lambda _: None):
        for one in call:
            one.refresh_from_db()
            if one.state == ImportJob.State.RUNNING:
                killed.give_up(one, reason)


def _interrupted(job_id: int | str) -> ImportJob:
    job = queries.job(job_id)
    if job.state != ImportJob.State.RUNNING or job.order is None:
        raise Refused(f"{job} is {job.state}: only an import that was interrupted can be resumed or abandoned.")
    return job


def _exported(given: datetime | date | None, calendar: Calendar) -> int | None:
    if isinstance(given, datetime):
        return to_us(given)
    return None if given is None else min(calendar.end_us(given), to_us(now()))
