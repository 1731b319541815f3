"""Findings of a process check in the language of the reader: the same names and figures as the English sentence."""

import pytest
from django.utils import translation

from hedef.kernel.issue import Issue
from hedef.process.views.health import finding_text

SAID = {
    "stage_never_entered": ("Nobody ever entered call-2.", "call-2 aşamasına hiç kimse girmedi."),
    "stage_unused": ("Nobody entered call-2 for 190 days.", "call-2 aşamasına 190 gündür kimse girmedi."),
    "stage_skipped": (
        "6 of 10 deals that reached call-2 never stood in it.",
        "call-2 aşamasına ulaşan 10 fırsattan 6 tanesi orada hiç durmadı.",
    ),
    "limit_below_median": (
        "The limit of call-2 (5 days) is shorter than its median stay.",
        "call-2 aşamasının sınırı (5 gün) ortanca kalış süresinden kısa.",
    ),
    "criterion_waived": (
        "need of call-2 was waived at 4 of 9 exits.",
        "call-2 aşamasındaki need ölçütünden 9 çıkışın 4 tanesinde vazgeçildi.",
    ),
    "deal_fits_several_processes": ("3 open deals fit several processes.", "3 açık fırsat birden çok sürece uyuyor."),
}


@pytest.mark.parametrize("code", SAID)
def test_a_finding_is_said_in_both_languages_with_the_same_figures(code):
    english, turkish = SAID[code]
    issue = Issue(code, "warning", english)
    with translation.override("en"):
        assert finding_text(issue)[1] == english
    with translation.override("tr"):
        assert finding_text(issue)[1] == turkish


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
