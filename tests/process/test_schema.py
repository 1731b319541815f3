"""Process documents: what they must hold, and what a new version owes to the old one."""

import pytest

from hedef.kernel.definition import validate
from hedef.kernel.yaml_source import read_yaml
from hedef.process.documents import issue_of
from hedef.process.engine.checks import Standing, check_version
from hedef.process.engine.stages import Approved, StageRow, stage_rows
from hedef.process.engine.structure import faults
from hedef.process.schema import ProcessDocument

SALES = """
kind: process
id: sales
version: 1
name: {en: Sales, tr: Satış}
owner: operations
stages:
  - {id: first-call, name: {en: First call, tr: İlk görüşme}, order: 10, category: open}
  - id: offer
    name: {en: Offer, tr: Teklif}
    order: 20
    category: open
    counts_from: true
    probability: {from: history, fallback: 0.10}
    limit: {warn: 10, days: 14, clock: working}
    next: [won, lost]
    exit:
      - {id: buyer, require: contact, level: block}
      - {id: need, ask: {en: "Need confirmed?", tr: "İhtiyaç doğrulandı mı?"}, evidence: link, level: warn}
    steps:
      - {id: call, do: {en: Discovery call, tr: Keşif görüşmesi}, done_by: {activity: call, count: 1}}
  - {id: won, name: {en: Won, tr: Kazanıldı}, order: 30, category: won}
  - {id: lost, name: {en: Lost, tr: Kaybedildi}, order: 40, category: lost}
lost_reasons:
  - {id: price, name: {en: Price, tr: Fiyat}}
  - {id: other, name: {en: Other, tr: Diğer}}
"""


def read(text: str) -> tuple[ProcessDocument | None, list[str]]:
    """The document, or none and every fault of the model or of its structure with its place."""
    data, locate = read_yaml(text, "sales.yaml")
    document, issues = validate(ProcessDocument, data, locate, "sales.yaml")
    if document is not None:
        issues = [issue_of(one, locate, "sales.yaml", "process:sales") for one in faults(document) if not one.warning]
    return (None if issues else document), [issue.message for issue in issues]


def sales(text: str = SALES) -> ProcessDocument:
    document, issues = read(text)
    assert document is not None, issues
    return document


def nobody_stands(_stages) -> Standing:
    return Standing(0, "0.00 USD")


def test_the_example_of_the_design_is_read_whole():
    document = sales()
    assert [one.id for one in document.stages] == ["first-call", "offer", "won", "lost"]
    assert document.counts_order == 20
    assert document.stages[1].exit[0].require == "contact"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("category: won", "category: lost"), "line 8, column 3: stages: there is no stage of category won"),
        (("order: 20", "order: 10"), "line 11, column 12: stages[1].order: the order must rise, but offer (10)"),
        (("id: offer", "id: first-call"), "line 9, column 9: stages[1].id: the stage first-call occurs twice"),
        (("next: [won, lost]", "next: [won, gone]"), "line 16, column 17: stages[1].next[1]: offer: next names gone"),
        (("next: [won, lost]", "next: [won, offer]"), "offer leads to itself"),
        (("counts_from: true", "counts_from: true\n    notes: x"), 'there is no field "notes" here'),
        (("category: open}\n  - id", "category: open, counts_from: true}\n  - id"), "true on first-call and on offer"),
        (("level: warn", "level: maybe"), "Input should be 'block' or 'warn'"),
        (("require: contact", "what: contact"), 'there is no field "what" here'),
        (("require: contact", "require: contact, evidence: link"), "evidence belongs to a question"),
        (("require: contact", 'require: contact, when: "amount >= much"'), "amount is compared with a number, not"),
        (("require: contact", 'require: contact, when: "size > 5"'), 'a deal has no field "size"'),
        (("fallback: 0.10", "fallback: 1.2"), "String should match pattern"),
        (("warn: 10", "warn: 15"), "warn (15) comes after the limit of 14"),
        (("clock: working", "clock: hours"), "hours and clock: hours belong together"),
        (("days: 14, clock: working", "hours: 14, clock: hours"), "a limit in hours is for leads"),
        (("count: 1", "count: 0"), "greater than or equal to 1"),
        (("id: call, do", "id: need, do"), "offer: the id need occurs twice"),
        (("{id: other,", "{id: price,"), "the reason price occurs twice"),
        (("owner: operations", 'owner: operations\nchosen_when: "deal_type == 1"'), "is compared with"),
    ],
)
def test_a_document_that_cannot_be_right_says_why(change, message):
    document, issues = read(SALES.replace(*change))
    assert document is None
    assert any(message in one for one in issues), issues


def test_an_age_clock_that_nobody_counts_is_refused_at_its_place():
    document, issues = read(SALES.replace("owner: operations", "owner: operations\nage_clock: keep"))
    assert document is None
    assert issues[0].startswith("sales.yaml line 7, column 12: age_clock: keep is not counted"), issues


def test_stage_rows_follow_the_versions_day_by_day():
    second = sales(
        SALES.replace("version: 1", "version: 2\neffective_from: 2017-07-01\nmap: {first-call: offer}").replace(
            "  - {id: first-call, name: {en: First call, tr: İlk görüşme}, order: 10, category: open}\n", ""
        )
    )
    rows = stage_rows([Approved(second), Approved(sales())])
    assert [(row.version, row.stage, row.counts, row.stands_for, row.to_day) for row in rows[:4]] == [
        (1, "first-call", 0, "offer", second.effective_from),
        (1, "offer", 1, "offer", second.effective_from),
        (1, "won", 1, "won", second.effective_from),
        (1, "lost", 0, "lost", second.effective_from),
    ]
    assert rows[4] == StageRow(
        "sales", 2, "offer", "open", 20, 1, 14, 10, "working", "offer", "history", 1000, second.effective_from, None
    )
    assert check_version(second, [sales()], nobody_stands) == []
    undated = check_version(second.model_copy(update={"effective_from": None}), [sales()], nobody_stands)
    assert [one.code for one in undated] == ["map_without_day"]


def test_dropping_a_stage_without_a_map_is_refused_with_number_and_value_of_its_deals():
    second = sales(
        SALES.replace("version: 1", "version: 2\neffective_from: 2017-07-01").replace("id: first-call", "id: meeting")
    )
    issues = check_version(second, [sales()], lambda stages: Standing(len(stages) * 3, "12400.00 EUR"))
    assert [issue.code for issue in issues] == ["map_missing"]
    assert "first-call is dropped" in issues[0].message
    assert "3 open deals worth 12400.00 EUR stand there" in issues[0].message


def test_an_id_that_was_dropped_once_is_never_used_again():
    second = sales(
        SALES.replace("version: 1", "version: 2\neffective_from: 2017-07-01\nmap: {first-call: meeting}").replace(
            "id: first-call", "id: meeting"
        )
    )
    third = sales(SALES.replace("version: 1", "version: 3\neffective_from: 2017-08-01\nmap: {meeting: first-call}"))
    issues = check_version(third, [sales(), second], nobody_stands)
    assert [issue.code for issue in issues] == ["stage_reused"]


def test_a_map_to_a_stage_that_is_not_there_is_refused():
    second = sales(
        SALES.replace("version: 1", "version: 2\neffective_from: 2017-07-01\nmap: {first-call: gone}").replace(
            "id: first-call", "id: meeting"
        )
    )
    assert [issue.code for issue in check_version(second, [sales()], nobody_stands)] == ["map_target"]


def test_a_map_never_closes_deals():
    text = SALES.replace("version: 1", "version: 2\neffective_from: 2017-07-01\nmap: {first-call: lost}")
    text = text.replace(
        "  - {id: first-call, name: {en: First call, tr: İlk görüşme}, order: 10, category: open}\n", ""
    )
    (fault,) = check_version(sales(text), [sales()], nobody_stands)
    assert (fault.code, fault.path) == ("map_target", ("map", "first-call"))
    assert "map leads first-call (open) to lost (lost): that would close deals" in fault.message


def test_a_required_field_that_deals_do_not_have_is_told_and_asked():
    second = sales(SALES.replace("require: contact", "require: budget_confirmed"))
    (fault,) = check_version(second, [], nobody_stands)
    assert (fault.code, fault.warning, fault.path) == ("criterion_asked", True, ("stages", 1, "exit", 0, "require"))
