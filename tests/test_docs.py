"""The pages say what the code does: commands, addresses, services, tables and tests that they name are there."""

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer._click.exceptions import ClickException, MissingParameter

from hedef import cli

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
ROOMS = sorted(file.parent.name for file in (ROOT / "src" / "hedef").glob("*/__init__.py"))
ROOM_PAGES = [DOCS / "rooms" / f"{room}.md" for room in ROOMS]
HEADINGS = [
    "What it is for", "Words", "What it keeps", "Doors", "Rules", "Where to change what", "Not yet",
]  # fmt: skip


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _quoted(text: str) -> list[str]:
    """What stands in backticks outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def _fenced(text: str) -> list[str]:
    """Command lines of fenced shell blocks, continued ones joined."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


# --- commands ---------------------------------------------------------------------------------------------------------


def _words_of(line: str) -> list[str] | None:
    """The words behind `hedef` in a line that runs it, without the common options before the command."""
    words = shlex.split(line, comments=True)
    if not words or Path(words[0]).name != "hedef":
        return None
    _, rest = cli._leading_options(words[1:])
    return rest


def _commands_of(page: Path) -> list[list[str]]:
    """Every command line that a page shows; lists of verbs (`a | b`) are no command lines."""
    text = _text(page)
    lines = [line for line in (*_fenced(text), *_quoted(text)) if re.match(r"(\.venv/bin/)?hedef ", line)]
    return [words for line in lines if " | " not in line and (words := _words_of(line)) is not None]


@cache
def _group(module: str) -> Any:
    return typer.main.get_group(import_module(module).app)


def _parse(words: list[str]) -> list[str]:
    """Reads a command line as Typer does, without running it; answers the words that name the command."""
    module, verb, _ = (cli.COMMANDS | cli.GROUPS)[words[0]]
    command, name, rest = _group(module), [words[0]], words[1:]
    if verb is not None:
        command = command.commands[verb]
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        command, rest = command.commands[rest[0]], rest[1:]
        name.append(words[len(name)])
    if rest and not hasattr(command, "commands") and "--help" not in rest:
        try:
            command.make_context(" ".join(name), list(rest))
        except MissingParameter as fault:
            raise AssertionError(f"hedef {' '.join(words)}: {fault.format_message()}") from fault
    return name


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_line_of_a_page_is_a_real_one(page):
    for words in _commands_of(page):
        if words and words[0] in {"--help", "--version"}:
            continue
        try:
            _parse(words)
        except KeyError as fault:
            pytest.fail(f"hedef {' '.join(words)}: there is no command {fault}")
        except ClickException as fault:
            pytest.fail(f"hedef {' '.join(words)}: {fault.format_message()}")


def _verbs_of(command: Any, name: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not hasattr(command, "commands"):
        yield name
        return
    for verb, inner in command.commands.items():
        yield from _verbs_of(inner, (*name, verb))


def test_every_command_stands_on_the_page_of_its_room():
    for name, (module, verb, _) in (cli.COMMANDS | cli.GROUPS).items():
        group = _group(module)
        verbs = _verbs_of(group.commands[verb] if verb else group, (name,))
        page = DOCS / "rooms" / f"{module.split('.')[1]}.md"
        shown = {tuple(_parse(words)) for words in _commands_of(page)}
        assert set(verbs) - shown == set(), _name(page)


# --- the five minutes of the README -----------------------------------------------------------------------------------

# the README speaks of one's own files of this year; the sample is a company of 2017
_OWN = {
    "Opportunity.csv User.csv Account.csv": "accounts.csv products.csv sales_pipeline.csv sales_teams.csv --yes",
    "2026-Q4": "2017-Q3 --as-of 2017-08-31",
    "won_value@2026-Q3": "won_value@2017-Q2",
    "sales-2026": "sales-2017",
}


def _five_minutes(folder: Path) -> list[list[str]]:
    told = _text(ROOT / "README.md").partition("## Five minutes")[2].partition("\n## ")[0]
    lines = [line for line in _fenced(told) if "hedef" in line]
    for ours, sample in _OWN.items():
        assert any(ours in line for line in lines), f"the README shows no {ours} any more"
        lines = [line.replace(ours, sample) for line in lines]
    commands = [words for line in lines if (words := _words_of(line)) is not None]
    return [[str(folder / word) if word.endswith(".csv") else word for word in words] for words in commands]


def test_the_five_minutes_of_the_readme_work_on_a_real_export(home, samples, capsys):
    answers = {}
    for words in _five_minutes(samples / "maven_crm"):
        if words[0] == "serve":
            continue
        assert cli.run(["--home", str(home), *words, "--json"]) in {0, 1}, words
        answers[" ".join(words[:2])] = json.loads(capsys.readouterr().out)

    assert list(answers)[2:4] == ["targets split", "targets publish"]
    board = answers["scoreboard --period"]
    rows = {row["name"]: (row["target"], row["actual"], row["band"]) for row in board["rows"]}
    assert {name: rows[name] for name in ("Central", "East", "West")} == {
        "Central": ("1024000.00", "666638.00", "on_pace"),
        "East": ("1087000.00", "510687.00", "behind"),
        "West": ("1189000.00", "569666.00", "watch"),
    }
    assert answers["metrics rows"]["value"] == board["total"]["actual"] == "1746991.00"


# --- links, pages, headings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", _text(page))
    assert {
        link for link in links if "://" not in link and not (page.parent / link).exists()
    } - _MADE_AT_THE_END == set()


# pictures and figures are taken of the finished house
_MADE_AT_THE_END: set[str] = set()


def test_every_room_has_its_page_and_stands_in_the_list():
    assert {page.name for page in (DOCS / "rooms").glob("*.md")} == {f"{room}.md" for room in ROOMS} | {"README.md"}
    listed = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\)", _text(DOCS / "rooms" / "README.md"), flags=re.M)
    assert sorted(name for name, _ in listed) == ROOMS
    assert all(name == file for name, file in listed)


@pytest.mark.parametrize("page", ROOM_PAGES, ids=_name)
def test_pages_of_rooms_have_the_same_headings(page):
    assert re.findall(r"^## (.+)$", _text(page), flags=re.M) == (
        HEADINGS if page.stem != "intake" else [*HEADINGS[:5], "Issue codes", *HEADINGS[5:]]
    )


def test_every_decision_is_dated_and_stands_in_the_list():
    folder = DOCS / "decisions"
    files = sorted(file.name for file in folder.glob("0*.md"))
    rows = re.findall(r"^\| \[(\d{4})\]\((.+?)\) \| (.+) \|$", _text(folder / "README.md"), flags=re.M)
    assert [file for _, file, _ in rows] == files
    for number, file, title in rows:
        text = _text(folder / file)
        assert text.startswith(f"# {number} · {title}\n\n20"), file


# --- names of the code ------------------------------------------------------------------------------------------------


@cache
def _tests() -> frozenset[str]:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py")]
    return frozenset(name for text in texts for name in re.findall(r"^ *(?:async )?def (test_\w+)", text, flags=re.M))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_test_that_a_page_names_is_there(page):
    assert {word for word in _quoted(_text(page)) if re.fullmatch(r"test_\w+", word)} - _tests() == set()


@pytest.mark.parametrize("page", ROOM_PAGES, ids=_name)
def test_every_service_and_query_that_a_page_names_is_there(page):
    dotted = [word for word in _quoted(_text(page)) if re.fullmatch(rf"({'|'.join(ROOMS)})(\.\w+)+", word)]
    dotted = [word for word in dotted if word not in {"demo.making", "demo.ready"}]  # files of a demo home
    for word in dotted:
        module, _, name = word.rpartition(".")
        try:
            found = hasattr(import_module(f"hedef.{module}"), name)
        except ModuleNotFoundError:
            found = False
        if not found:
            import_module(f"hedef.{word}")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_of_the_code_that_a_page_names_is_there(page):
    """`engine/blocks.py` on the page of a room stands in that room; paths from the root are seen as such."""
    room = ROOT / "src" / "hedef" / page.stem
    for word in _quoted(_text(page)):
        if not re.fullmatch(r"[\w./-]+\.(py|sql|yaml|css|html)", word) or "<" in word or word.startswith("mapping_"):
            continue
        places = (ROOT, ROOT / "src", ROOT / "src" / "hedef", room, room / "templates")
        name = word.partition("*")[0]
        there = any((place / name).exists() for place in places) or any(room.rglob(f"*/{Path(name).name}"))
        assert there or word in _EXAMPLES, word


_EXAMPLES = {"plan.yaml", "views.py", "api.py", "cli.py", "schema.py", "engine.py", "models.py", "services.py"} | {
    "queries.py", "tasks.py", "jobs.py", "apps.py",
}  # fmt: skip


@cache
def _endpoints() -> frozenset[str]:
    from hedef.api import api

    paths = api.get_openapi_schema()["paths"]
    return frozenset(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)


@pytest.mark.parametrize("page", ROOM_PAGES, ids=_name)
def test_a_room_and_its_page_name_the_same_http_calls(page):
    said = {word for word in _quoted(_text(page)) if re.match(r"(GET|POST|PUT|DELETE|PATCH) /", word)}
    assert said == {one for one in _endpoints() if one.split("/")[3] == page.stem}


def _addresses(room: str) -> set[str]:
    from importlib.util import find_spec

    if find_spec(f"hedef.{room}.urls") is None:
        return set()
    patterns = import_module(f"hedef.{room}.urls").urlpatterns
    return {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern)) for one in patterns}


@pytest.mark.parametrize("page", ROOM_PAGES, ids=_name)
def test_a_room_and_its_page_name_the_same_addresses(page):
    line = next((line for line in _text(page).splitlines() if line.startswith("- Pages: ")), "")
    assert {word for word in _quoted(line) if word.startswith("/")} == _addresses(page.stem)


@pytest.mark.parametrize("page", ROOM_PAGES, ids=_name)
def test_every_table_of_a_room_stands_on_its_page(page):
    from django.apps import apps

    tables = {one._meta.db_table for one in apps.get_models() if one.__module__.startswith(f"hedef.{page.stem}.")}
    kept = _text(page).partition("## What it keeps")[2].partition("\n## ")[0]
    assert tables - set(_quoted(kept)) == set()


def test_every_metric_of_the_library_stands_on_its_page():
    from hedef.metrics.shipped import shipped_metrics

    kept = _text(DOCS / "rooms" / "metrics.md").partition("## What it keeps")[2].partition("\n## ")[0]
    assert set(shipped_metrics()) <= set(_quoted(kept))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_page_knows_a_machine(page):
    assert re.findall(r"(?<![\w.])/(?:work|home|root|Users|tmp|usr)/\S*", _text(page)) == []
