"""The names in the code stand in docs/contracts.md; names of rooms not built yet are listed here."""

import re
from pathlib import Path

import pytest

from hedef.kernel.ids import LETTERS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")

# documents of rooms that the next issues build
LATER_DOCUMENTS = set(
    "trust-rules process-trial comparison contest forecast-plan budget pay-plan routing tool tool-survey tool-decision "
    "tool-pilot mission page duties onboarding-path cadence health ops-scoreboard".split()
)
LATER_TABLES = set(
    "lead_event lead_now invoice_line payment feedback cost recurring_delta skill working_time stage_rate exit_check "
    "target_effective forecast_value forecast_submission deal_probability target_realism forecast_draw contest_result "
    "pay_entry pay_target payout_range mentor_pair customer_risk ops_event".split()
)
LATER_SCHEMAS = set(
    "process_trial comparison contest finding forecast series_forecast waterfall realism envelope plan_check "
    "pay_evaluation statement pay_run payroll lead_route lead_audit lead_score tools tool_renewals tool_survey "
    "tool_effect tool_decision playbook_check onboarding at_risk duties".split()
)


def _section(number: int) -> str:
    return re.split(r"^## \d+\. ", PAGE, flags=re.M)[number]


def _tables_of_the_page() -> set[str]:
    rows = [line.split("|")[1] for line in _section(2).splitlines() if line.startswith("| ") and "---" not in line]
    names = re.findall(r"[a-z]+(?:_[a-z]+)*", " ".join(re.sub(r"\([^)]*\)", "", row) for row in rows))
    return set(names) - {"table"}


def test_every_letter_of_an_id_stands_on_the_page():
    line = next(line for line in PAGE.splitlines() if line.startswith("- **Entity**"))
    for kind, letter in LETTERS.items():
        assert re.search(rf"\b{letter} {kind}\b", line), f"{letter} {kind}"


def test_facts_tables_and_the_page_name_each_other(home):
    from hedef.facts.queries import table_names

    page, code = _tables_of_the_page(), set(table_names())
    assert code - page == set(), "in the code, not on the page"
    assert page - code == LATER_TABLES, "on the page, not in the code"


def test_document_kinds_and_the_page_name_each_other(home):
    from hedef.definitions.queries import kinds

    table = [line for line in _section(3).splitlines() if line.startswith("| ") and "owner" not in line]
    named = {
        name
        for line in table
        for cell in (line.split("|")[2], line.split("|")[4])
        for name in re.findall(r"[a-z]+(?:-[a-z]+)*", re.sub(r"\(.*?\)|:.*", "", cell))
    } - {"acknowledgement", "notice", "company"}
    code = set(kinds())
    assert code - named == set(), "in the code, not on the page"
    assert named - code == LATER_DOCUMENTS, "on the page, not in the code"


def _source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))


def test_every_json_schema_of_the_code_stands_on_the_page():
    line = next(line for line in _section(4).splitlines() if line.startswith("- Schemas"))
    named = set(re.findall(r"[a-z]+(?:_[a-z]+)*", line.partition("`import")[2])) | {"import"}
    code = set(re.findall(r"hedef\.([a-z_]+)/1\b", _source()))
    assert code - named == set(), "in the code, not on the page"
    assert named - code - LATER_SCHEMAS == set(), "on the page, not in the code"


@pytest.mark.parametrize(
    "group", ["ledger", "facts", "definitions", "publications", "access", "process", "metrics", "targets"]
)
def test_every_verb_of_a_group_stands_on_the_page(group):
    from importlib import import_module

    lines = re.findall(rf"hedef {group} +([a-z A-Z-]+?)(?:  |$)", _section(7), flags=re.M)
    named = set(" ".join(lines).split())
    app = import_module(f"hedef.{group}.cli").app
    code = {one.name or one.callback.__name__ for one in app.registered_commands} | {
        one.name for one in app.registered_groups
    }
    assert code - named == set()
