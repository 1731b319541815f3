"""Findings of a process check in the language of the reader: the same names and figures as the English sentence."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from django.utils import translation

from hedef.process.engine.findings import CriterionFigures, StageFigures, findings
from hedef.process.engine.health import Chance, Cohort, Conformance
from hedef.process.schema import ProcessDocument
from hedef.process.views.health import finding_text

STAGE = StageFigures(
    stage="call-2",
    category="open",
    order=10,
    entered=4,
    reached=10,
    decided=0,
    won=0,
    standing=0,
    closed_visits=4,
    median_days=Fraction(9),
    time_in_stage=Fraction(9),
    slow_days=Fraction(20),
    clock="working",
    limit_days=5,
    near_limit=0,
    over_limit=0,
    last_entered=date(2026, 1, 1),
    chance=Chance("history", Fraction(1, 2), 5, 10, few=True),
    cohort=Cohort(),
)
NAMED = {"en": "x", "tr": "x"}
DOCUMENT = ProcessDocument.model_validate(
    {
        "kind": "process",
        "id": "sales",
        "version": 1,
        "name": NAMED,
        "owner": "operations",
        "stages": [
            {
                "id": "call-2",
                "name": NAMED,
                "order": 10,
                "category": "open",
                "exit": [{"id": "size", "require": "budget_confirmed", "level": "warn"}],
            },
            {"id": "won", "name": NAMED, "order": 20, "category": "won"},
        ],
    }
)
SAID = {
    "stage_unused": "call-2 aşamasına 190 gündür kimse girmedi.",
    "stage_skipped": "call-2 aşamasına ulaşan 10 fırsattan 6 tanesi orada hiç durmadı.",
    "limit_below_median": "call-2 aşamasının sınırı (5 gün) ortanca kalış süresinden kısa.",
    "criterion_waived": "call-2 aşamasındaki need ölçütünden 9 çıkışın 4 tanesinde vazgeçildi.",
    "deal_fits_several_processes": "3 açık fırsat birden çok sürece uyuyor.",
}


def test_a_finding_is_said_in_both_languages_with_the_same_figures():
    never = replace(STAGE, stage="offer", entered=0)
    busy = replace(STAGE, stage="won", category="won", last_entered=date(2026, 7, 1))
    waived = CriterionFigures("call-2", "need", Conformance(met=5, late=0, waived=4, skipped=0))
    found = findings(
        DOCUMENT,
        [STAGE, never, busy],
        [waived],
        outside=1,
        as_of=date(2026, 7, 10),
        unclaimed=2,
        contested=3,
    )
    with translation.override("tr"):
        turkish = {one.issue.code: finding_text(one)[1] for one in reversed(found)}
    assert turkish | SAID == turkish
    assert len(turkish) == 10
    with translation.override("en"):
        for one in found:
            if one.issue.code != "criterion_text_missing":  # the page leaves out the name of the field
                assert finding_text(one)[1] == one.issue.message


def test_the_editor_shows_stages_criteria_and_limits_in_the_language_of_the_reader(company, browse):
    from hedef.definitions.queries import in_force
    from hedef.process.previews import preview

    version = in_force("process", "sales")
    with translation.override("tr"):
        stages, rules = preview(version, None)
    assert [cell.text for cell in stages.rows[0]] == ["Arama", "5 gün", "open"]
    assert [[cell.text for cell in row] for row in rules.rows] == [
        ["Teklif", "Zorunlu: next_step"],
        ["Teklif", "Önerilen: İhtiyaç yazılı mı?"],
    ]
