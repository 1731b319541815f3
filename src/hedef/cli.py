"""The command line: a static table, so that `hedef --help` imports nothing; a room loads when it is used."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer import Typer

# name: (module whose `app` holds the verbs, verb of that app or none for the whole group, help)
COMMANDS: dict[str, tuple[str, str | None, str]] = {
    "demo": ("hedef.demo.cli", "demo", "Make the invented company in a data folder."),
    "serve": ("hedef.web.cli", "serve", "Serve the pages and the API on this machine."),
    "worker": ("hedef.web.cli", "worker", "Work on jobs beside the server, here or on another machine."),
    "import": ("hedef.intake.cli", "import", "Read the files of a CRM into the ledger."),
    "export": ("hedef.intake.export_cli", "export", "Agreed values back to the CRM, in its own columns."),
    "check": ("hedef.intake.cli", "check", "Can the data be relied on?"),
    "scoreboard": ("hedef.targets.cli", "scoreboard", "Targets against actuals, and where everyone should be."),
}
GROUPS: dict[str, tuple[str, str | None, str]] = {
    "records": ("hedef.records.cli", None, "People, teams, accounts and every other record."),
    "ledger": ("hedef.ledger.cli", None, "What changed, when, by whom."),
    "intake": ("hedef.intake.fixes_cli", None, "Wrong rows: who saw them, what is right, what was answered."),
    "facts": ("hedef.facts.cli", None, "The ledger as columns."),
    "definitions": ("hedef.definitions.cli", None, "Dated documents: KPIs, processes, plans, mappings."),
    "publications": ("hedef.publications.cli", None, "Numbers that were shown, and their replay."),
    "jobs": ("hedef.jobs.cli", None, "Work that goes on behind the pages: how far, what failed, again."),
    "access": ("hedef.access.cli", None, "Users, roles and tokens."),
    "process": ("hedef.process.cli", None, "Sales processes: stages, ageing, checks."),
    "metrics": ("hedef.metrics.cli", None, "KPIs and the rows behind them."),
    "targets": ("hedef.targets.cli", None, "Goals: import, split, publish, pace."),
}

_COMMON = """\
Options of every command, before or after its verb:
  --home DIR           data folder [HEDEF_HOME, else hedef-home]
  --as USER            act with this user's rights
  --as-of DAY          which truth (a day means its end); --known-at SEAL what was known
  --format FORMAT      table, json, csv or md; --json is short for json"""


def overview() -> str:
    """The text of `hedef --help`."""
    lines = ["Usage: hedef [OPTIONS] COMMAND ...", "", "Sales operations on true numbers.", ""]
    for title, entries in (("Commands", COMMANDS), ("Groups (hedef GROUP --help)", GROUPS)):
        lines += [f"{title}:", *(f"  {name:<14} {text}" for name, (_, _, text) in entries.items()), ""]
    return "\n".join([*lines, _COMMON]) + "\n"


def main() -> None:
    """Entry of the program `hedef`."""
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Runs one command in this process and returns its exit code (`docs/contracts.md` section 5)."""
    if not argv or argv[0] in {"--help", "-h", "help"}:
        sys.stdout.write(overview())
        return 0 if argv else 2
    if argv[0] == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"hedef {version('hedef')}\n")
        return 0
    return _dispatch(list(argv))


def _dispatch(argv: list[str]) -> int:
    from hedef.allocator import keep_little

    keep_little()
    from hedef.cli_support import run_app, show_error
    from hedef.kernel.errors import WrongUse

    leading, rest = _leading_options(argv)
    name = rest[0] if rest else ""
    entry = (COMMANDS | GROUPS).get(name)
    if entry is None:
        wrong = WrongUse(f'"{name}" is no command of hedef.' if name else "No command was given.", hint="hedef --help")
        show_error(wrong, as_json="--json" in argv)
        return wrong.exit_code
    module, verb, _ = entry
    words = rest[1:]
    if verb is not None:
        return run_app(_app(module), [verb, *leading, *words], program="hedef")
    more, words = _leading_options(words)
    app = _app(module)
    depth = _verb_place(app, words)
    return run_app(app, [*words[:depth], *leading, *more, *words[depth:]] if depth else words, program=f"hedef {name}")


def _verb_place(app: "Typer", words: list[str]) -> int:
    """How many words name the verb (`user add` has two); 0 when there is none."""
    if not words or words[0].startswith("-"):
        return 0
    inner = next((one.typer_instance for one in app.registered_groups if one.name == words[0]), None)
    if inner is None:
        return 1
    depth = _verb_place(inner, words[1:])
    return depth and depth + 1


def _leading_options(argv: list[str]) -> tuple[list[str], list[str]]:
    """Splits the common options that stand before the verb from the rest."""
    from hedef.cli_support import COMMON_OPTIONS

    place = 0
    while place < len(argv) and argv[place].startswith("--"):
        name, equals, _ = argv[place].partition("=")
        if name not in COMMON_OPTIONS:
            break
        place += 2 if COMMON_OPTIONS[name] and not equals else 1
    return argv[:place], argv[place:]


def _app(module: str) -> "Typer":
    from importlib import import_module

    app: Typer = import_module(module).app
    return app


if __name__ == "__main__":
    main()
