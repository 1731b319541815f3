"""The command line: light until a room is used, common options on both sides of a verb, exit codes and outputs."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.util import find_spec
from typing import Annotated

import pytest
import typer

from hedef import cli
from hedef.call import Call, read_moment
from hedef.cli_output import Table, as_csv, as_markdown, as_text
from hedef.cli_support import Context, command, group
from hedef.kernel.errors import NeedsDecision, NotFound, Refused, WrongUse
from hedef.kernel.issue import Issue

HEAVY = {
    "django", "duckdb", "numpy", "pyarrow", "polars", "psycopg", "holidays", "sqlglot", "pydantic",
    "rich", "typer", "ninja", "babel", "ruamel", "granian", "pygments", "hedef.kernel",
}  # fmt: skip


def imported(*argv):
    """Top-level names of the modules that a run of `hedef` left imported, and its output."""
    code = (
        "import sys, json\nfrom hedef.cli import run\n"
        f"code = run({list(argv)!r})\nprint(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    exit_code, names = json.loads(done.stderr.splitlines()[-1])
    tops = {name if name in HEAVY else name.partition(".")[0] for name in names}
    return exit_code, tops & HEAVY, done.stdout


def test_help_imports_nothing_heavy_and_names_every_command():
    exit_code, heavy, text = imported("--help")
    assert (exit_code, heavy) == (0, set())
    assert all(f"\n  {name} " in text for name in cli.COMMANDS | cli.GROUPS)


@pytest.mark.parametrize("group", ["jobs", "ledger", "facts", "targets"])
def test_a_group_without_a_command_shows_its_help(group, capsys):
    assert cli.run([group]) == 2
    told = capsys.readouterr()
    assert f"hedef {group}" in told.out + told.err
    assert "Traceback" not in told.out + told.err


def test_help_of_a_group_opens_no_home_and_needs_no_django():
    for name in cli.GROUPS:
        if find_spec(cli.GROUPS[name][0]) is None:
            continue
        exit_code, heavy, text = imported(name, "--help")
        assert exit_code == 0, name
        assert heavy <= {"typer", "rich", "pygments", "hedef.kernel"}, name
        assert "Usage: hedef " + name in text


# --- a small room, so that the furniture can be tested alone ----------------------------------------------------------

app = group("A room for tests.")
inner = group("Below.")
app.add_typer(inner, name="deep")


@command(app, "show", home=False)
def show(run: Context, word: Annotated[str, typer.Argument()] = "none", times: int = 1) -> None:
    rows = [[word, place] for place in range(times)]
    run.answer({"word": word, "times": times, "known": run.known_at_text}, Table(["word", "place"], rows))
    run.say("done")


@command(app, "fail", home=False)
def fail(run: Context, how: str) -> int | None:
    faults = {
        "refused": Refused("The gate is closed.", hint="Fix 2 rows.", issues=[Issue("x", "error", "row 3 is empty.")]),
        "missing": NotFound("There is no B-9."),
        "question": NeedsDecision("One thing is open.", decisions=[{"question": "Which day is 03/04?"}]),
    }
    if how in faults:
        raise faults[how]
    if how == "found":
        return 1
    raise ZeroDivisionError("secret detail")


@command(inner, "write", writes=True, home=False)
def write(run: Context) -> None:
    run.answer({"dry_run": run.dry_run, "reason": run.reason})


@pytest.fixture
def hedef(monkeypatch, capsys):
    """Runs a command line of the test room: exit code, stdout, stderr."""
    monkeypatch.setitem(cli.GROUPS, "room", (__name__, None, "A room for tests."))
    monkeypatch.setitem(cli.COMMANDS, "show", (__name__, "show", "Short for room show."))
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])

    def run(*argv):
        code = cli.run(argv)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_the_answer_goes_to_stdout_and_the_sentence_to_stderr(hedef):
    assert hedef("room", "show", "hello", "--json") == (
        0,
        '{\n  "word": "hello",\n  "times": 1,\n  "known": null\n}\n',
        "done\n",
    )


@pytest.mark.parametrize(
    "argv",
    [
        ("--format", "csv", "--known-at", "7", "room", "show", "x"),
        ("room", "--format=csv", "show", "--known-at", "7", "x"),
        ("room", "show", "x", "--known-at=7", "--format", "csv"),
        ("--json", "room", "show", "--format", "csv", "x"),
        ("--format", "csv", "show", "x"),
    ],
)
def test_common_options_stand_before_or_after_the_verb(hedef, argv):
    code, out, _ = hedef(*argv)
    assert code == 0
    assert out == ("word,place\nx,0\n" if "--json" not in argv else out)


def test_the_option_after_the_verb_wins(hedef):
    assert hedef("--known-at", "1", "room", "show", "--json", "--known-at", "2")[1].count('"known": "2"') == 1


def test_options_before_a_verb_of_two_words_reach_it(hedef):
    code, out, _ = hedef("--json", "room", "--dry-run", "deep", "write", "--reason", "because")
    assert (code, json.loads(out)) == (0, {"dry_run": True, "reason": "because"})


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("refused", 3, "The gate is closed.\n  Fix 2 rows.\n  error: row 3 is empty.\n"),
        ("missing", 2, "There is no B-9.\n"),
        ("question", 4, "One thing is open.\n  to decide: Which day is 03/04?\n"),
        ("found", 1, ""),
    ],
)
def test_every_outcome_has_its_exit_code_and_sentence(hedef, how, code, said):
    assert hedef("room", "fail", how) == (code, "", said)


def test_a_failed_call_for_a_program_is_an_error_object(hedef):
    code, out, err = hedef("room", "fail", "question", "--json")
    assert (code, err) == (4, "")
    assert json.loads(out) == {
        "schema": "hedef.error/1",
        "code": "needs_decision",
        "message": "One thing is open.",
        "hint": None,
        "issues": [],
        "decisions": [{"question": "Which day is 03/04?"}],
    }


def test_a_fault_of_hedef_shows_no_traceback_and_keeps_it_in_a_file(hedef, monkeypatch, tmp_path):
    monkeypatch.setenv("HEDEF_HOME", str(tmp_path))
    code, out, err = hedef("room", "fail", "bug")
    assert (code, out) == (70, "")
    assert "Something broke inside Hedef (ZeroDivisionError)." in err
    assert "secret detail" not in err
    (log,) = (tmp_path / "logs").iterdir()
    assert str(log) in err
    assert "secret detail" in log.read_text()


@pytest.mark.parametrize(
    "argv",
    [
        ("nothing",),
        ("--home", "x"),
        ("room", "nothing"),
        ("room", "show", "--nothing"),
        ("room", "show", "x", "y"),
        ("room", "show", "--times", "many"),
        ("room", "show", "--format", "xml"),
        ("room", "fail"),
        (),
    ],
)
def test_wrong_use_is_2_with_a_sentence(hedef, argv):
    code, _, err = hedef(*argv)
    assert code == 2
    assert "Traceback" not in err


def test_version(hedef):
    assert hedef("--version")[1].startswith("hedef ")


# --- what the options mean --------------------------------------------------------------------------------------------


def test_a_moment_is_a_day_or_an_instant_with_its_zone():
    assert read_moment("2026-11-17", "x") == date(2026, 11, 17)
    assert read_moment("2026-11-17T18:00:00+03:00", "x") == datetime(2026, 11, 17, 15, tzinfo=UTC)
    for wrong in ("yesterday", "2026-02-30", "2026-11-17T18:00:00", ""):
        with pytest.raises(WrongUse, match="neither a day nor an instant"):
            read_moment(wrong, "--as-of")


def test_a_day_means_its_end_in_the_companys_zone_and_nothing_means_now(home, settings):
    call = Call(now=datetime(2026, 11, 17, 15, tzinfo=UTC), as_of_text="2026-11-16")
    assert (call.as_of, call.as_of_us) == (date(2026, 11, 16), call.calendar.end_us(date(2026, 11, 16)))
    now = Call(now=datetime(2026, 11, 17, 15, tzinfo=UTC))
    assert (now.as_of, now.as_of_us) == (date(2026, 11, 17), now.now_us)
    instant = Call(now=now.now, as_of_text="2026-11-17T10:00:00Z")
    assert instant.as_of_us == now.now_us - 5 * 3600 * 1_000_000


def test_known_at_is_a_seal_number_or_is_looked_up(home):
    assert Call(now=datetime(2026, 11, 17, tzinfo=UTC)).known_no is None
    assert Call(now=datetime(2026, 11, 17, tzinfo=UTC), known_at_text="12").known_no == 12
    assert Call(now=datetime(2026, 11, 17, tzinfo=UTC), known_at_text="2000-01-01").known_no == 0


# --- printing ---------------------------------------------------------------------------------------------------------

TABLE = Table(["name", "deals"], [["Ada | Bo", 3], ["Ç", None]], title="Reps")


def test_a_table_for_spreadsheets():
    assert as_csv(TABLE) == "name,deals\nAda | Bo,3\nÇ,\n"


def test_a_table_for_documents():
    assert as_markdown(TABLE) == "### Reps\n\n| name | deals |\n|---|---:|\n| Ada \\| Bo | 3 |\n| Ç | – |"


def test_a_table_for_a_terminal():
    assert as_text([TABLE], "Two.") == (
        "Two.\nReps\n\n  name       deals\n ──────────────────\n  Ada | Bo       3\n  Ç              –\n\n"
    )


# --- a whole home -----------------------------------------------------------------------------------------------------


def test_access_from_an_empty_folder_to_a_token(home, hedef):
    added = hedef("--home", str(home), "access", "user", "add", "defne", "--name", "Defne Karaca", "--role",
                  "operations", "--role", "admin", "--no-password", "--json")  # fmt: skip
    assert (added[0], json.loads(added[1])["users"][0]["roles"]) == (0, ["operations", "admin"])
    code, out, err = hedef("access", "token", "make", "defne", "nightly", "--json")
    assert (code, json.loads(out)["token"][:6]) == (0, "hedef_")
    assert "only a digest" in err
    assert hedef("--as", "defne", "access", "user", "list", "--format", "csv")[1].splitlines()[1].startswith("defne,")
    assert hedef("access", "user", "add", "deniz", "--role", "rep", "--no-password")[0] == 0
    assert hedef("--as", "deniz", "access", "user", "list")[0] == 3
    assert hedef("--as", "nobody", "access", "user", "list")[0] == 2


def test_another_home_in_the_same_process_is_refused(home, hedef, tmp_path):
    assert hedef("--home", str(tmp_path / "other"), "access", "user", "list")[0] == 2


def test_now_of_a_demo_home_is_its_fixed_day(home, settings):
    from hedef.settings import now

    settings.HEDEF = replace(settings.HEDEF, today=date(2026, 11, 17))
    assert now().date() == date(2026, 11, 17)


@pytest.mark.parametrize(("name", "value"), [("HEDEF_FISCAL_START", "99"), ("HEDEF_HOME", "/dev/null")])
def test_a_setting_that_cannot_be_read_is_said_and_not_a_fault(name, value, tmp_path):
    environ = {"PATH": os.environ["PATH"], "HEDEF_HOME": str(tmp_path), name: value}
    command = [sys.executable, "-m", "hedef.cli", "ledger", "show", "--format", "json"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["schema"], told["code"]) == (2, "hedef.error/1", "wrong_use")
    assert name in told["message"] or value in told["message"]
