"""The health of a process: funnel, time, conformance, ageing, the bottleneck, and what should be looked at."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hedef.call import Call
from hedef.facts.queries import pin
from hedef.process.engine.findings import Finding, StageFigures
from hedef.process.engine.health import ENOUGH_CHECKS, FEW_CASES, WITHIN_DAYS, Bottleneck
from hedef.process.queries import check
from hedef.process.queries.board import Point, texts
from hedef.process.queries.health import ProcessCheck, conformance_deals, must_see_totals
from hedef.process.queries.processes import process_in_force
from hedef.process.queries.stale import StaleDeal, stale_deals
from hedef.process.schema import ProcessDocument
from hedef.process.views.processes import criterion
from hedef.process.views.shown import days_text, in_turkish_order, major, share_text, stage_name, word
from hedef.records import queries as records
from hedef.web.numbers import hundredths
from hedef.web.pages import page, show

_SHOWN = 20
_EXITS = 200


@require_safe
@page()
def health(request: HttpRequest, call: Call, process: str) -> HttpResponse:
    """Every figure of a process on one page; each number leads to its deals or says how it was made."""
    held = pin(wait=False, known_no=call.known_no)
    found = check(process, as_of=call.as_of, as_of_us=call.as_of_us, pinned=held, viewer=call.scope)
    document: ProcessDocument = found.version.document
    point = Point(held, call.as_of, call.as_of_us, call.scope)
    stale = stale_deals(point, process)
    context = {
        "name": word(document.name),
        "process": process,
        "found": found,
        "stages": _stages(found, document),
        "within": WITHIN_DAYS,
        "few": FEW_CASES,
        "enough": ENOUGH_CHECKS,
        "criteria": _criteria(found, document),
        "people": _people(found),
        "bottleneck": _bottleneck(found.bottleneck, document),
        "compared": found.compared,
        "findings": [finding_text(one) for one in found.findings],
        "stale": _stale(stale[:_SHOWN], document),
        "over": sum(one.ageing == "over" for one in stale),
        "near": sum(one.ageing == "warn" for one in stale),
        "has_limits": any(one.limit for one in document.stages),
        "as_of": call.as_of,
        "behind": held.behind,
        "trust": found.trust,
    }
    return show(request, "process/health.html", context)


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of the funnel: its figures, and bars in per cent of the first stage."""

    name: str
    figures: StageFigures
    reached_width: str
    entered_width: str
    median: str
    slow: str


def _stages(found: ProcessCheck, document: ProcessDocument) -> list[StageRow]:
    shown = [one for one in found.stages if one.category in {"open", "hold"}]
    most = max((one.reached for one in shown), default=0) or 1
    return [
        StageRow(
            name=stage_name(document, one.stage),
            figures=one,
            reached_width=hundredths(Fraction(100 * one.reached, most)),
            entered_width=hundredths(Fraction(100 * min(one.entered, one.reached or one.entered), most)),
            median=days_text(one.time_in_stage),
            slow=days_text(one.slow_days),
        )
        for one in shown
    ]


def _criteria(found: ProcessCheck, document: ProcessDocument) -> list[dict[str, Any]]:
    texts_of = {(stage.id, one.id): criterion(one) for stage in document.stages for one in stage.exit}
    return [
        {
            "stage": one.stage,
            "stage_name": stage_name(document, one.stage),
            "criterion": one.criterion,
            "text": texts_of.get((one.stage, one.criterion), one.criterion),
            "counts": one.counts,
        }
        for one in found.criteria
    ]


def _people(found: ProcessCheck) -> list[tuple[str, Any]]:
    """Those with enough criteria, in the order of their names: no ranking."""
    enough = {person: one for person, one in found.people if one.applicable >= ENOUGH_CHECKS}
    names = records.names(enough, kind="person")
    return [(name, enough[person]) for person, name in in_turkish_order(names.items())]


def _bottleneck(one: Bottleneck | None, document: ProcessDocument) -> str:
    if one is None:
        return ""
    told = {"stage": stage_name(document, one.stage)}
    if one.what == "conversion":
        told |= {"before": share_text(one.before), "now": share_text(one.now), "n": str(one.n_now)}
        return _("%(stage)s: %(now)s went on, %(before)s before (n=%(n)s).") % told
    told |= {"before": days_text(one.before), "now": days_text(one.now), "n": str(one.n_now)}
    return _("%(stage)s takes %(now)s days on average, %(before)s before (n=%(n)s).") % told


def _stale(deals: list[StaleDeal], document: ProcessDocument) -> list[dict[str, Any]]:
    told = texts([one.deal for one in deals])
    return [
        {
            "deal": one.deal,
            "name": told[one.deal].name or told[one.deal].account_name,
            "owner": told[one.deal].owner_name,
            "stage": stage_name(document, one.stage),
            "amount": major(one.amount_minor, one.currency),
            "currency": one.currency or "",
            "days": one.days,
            "limit": one.limit_days,
            "over": one.ageing == "over",
            "working": one.clock == "working",
        }
        for one in deals
        if one.deal in told
    ]


@require_safe
@page()
def exits(request: HttpRequest, call: Call, process: str) -> HttpResponse:
    """The deals behind a number of conformance."""
    must_see_totals(call.scope)
    held = pin(wait=False, known_no=call.known_no)
    version = process_in_force(process, day=call.as_of, known_no=call.known_no)
    wanted = {name: request.GET.get(name, "") for name in ("stage", "criterion", "result")}
    rows = conformance_deals(process, as_of=call.as_of, as_of_us=call.as_of_us, pinned=held, **wanted)
    told = texts([row["deal"] for row in rows[:_EXITS]])
    context = {
        "name": word(version.document.name),
        "process": process,
        "rows": [
            (told[row["deal"]], row, stage_name(version.document, row["stage"]), result_names()[row["result"]])
            for row in rows[:_EXITS]
            if row["deal"] in told
        ],
        "total": len(rows),
        "as_of": call.as_of,
    }
    return show(request, "process/exits.html", context)


def result_names() -> dict[str, str]:
    """What became of a criterion, in words."""
    return {"met": _("met"), "late": _("late"), "waived": _("waived"), "skipped": _("skipped")}


def finding_text(one: Finding) -> tuple[str, str]:
    """Title and message of a finding in the reader's language, with the figures of its English message."""
    said = {
        "stage_never_entered": (_("A stage nobody enters"), _("Nobody ever entered %(stage)s.")),
        "stage_unused": (
            _("A stage nobody entered for 180 days"),
            _("Nobody entered %(stage)s for %(days)s days."),
        ),
        "stage_skipped": (
            _("A stage that most deals skip"),
            _("%(n)s of %(all)s deals that reached %(stage)s never stood in it."),
        ),
        "limit_below_median": (
            _("A limit below the median stay"),
            _("The limit of %(stage)s (%(days)s days) is shorter than its median stay."),
        ),
        "criterion_text_missing": (
            _("A criterion without a text"),
            _("%(stage)s: nobody can read what %(criterion)s asks."),
        ),
        "criterion_waived": (
            _("A criterion that is mostly waived"),
            _("%(criterion)s of %(stage)s was waived at %(n)s of %(all)s exits."),
        ),
        "lost_reasons_missing": (
            _("No list of lost reasons"),
            _("%(process)s has no list of lost reasons: nobody can say why deals are lost."),
        ),
        "deal_without_process": (_("Deals in no process"), _("%(n)s open deals are in no process.")),
        "deal_fits_no_process": (
            _("Deals that no process takes"),
            _("%(n)s open deals fit chosen_when of no process."),
        ),
        "deal_fits_several_processes": (
            _("Deals that several processes take"),
            _("%(n)s open deals fit several processes."),
        ),
    }
    title, sentence = said[one.issue.code]
    return title, sentence % one.told
