"""`hedef import FILE...` and `hedef check`: files into the ledger, and whether the data can be relied on."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedef.call import read_moment
from hedef.cli_output import Table
from hedef.cli_support import Context, command, group
from hedef.kernel.errors import WrongUse

if TYPE_CHECKING:
    from hedef.intake.answer import ImportAnswer, ImportAnswers

app = group("Files of a CRM into the ledger, and the trust gate.")

Files = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE...", help="Files of a CRM; read in the order they need.")
]
SourceOption = Annotated[str | None, typer.Option("--source", help="Name of the source; without it the vendor's.")]
Object = Annotated[str | None, typer.Option("--object", help="What the files must hold, such as deal.")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", help="A mapping in YAML instead of the shipped one.")]
Decide = Annotated[
    list[str] | None, typer.Option("--decide", metavar="COLUMN=VALUE", help="Answer a question; may be repeated.")
]
Plan = Annotated[str | None, typer.Option("--plan", help="Target plan that target lines belong to.")]
ExportedAt = Annotated[
    str | None, typer.Option("--exported-at", metavar="DAY|INSTANT", help="When they were exported; now without it.")
]
ScopeOption = Annotated[str | None, typer.Option("--scope", metavar="full|partial", help="Do the files hold all?")]
Fixes = Annotated[str | None, typer.Option("--fixes", metavar="BATCH", help="These are the fixed rejects of a batch.")]
Resume = Annotated[str | None, typer.Option("--resume", metavar="JOB", help="Go on with an interrupted import.")]
Abandon = Annotated[str | None, typer.Option("--abandon", metavar="JOB", help="Take back an interrupted import.")]
Confirm = Annotated[
    bool, typer.Option("--confirm-gone", help="Records that this full export misses are gone: end them now.")
]
ControlTotal = Annotated[
    list[str] | None,
    typer.Option("--control-total", metavar="CUR=AMOUNT", help="What the rows must add up to; may be repeated."),
]
ControlRows = Annotated[int | None, typer.Option("--control-rows", help="How many rows the file must hold.")]
Yes = Annotated[bool, typer.Option("--yes", help="Accept suggestions of confidence 0.9 and more.")]


@command(app, "import", writes=True)
def import_files(
    run: Context,
    files: Files = None,
    source: SourceOption = None,
    object: Object = None,
    mapping: MappingFile = None,
    decide: Decide = None,
    plan: Plan = None,
    exported_at: ExportedAt = None,
    scope: ScopeOption = None,
    fixes: Fixes = None,
    resume: Resume = None,
    abandon: Abandon = None,
    confirm_gone: Confirm = False,
    control_total: ControlTotal = None,
    control_rows: ControlRows = None,
    yes: Yes = False,
) -> int:
    """Read files of a CRM into the ledger: created, updated, unchanged and rejected rows always add up.

    A large import that was interrupted goes on when the same command is given again, or with --resume.
    """
    from hedef.intake.services import run_import

    run.actor.must("import")
    if resume is not None or abandon is not None:
        return _left_behind(run, files, resume, abandon)
    if scope not in (None, "full", "partial"):
        raise WrongUse(f'--scope: "{scope}" is neither full nor partial.')
    with _progress(run) as report:
        answers = run_import(
            files=files or [],
            actor=run.actor.name,
            source=source,
            object=object,
            mapping=mapping,
            decide=dict(_pair(one) for one in decide or ()),
            plan=plan,
            exported_at=None if exported_at is None else read_moment(exported_at, "--exported-at"),
            scope=scope,
            dry_run=run.dry_run,
            yes=yes,
            fixes=fixes,
            confirm_gone=confirm_gone,
            control_totals=dict(_total(one) for one in control_total or ()),
            control_rows=control_rows,
            progress=report,
        )
    _print(run, answers)
    return answers.exit_code


def _left_behind(run: Context, files: list[Path] | None, resume: str | None, abandon: str | None) -> int:
    """Go on with an interrupted import, or take it back."""
    from hedef.intake import queries, services

    if files or (resume is not None and abandon is not None):
        raise WrongUse(
            "--resume and --abandon stand alone: the job knows its files.", hint="hedef import --resume J-81"
        )
    if resume is not None:
        with _progress(run) as report:
            answers = services.resume(resume, progress=report)
        _print(run, answers)
        return answers.exit_code
    assert abandon is not None
    services.abandon(abandon)
    told = queries.job_json(queries.job(abandon))
    run.answer(told, Table(["job", "state"], [[told["job"], told["state"]]]), text=f"{told['job']} was taken back.")
    return 0


def _pair(text: str) -> tuple[str, str]:
    column, sign, value = text.rpartition("=") if ">" not in text else text.partition("=")
    if not sign or not column.strip():
        raise WrongUse(f'--decide: "{text}" is no COLUMN=VALUE.', hint='For example --decide "Closing Date=m/d"')
    return column.strip(), value.strip()


def _total(text: str) -> tuple[str, str]:
    currency, sign, amount = text.partition("=")
    if not sign:
        raise WrongUse(f'--control-total: "{text}" is no CUR=AMOUNT.', hint='For example --control-total "EUR=1234.50"')
    return currency.strip(), amount.strip()


@contextmanager
def _progress(run: Context) -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar for people; with `--json` one JSON line a second on stderr."""
    if run.format != "json":
        with run.progress() as report:
            yield report
        return
    said = [0.0]

    def lines(text: str, done: int, total: int | None) -> None:
        moment = time.monotonic()
        if moment - said[0] >= 1:
            said[0] = moment
            sys.stderr.write(json.dumps({"step": text, "done": done, "total": total}) + "\n")

    yield lines


def _print(run: Context, answers: "ImportAnswers") -> None:
    from hedef.intake.answer import summary_line
    from hedef.intake.run.report import sentences

    rows = [_row(one) for one in answers.files]
    lines = [summary_line(one) for one in answers.files] if len(answers.files) == 1 else []
    for one in answers.files:
        lines += [f"{one.file['name']}: {text}" for text in sentences(one.issues)]
        lines += [
            f"{one.file['name']}: {_decision(told)}"
            for told in one.decisions
            if told["by"] in ("suggestion", "mapping")
        ]
        lines += [f"{one.file['name']}: {_rejects(one.rejects_file)}"] if one.rejects_file else []
    head = ["file", "object", "read", "created", "updated", "unchanged", "rejected", "batch", "trust"]
    run.answer(answers.as_json(), Table(head, rows), text="\n".join(lines))


def _rejects(name: str) -> str:
    from django.conf import settings

    return f"rejected rows are in {settings.HEDEF.rejects_dir / name}. Fix the cells there and import that file."


def _row(one: "ImportAnswer") -> list[str | int | None]:
    counts = one.counts
    told = [counts.rows_read, counts.created, counts.updated, counts.unchanged, counts.rejected]
    return [one.file["name"], one.object or "-", *told, one.batch or "-", one.trust.level]


def _decision(told: dict[str, Any]) -> str:
    return f'"{told["column"]}" ({told["what"]}) read as {told["value"]}, by {told["by"]}'


@command(app, "check")
def check(run: Context, source: SourceOption = None) -> int:
    """All checks of the trust gate: 0 trusted, 1 caution or unknown, 3 blocked."""
    from hedef.intake.queries import check as ask_check

    run.actor.must("read_data")
    found = ask_check(source, known_no=run.known_no, asked_us=run.as_of_us)
    told = found.as_json()
    rows: list[list[str | int | None]] = [
        [one["source"], one["object"], one["check"], one["level"], one["rows"], one["detail"], _trend(one["trend"])]
        for one in told["checks"]
    ]
    table = Table(["source", "object", "check", "level", "rows", "what was measured", "last ones"], rows)
    steps = [
        f"{one['source']}, {one['check']}: {one['next_step']}" for one in told["checks"] if one["level"] == "blocked"
    ]
    run.answer(told, table, text="\n".join([f"The data is {found.trust.level}.", *steps]))
    return found.exit_code


def _trend(levels: list[str]) -> str:
    """The last levels, oldest first, by their first letter: `ttcb`."""
    return "".join(one[0] for one in levels)
