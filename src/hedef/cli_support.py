"""What every command has in common: its options, its open data folder, its output and its way to fail.

A room's `cli.py` looks like this (imports of queries and services stand inside the functions: `--help` pays nothing):

    app = group("What changed, when, by whom.")

    @command(app, "show")
    def show(run: Context, batch: Annotated[int | None, typer.Argument(help="Its number.")] = None) -> int | None:
        from hedef.ledger.queries import batches

        rows = batches(known_no=run.known_no)
        run.answer(payload, Table(["batch", "kind"], [[row.no, row.kind] for row in rows]))

The function gets a `Context` first; it may return an exit code of `docs/contracts.md` section 5 (none is 0).
`@command(app, "verb", writes=True)` adds `--dry-run` and `--reason`. Refusals are raised, never printed.
"""

import inspect
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_type_hints

import typer

from hedef.call import Call
from hedef.cli_output import Table, as_csv, as_file, as_markdown, as_text, say, write, write_bytes
from hedef.kernel.errors import HedefError, WrongUse

type Format = Literal["table", "json", "csv", "md", "xlsx", "pdf", "png"]
type Report = Callable[[str, int, int | None], None]

FORMATS: tuple[Format, ...] = ("table", "json", "csv", "md", "xlsx", "pdf", "png")

__all__ = ["Context", "Table", "command", "group", "open_home", "prepare_home", "run_app", "show_error"]


@dataclass
class Context(Call):
    """One run of a command on one data folder; `Call` says who asks, as of when and knowing what."""

    format: Format = "table"
    dry_run: bool = False
    reason: str = ""
    verb: str = ""  # of a command that reads a data folder: what it takes out is noted under this name

    option: ClassVar[str] = "--"

    def say(self, text: str) -> None:
        """A sentence for the person at the terminal; it never mixes with the answer."""
        say(text)

    def answer(self, payload: Any, *tables: Table, text: str = "") -> None:
        """Prints the answer: `payload` as JSON, or the tables (csv: the first one) below a line of `text`."""
        if tables and self.verb and self.format not in ("table", "json"):
            self._note_read(tables[0])
        if self.format == "json":
            write(json.dumps(payload, ensure_ascii=False, indent=2, sort_keys=False) + "\n")
        elif self.format == "csv":
            write(as_csv(tables[0]) if tables else "")
        elif self.format in {"xlsx", "pdf", "png"}:
            table = tables[0] if tables else Table(["answer"], [[text]])
            write_bytes(as_file(table, self.format, name=self.verb or "hedef", payload=payload))
        elif self.format == "md":
            write("\n\n".join([part for part in (text, *map(as_markdown, tables)) if part]) + "\n")
        else:
            write(as_text(tables, text))

    def _note_read(self, table: Table) -> None:
        """A table that leaves as a file may hold names: who took it is remembered."""
        from hedef.access.services import note_read

        rows = len(table.rows)
        note_read(
            actor=self.actor.name, what=self.verb, format_=self.format, rows=rows, way="command", at_us=self.now_us
        )

    @contextmanager
    def progress(self) -> Iterator[Report]:
        """Lends `report(text, done, total)`; a bar on a terminal's stderr, silence elsewhere."""
        if not sys.stderr.isatty():
            yield _no_report
            return
        from rich.console import Console
        from rich.progress import Progress, TaskID

        with Progress(console=Console(stderr=True), transient=True) as bar:
            tasks: dict[str, TaskID] = {}

            def report(text: str, done: int, total: int | None) -> None:
                if text not in tasks:
                    tasks[text] = bar.add_task(text, total=total)
                bar.update(tasks[text], completed=done, total=total)

            yield report


def _no_report(_text: str, _done: int, _total: int | None) -> None:
    """Nobody watches."""


# --- the data folder --------------------------------------------------------------------------------------------------


def open_home(home: Path | None) -> None:
    """Makes `home` the data folder of this process: settings, Django, tables and shipped documents up to date."""
    from django.apps import apps

    if not apps.ready:
        if home is not None:
            os.environ["HEDEF_HOME"] = str(home)  # noqa: TID251 - settings read it on their first import
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hedef.settings")  # noqa: TID251
        _setup()
    from django.conf import settings

    if home is not None and home.expanduser().absolute() != settings.HEDEF.home:
        raise WrongUse(f"This process already works on the data folder {settings.HEDEF.home}, not on {home}.")
    prepare_home()


def _setup() -> None:
    import django

    django.setup()  # reads the settings; a wrong one is a SettingError, which says its name


def prepare_home() -> None:
    """Brings tables and shipped documents of the open home up to this version of Hedef; quick when they are."""
    from django.conf import settings

    home: Path = settings.HEDEF.home
    stamp_file, stamp = home / "version.stamp", _stamp(settings.HEDEF.database_url)
    database_there = bool(settings.HEDEF.database_url) or (home / "hedef.sqlite3").is_file()
    if database_there and stamp_file.is_file() and stamp_file.read_text(encoding="ascii") == stamp:
        return
    is_new = not stamp_file.is_file()
    home.mkdir(parents=True, exist_ok=True)
    if not os.access(home, os.W_OK | os.X_OK):
        raise WrongUse(
            f"The data folder {home} cannot be written.", hint="Change its rights, or choose another: --home DIR"
        )
    _migrate()
    from hedef.definitions.services import ensure_shipped

    ensure_shipped()
    stamp_file.write_text(stamp, encoding="ascii")
    if is_new:
        say(_defaults())


def _stamp(database_url: str) -> str:
    from hashlib import sha256

    root = Path(__file__).parent
    parts = [database_url]
    for pattern in ("*/migrations/*.py", "**/*.yaml"):
        for file in sorted(root.glob(pattern)):
            at = file.stat()
            parts.append(f"{file.relative_to(root)} {at.st_size} {at.st_mtime_ns}")
    return sha256("\n".join(parts).encode()).hexdigest()


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def _defaults() -> str:
    from django.conf import settings

    made = settings.HEDEF
    month = date(2000, made.fiscal_start, 1).strftime("%B")
    return (
        f"New data folder {made.home}: currency {made.currency}, time zone {made.time_zone}, "
        f"holidays of {made.country}, fiscal year from {month}. "
        f"Other ones: HEDEF_CURRENCY, HEDEF_TIME_ZONE, HEDEF_COUNTRY, HEDEF_FISCAL_START, "
        "or the same names in its hedef.toml."
    )


# --- commands ---------------------------------------------------------------------------------------------------------

_PANEL = "Options of every command"

Home = Annotated[
    Path | None, typer.Option("--home", help="Data folder [HEDEF_HOME, else hedef-home].", rich_help_panel=_PANEL)
]
As = Annotated[
    str | None, typer.Option("--as", metavar="USER", help="Act with this user's rights.", rich_help_panel=_PANEL)
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DAY|INSTANT", help="Which truth; a day means its end.", rich_help_panel=_PANEL),
]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", metavar="SEAL|INSTANT", help="What was known then.", rich_help_panel=_PANEL),
]
FormatOption = Annotated[
    str | None, typer.Option("--format", metavar="|".join(FORMATS), help="How to print.", rich_help_panel=_PANEL)
]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.", rich_help_panel=_PANEL)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the change.")]

_COMMON: dict[str, tuple[Any, Any]] = {
    "home": (Home, None),
    "as_user": (As, None),
    "as_of": (AsOf, None),
    "known_at": (KnownAt, None),
    "format_name": (FormatOption, None),
    "as_json": (Json, False),
}
_WRITES: dict[str, tuple[Any, Any]] = {"dry_run": (DryRun, False), "reason": (Reason, "")}

# options that may also stand before the verb: name -> takes a value
COMMON_OPTIONS = {
    "--home": True,
    "--as": True,
    "--as-of": True,
    "--known-at": True,
    "--format": True,
    "--json": False,
    "--dry-run": False,
    "--reason": True,
}

_wants_json: ContextVar[bool] = ContextVar("wants_json", default=False)


def group(text: str) -> typer.Typer:
    """The Typer app of a room; `text` is its help."""
    return typer.Typer(help=text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def command[**P](
    app: typer.Typer, verb: str, *, writes: bool = False, home: bool = True
) -> Callable[[Callable[P, int | None]], Callable[P, int | None]]:
    """Adds a verb to `app`. The function gets a `Context`, then its own parameters; see the head of this file.

    `writes` adds `--dry-run` and `--reason`; `home=False` opens no data folder.
    """

    def add(function: Callable[P, int | None]) -> Callable[P, int | None]:
        hints = get_type_hints(function, include_extras=True)
        _, *own = inspect.signature(function).parameters.values()
        added = _COMMON | (_WRITES if writes else {})

        def run(**values: Any) -> None:
            common = {name: values.pop(name) for name in added}
            context = _context(common, opens=home)
            if home and not writes:
                context.verb = f"{function.__module__.split('.')[1]} {verb}"
            raise typer.Exit(function(context, **values) or 0)  # type: ignore[arg-type]

        parameters = [one.replace(annotation=hints[one.name], kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for name, (hint, default) in added.items()
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        run.__name__, run.__doc__ = function.__name__, function.__doc__
        app.command(verb)(run)
        return function

    return add


def _context(common: dict[str, Any], *, opens: bool) -> Context:
    chosen = "json" if common["as_json"] else _format(common["format_name"] or "table")
    _wants_json.set(chosen == "json")
    if opens:
        open_home(common["home"])
    elif common["home"] is not None:
        os.environ["HEDEF_HOME"] = str(common["home"])  # noqa: TID251 - read when the command opens it itself
    return Context(
        format=chosen,
        dry_run=common.get("dry_run", False),
        reason=common.get("reason", ""),
        username=common["as_user"],
        as_of_text=common["as_of"],
        known_at_text=common["known_at"],
        now=_now(opens=opens),
    )


def _format(text: str) -> Format:
    for one in FORMATS:
        if one == text:
            return one
    raise WrongUse(f'--format: "{text}" is none of {", ".join(FORMATS)}.')


def _now(*, opens: bool) -> datetime:
    if not opens:
        return datetime.now(UTC)  # noqa: TID251 - no home, no clock of a home
    from hedef.settings import now

    return now()


# --- the way to fail --------------------------------------------------------------------------------------------------


def run_app(app: typer.Typer, argv: Sequence[str], *, program: str) -> int:
    """Runs `app` and turns every outcome into an exit code; no traceback reaches a person."""
    token = _wants_json.set(_asks_json(argv))
    try:
        return _run(app, argv, program)
    except HedefError as fault:
        show_error(fault, as_json=_wants_json.get())
        return fault.exit_code
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - nobody reads the rest
        return 1
    except Exception as fault:
        show_error(_fault(fault), as_json=_wants_json.get())
        return HedefError.exit_code
    finally:
        _wants_json.reset(token)


def _asks_json(argv: Sequence[str]) -> bool:
    """Read before the options are understood, so that a complaint about them is JSON too."""
    return any(
        one in ("--json", "--format=json") or (one == "--format" and after == "json")
        for one, after in pairwise([*argv, ""])
    )


def _run(app: typer.Typer, argv: Sequence[str], program: str) -> int:
    from typer._click.exceptions import ClickException, NoArgsIsHelpError

    try:
        code = typer.main.get_group(app)(list(argv), prog_name=program, standalone_mode=False)
    except NoArgsIsHelpError as fault:
        fault.show()
        return 2
    except ClickException as fault:
        raise WrongUse(fault.format_message(), hint=f"{program} --help shows every option.") from fault
    except typer.Abort:
        raise KeyboardInterrupt from None
    return int(code or 0)


def _fault(fault: Exception) -> HedefError:
    """An unforeseen exception as a sentence; its traceback goes to a file."""
    text = "".join(traceback.format_exception(fault))
    folder = Path(os.environ.get("HEDEF_HOME") or tempfile.gettempdir()) / "logs"  # noqa: TID251
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="hedef-"))
    handle, name = tempfile.mkstemp(prefix="fault-", suffix=".log", dir=folder, text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return HedefError(f"Something broke inside Hedef ({type(fault).__name__}).", hint=f"Please report it with {name}")


def show_error(fault: HedefError, *, as_json: bool) -> None:
    """`hedef.error/1` on stdout, or sentences on stderr."""
    if as_json:
        write(json.dumps(fault.as_json(), ensure_ascii=False, indent=2) + "\n")
        return
    lines = [fault.message, *([f"  {fault.hint}"] if fault.hint else [])]
    lines += [f"  {issue.level}: {issue.message}" + (f" {issue.hint}" if issue.hint else "") for issue in fault.issues]
    told, said = [_decision(decision) for decision in fault.decisions], f"{fault.message} {fault.hint or ''}"
    lines += [f"  to decide: {text}" for text in told if text not in said]
    say("\n".join(lines))


def _decision(decision: dict[str, Any]) -> str:
    said = decision.get("question") or decision.get("message")
    return str(said or ", ".join(f"{key} {value}" for key, value in decision.items() if value not in (None, {}, [])))
