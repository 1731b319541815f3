"""Pages of processes: all of them, and one in words: stages, what each asks, its steps, what became of its versions."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hedef.call import Call
from hedef.definitions.queries import versions
from hedef.process.engine.conditions import field_named
from hedef.process.queries import in_force, process_in_force
from hedef.process.queries.board import board as read_board
from hedef.process.queries.trials import list_trials
from hedef.process.schema import Criterion, Limit, ProcessDocument, Stage, Step
from hedef.process.views.shown import FIELDS, STATUS, share_text, word
from hedef.web.pages import page, show


@require_safe
@page()
def processes(request: HttpRequest, call: Call) -> HttpResponse:
    """Every process in force, with its open deals as far as the viewer sees them."""
    documents = in_force(call.as_of, known_no=call.known_no)
    counts = read_board(as_of=call.as_of, as_of_us=call.as_of_us, scope=call.scope, wait=False).processes
    rows = [(one, word(one.name), len(one.stages), counts.get(one.id, 0)) for one in documents.values()]
    trials = [(one.id, word(one.document.name), one.document) for one in list_trials()]
    return show(request, "process/processes.html", {"rows": rows, "trials": trials, "outside": counts.get("", 0)})


@require_safe
@page()
def process(request: HttpRequest, call: Call, process: str) -> HttpResponse:
    """A process in words, of the version in force on the day that is asked for."""
    version = process_in_force(process, day=call.as_of, known_no=call.known_no)
    document: ProcessDocument = version.document
    context = {
        "document": document,
        "version": version,
        "name": word(document.name),
        "stages": [_told(one) for one in document.stages],
        "reasons": [word(one.name) for one in document.lost_reasons],
        "versions": list(reversed(versions("process", process, known_no=call.known_no))),
        "map": sorted((document.map or {}).items()),
        "as_of": call.as_of,
        "may_write": call.actor.can("write_definition"),
    }
    return show(request, "process/process.html", context)


@dataclass(frozen=True, slots=True)
class ToldStage:
    """A stage as people read it."""

    id: str
    name: str
    category: str
    is_closed: bool
    counts_from: bool
    limit: str
    chance: str
    next: tuple[str, ...]
    criteria: tuple[tuple[str, str, str], ...]  # text, level, condition
    steps: tuple[tuple[str, str, str], ...]  # text, what ticks it, asset


def _told(one: Stage) -> ToldStage:
    return ToldStage(
        id=one.id,
        name=word(one.name),
        category=str(STATUS[one.category]),
        is_closed=one.category in {"won", "lost"},
        counts_from=one.counts_from,
        limit=_limit(one.limit),
        chance=_chance(one),
        next=tuple(one.next or ()),
        criteria=tuple((criterion(part), part.level, part.when or "") for part in one.exit),
        steps=tuple((word(part.do), _ticked(part), part.asset or "") for part in one.steps),
    )


def criterion(one: Criterion) -> str:
    """A criterion of a document as people read it."""
    if one.ask is not None:
        return word(one.ask)
    name = str(one.require)
    known = FIELDS.get(field_named(name) or "")
    return _("%(field)s is filled in") % {"field": known or name.replace("_", " ")}


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return ""
    told = {"days": limit.most, "warn": limit.warn}
    match limit.clock:
        case "working":
            text = _("at most %(days)s working days") % told
        case "calendar":
            text = _("at most %(days)s days") % told
        case _hours:
            text = _("at most %(days)s hours") % told
    return text + (_(", warned from %(warn)s on") % told if limit.warn else "")


def _chance(one: Stage) -> str:
    rule = one.probability
    if rule is None or rule.source == "history":
        return _("chance from history")
    if rule.source == "fixed":
        return _("chance fixed at %(share)s") % {"share": share_text(rule.value)}
    return _("chance as the rep says") if rule.source == "rep" else _("chance from the forecast; history meanwhile")


def _ticked(step: Step) -> str:
    if step.done_by is None:
        return ""
    return f"{step.done_by.count} × {step.done_by.activity}"
