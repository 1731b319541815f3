"""The names in the code stand in docs/contracts.md; names of rooms not built yet are listed here."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from hedef.cli import COMMANDS, GROUPS
from hedef.kernel.ids import LETTERS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
CODES = (ROOT / "docs" / "rooms" / "intake.md").read_text(encoding="utf-8")

# names of the page that the next issues build
LATER_DOCUMENTS = set(
    "comparison contest forecast-plan budget pay-plan routing tool tool-survey tool-decision "
    "tool-pilot mission page duties onboarding-path cadence health ops-scoreboard".split()
)
LATER_TABLES = set(
    "forecast_value forecast_submission deal_probability target_realism forecast_draw contest_result "
    "pay_entry pay_target payout_range mentor_pair customer_risk ops_event".split()
)
LATER_SCHEMAS = set(
    "comparison contest finding forecast series_forecast waterfall realism envelope plan_check "
    "pay_evaluation statement pay_run payroll lead_route lead_audit lead_score tools tool_renewals tool_survey "
    "tool_effect tool_decision playbook_check onboarding at_risk duties".split()
)
LATER_VERBS: dict[str, set[str]] = {}
LATER_GROUPS = {"comparison", "forecasting", "compensation", "leads", "tools", "playbook"}
LATER_COMMANDS: set[str] = set()


def _section(number: int) -> str:
    return re.split(r"^## \d+\. ", PAGE, flags=re.M)[number]


def _rows(number: int) -> list[list[str]]:
    """Cells of the table rows of a section, without heads and rules."""
    lines = [line for line in _section(number).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def _row_about(number: int, what: str) -> str:
    return next(cells[1] for cells in _rows(number) if cells[0].startswith(what))


def _snake(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+(?:_[a-z]+)*", text))


def _quoted(text: str) -> list[str]:
    """Words in backticks, lists in one pair of backticks taken apart."""
    return [word for quoted in re.findall(r"`([^`]+)`", text) for word in quoted.split(", ")]


def _differ(page: set[str], code: set[str], later: set[str]) -> None:
    assert code - page == set(), "in the code, not on the page"
    assert page - code == later, "on the page, not in the code"


# --- ids, tables, documents, JSON -------------------------------------------------------------------------------------


def test_every_letter_of_an_id_stands_on_the_page():
    line = next(line for line in PAGE.splitlines() if line.startswith("- **Entity**"))
    for kind, letter in LETTERS.items():
        assert re.search(rf"\b{letter} {kind}\b", line), f"{letter} {kind}"


def _tables_of_the_page() -> set[str]:
    return {name for cells in _rows(2) for name in _snake(re.sub(r"\([^)]*\)", "", cells[0]))} - {"table"}


def test_facts_tables_and_the_page_name_each_other():
    from hedef.facts.registry import tables

    _differ(_tables_of_the_page(), set(tables()), LATER_TABLES)


def test_tables_that_no_question_may_name_are_called_hidden():
    from hedef.facts.registry import tables

    hidden = {name for cells in _rows(2) if "Hidden" in cells[1] for name in _snake(cells[0])}
    assert hidden == {name for name, table in tables().items() if table.hidden}


def test_columns_of_the_registered_tables_are_those_of_the_page():
    """Where the page lists the columns of a table that one room publishes for others, they are the table's."""
    from hedef.facts.registry import tables

    for name in ("trust_state", "target_line", "target_effective", "stage"):
        said = next(cells[1] for cells in _rows(2) if re.match(rf"{name}\b", cells[0])).partition(";")[0]
        columns = set(tables()[name].columns) - {name}
        assert columns - _snake(said) == set(), name


def test_document_kinds_and_the_page_name_each_other():
    from hedef.definitions.kinds import all_kinds

    named = {
        name
        for cells in _rows(3)
        if cells[0] != "owner"
        for cell in (cells[1], cells[3])
        for name in re.findall(r"[a-z]+(?:-[a-z]+)*", re.sub(r"\(.*?\)|:.*", "", cell))
    } - {"acknowledgement", "notice"}
    _differ(named, set(all_kinds()), LATER_DOCUMENTS)


def test_kinds_that_need_a_second_person_are_those_of_the_page():
    from hedef.definitions.kinds import SECOND_PERSON, all_kinds

    listed = re.search(r"A second person approves what moves money, targets or leads \(([^)]+)\)", _section(3))
    assert listed is not None
    said = set(listed[1].split(", "))
    assert said == SECOND_PERSON
    assert {name for name, kind in all_kinds().items() if kind.second_person} == said & set(all_kinds())


def test_states_of_a_document_are_those_of_the_page():
    from hedef.definitions.engine import NEXT_STATES

    life = re.search(r"Life: `([^`]+)`", _section(3))
    assert life is not None
    states = life[1].split(" -> ")
    assert set(states) == set(NEXT_STATES) | {state for after in NEXT_STATES.values() for state in after}


def _source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))


def test_every_json_schema_of_the_code_stands_on_the_page():
    line = next(line for line in _section(4).splitlines() if line.startswith("- Schemas"))
    named = {name for word in _quoted(line.partition("meaning: ")[2]) for name in _snake(word)} - {"hedef"}
    _differ(named, set(re.findall(r"hedef\.([a-z_]+)/1\b", _source())), LATER_SCHEMAS)


# --- exit codes -------------------------------------------------------------------------------------------------------


def _errors() -> Iterator[type]:
    from hedef.kernel.errors import HedefError

    waiting: list[type] = [HedefError]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.__subclasses__()


def test_exit_codes_and_their_http_twins_are_those_of_the_page():
    said = {int(cells[0]): {int(code) for code in re.findall(r"\d{3}", cells[2])} for cells in _rows(5)[1:]}
    assert set(said) == {0, 1, 2, 3, 4, 70}
    ours = [one for one in _errors() if one.__module__.startswith("hedef.")]
    for one in ours:
        assert one.http_status in said[one.exit_code], one.__name__
    for code in set(said) - {0, 1}:
        assert {one.http_status for one in ours if one.exit_code == code} == said[code], code


def test_the_exit_code_of_check_follows_the_trust_as_the_page_says():
    from hedef.intake.queries import Checked
    from hedef.kernel.trust import Trust

    said = re.search(r"`hedef check`: 0 (\w+), 1 (\w+) or (\w+), 3 (\w+)", _section(5))
    assert said is not None
    for level, code in zip(said.groups(), (0, 1, 1, 3), strict=True):
        assert Checked(None, (), Trust(level)).exit_code == code, level


# --- words with a fixed meaning ---------------------------------------------------------------------------------------


def test_trust_levels_are_those_of_the_page():
    from hedef.kernel.trust import TrustLevel

    assert set(_quoted(_row_about(6, "trust level"))) == set(TrustLevel.__value__.__args__)


def test_verdicts_are_those_of_the_page():
    from hedef.kernel.evidence import Verdict

    said = _quoted(_row_about(6, "verdict")) + _quoted("`" + "`, `".join(["no_clear_difference"]) + "`")
    assert set(said) - {"comparison"} == set(Verdict.__value__.__args__)


def test_bands_are_those_of_the_page_from_the_best_to_the_worst():
    from hedef.targets.schema import BandUse, TargetPlan

    said = _quoted(_row_about(6, "band of a target"))
    assert set(said) == set(BandUse.model_fields["word"].annotation.__args__)
    default = [band.word for band in TargetPlan.model_fields["bands"].get_default(call_default_factory=True)]
    assert said == default[::-1]


def test_roles_of_users_are_those_of_the_page():
    from hedef.access.rights import ROLES

    assert tuple(_quoted(_row_about(6, "role of a user"))) == ROLES


def test_credits_of_a_metric_are_those_of_the_page():
    from hedef.metrics.schema import Credit

    said = _row_about(6, "membership role").partition(";")[2].partition("(")[0]
    assert set(_quoted(said)) == set(Credit.__value__.__args__)


# --- verbs ------------------------------------------------------------------------------------------------------------


def _verbs_of_the_page(group: str) -> set[str]:
    lines = re.findall(rf"hedef {group} +([a-zA-Z -]+?)(?:  |$)", _section(7), flags=re.M)
    return {word for word in " ".join(lines).split() if word.islower()}


@pytest.mark.parametrize("group", list(GROUPS))
def test_every_verb_of_a_group_stands_on_the_page(group):
    where = GROUPS[group][0]
    app = import_module(where).app
    code = {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups}
    code -= {verb for module, verb, _ in COMMANDS.values() if module == where} - _verbs_of_the_page(group)
    _differ(_verbs_of_the_page(group), code, LATER_VERBS.get(group, set()))


def test_groups_and_short_commands_are_those_of_the_page():
    shown = _section(7).partition("```")[2].partition("```")[0]
    short, *groups = shown.strip().splitlines()
    assert set(re.findall(r"hedef (\w+)", "\n".join(groups))) == set(GROUPS) | LATER_GROUPS
    first = {part.split()[0] for part in short.removeprefix("hedef ").split(" | ")}
    assert first == set(COMMANDS) | LATER_COMMANDS


# --- codes of intake --------------------------------------------------------------------------------------------------

_LEVELS = {"error", "warning", "info"}


def _texts(node: ast.expr) -> list[str]:
    """The texts an expression may be; a piece that is filled in at run time is `*`."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp(body=yes, orelse=no):
            return [*_texts(yes), *_texts(no)]
        case ast.JoinedStr(values=parts):
            return ["".join(part.value if isinstance(part, ast.Constant) else "*" for part in parts)]
    return []


def _codes_in(node: ast.AST) -> Iterator[str]:
    """What stands before a level in a call, what is named `code`, and what a row is rejected with."""
    match node:
        case ast.Call(func=ast.Name(id="Rejected"), args=[_, code, *_]):
            yield from _texts(code)
        case ast.Call(args=arguments, keywords=named):
            for code, level in pairwise(arguments):
                if set(_texts(level)) & _LEVELS or (isinstance(level, ast.Name) and level.id == "level"):
                    yield from _texts(code)
            for one in named:
                if one.arg == "code":
                    yield from (
                        text for part in ast.walk(one.value) if isinstance(part, ast.expr) for text in _texts(part)
                    )
        case ast.Assign(targets=[ast.Name(id="code")], value=value):
            yield from _texts(value)
        case ast.For(target=ast.Tuple(elts=[ast.Name(id="code"), *_]), iter=ast.Tuple(elts=rows)):
            yield from (text for row in rows if isinstance(row, ast.Tuple) for text in _texts(row.elts[0]))


@cache
def _codes_of(room: str) -> set[str]:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "src" / "hedef" / room).rglob("*.py")]
    return {code for tree in trees for node in ast.walk(tree) for code in _codes_in(node)} - {"code"}


def test_issue_codes_of_intake_and_its_page_name_each_other():
    listed = CODES.partition("## Issue codes")[2].partition("\n## ")[0]
    rows = [line for line in listed.splitlines() if line.startswith("| ")]
    said = {word.replace("KIND", "*") for row in rows for word in _quoted(row)}
    assert len(said) > 30
    assert _codes_of("intake") - said == set(), "in the code, not on the page"
    assert said - _codes_of("intake") == set(), "on the page, not in the code"


def test_checks_of_the_trust_gate_and_the_page_of_intake_name_each_other():
    from hedef.intake.checks import BOUNDS, CHECKS

    line = next(line for line in CODES.splitlines() if "**Check**" in line)
    assert set(_quoted(line.partition("**Check**")[2])) == set(CHECKS) == {name.partition(".")[0] for name in BOUNDS}
