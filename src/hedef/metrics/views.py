"""Pages of metrics: a number with its definition, the rows behind it, and why it is what it is."""

from datetime import date
from decimal import Decimal

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hedef.call import Call
from hedef.exports import Column, Format, Sheet
from hedef.exports.sheet import Cell
from hedef.kernel.errors import NotFound
from hedef.metrics.page import asked as question
from hedef.metrics.page.asked import Asked
from hedef.metrics.page.listing import listing
from hedef.metrics.page.number import number, runs
from hedef.metrics.page.parts import parts_of
from hedef.metrics.page.reasons import (
    address,
    definition_of,
    issue_text,
    largest,
    left_out,
    lines_of,
    rows_url,
    scope_name,
    steps_of,
    why_url,
)
from hedef.metrics.page.shown import figure_of, in_words
from hedef.metrics.queries import Drill, metrics_in_force, rows, scope_names
from hedef.metrics.queries.evaluate import Evaluation
from hedef.metrics.queries.show import DEFINITIONS, fingerprint
from hedef.web.files import file_answer, file_format, head_of
from hedef.web.numbers import day as day_name
from hedef.web.numbers import period as period_name
from hedef.web.pages import page, period_bar, show

PAGE = 50
SHOWN = 8  # rows in a drawer


@require_GET
@page()
def metrics(request: HttpRequest, call: Call) -> HttpResponse:
    """All metrics by group: this period, the one before, the course; below them what is not measured yet."""
    given = request.GET.dict()
    asked = question.read(call, "", {"scope": question.own_scope(call), **given})
    found = listing(asked, course=True)
    context = {
        "asked": asked,
        "listing": found,
        "running": runs(asked),
        "bar": period_bar(request, asked.calendar, asked.whole.id, call.as_of),
        "trust": found.trust,
        "subheading": _subheading(asked, _scope_words(asked)),
        "known_no": found.setting.pin.known_no,
    }
    return show(request, "metrics/list.html", context)


@require_GET
@page()
def metric(request: HttpRequest, call: Call, metric: str) -> HttpResponse:
    """A metric: its number for a scope and period, before, by team or person, and its definition."""
    other = request.GET.get("to")
    if other and other != metric:
        return redirect(address(f"/metrics/{other}/", **{name: request.GET.get(name, "") for name in question.KEPT}))
    asked = question.read(call, metric, request.GET.dict())
    level = request.GET.get("level", "team")
    found = number(
        asked, level="person" if level == "person" else "team", definition=request.GET.get("definition") or "own"
    )
    context = {
        "parts": parts_of(asked, found, request.GET.get("because", "")),
        "sheet": rows_url(metric, **asked.query),
        "notes": [issue_text(issue) for one in found.compared for issue in one.issues],
        "definitions": DEFINITIONS,
        "list_url": address("/metrics/", **{name: asked.query.get(name) for name in ("scope", "period", "as_of")}),
        "asked": asked,
        "number": found,
        "definition": definition_of(found.recipe),
        "document": found.recipe.document,
        "version": found.recipe.version,
        "bar": period_bar(request, asked.calendar, asked.whole.id, call.as_of),
        "trust": found.trust,
        "issues": [issue_text(one) for one in found.issues],
        "why": why_url(metric, **asked.query),
        "here": request.path,
        "subheading": _subheading(asked, found.name),
        "rows_url": rows_url(metric, **asked.query),
        "others": [(one.id, in_words(one.document.name)) for one in metrics_in_force(asked.period.end)],
    }
    return show(request, "metrics/metric.html", context)


@require_GET
@page()
def metric_rows(request: HttpRequest, call: Call, metric: str) -> HttpResponse:
    """The rows behind a number, page by page; as a file with `format=xlsx|csv|pdf`."""
    asked = question.read(call, metric, request.GET.dict())
    try:
        found = drill(asked)
    except NotFound:
        closed = _without_rows(request, asked)  # the number may be theirs to see: say who opens its rows
        closed.status_code = 404
        return closed
    if (wanted := file_format(request)) is not None:
        return _as_file(asked, found, wanted)
    paginator = Paginator(found.rows, PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    lines = lines_of(found, list(shown))
    context = {
        "asked": asked,
        "definition": definition_of(found.recipe),
        "figure": figure_of(found.cell.value, found.cell.unit, found.cell.currency),
        "cell": found.cell,
        "lines": lines,
        "pages": shown,
        "parts": len(found.recipe.sums) > 1,
        "subheading": _subheading(asked, scope_name(asked.scope, scope_names([asked.scope]))),
        "bar": period_bar(request, asked.calendar, asked.whole.id, call.as_of),
        "trust": found.trust,
        "back": address(f"/metrics/{metric}/", **asked.query),
        "sheet": address(request.path, **asked.query),
    }
    return show(request, "metrics/rows.html", context)


def _as_file(asked: Asked, found: Drill, wanted: Format) -> HttpResponse:
    """The rows as a file. Values stand in major units with their currency in its own column."""
    unit = found.cell.unit
    columns = [Column(name) for name in ("subject", "name", "part", "owner", "team")]
    columns += [Column("day", "day"), Column("currency")]
    columns += [
        Column("value", "money" if unit == "money" else "decimal", currency_of="currency"),
        Column("n", "decimal"),
    ]
    rows: list[list[Cell]] = [
        [
            *(line.subject, line.name, line.part, line.owner, line.team),
            None if line.day is None else date.fromisoformat(line.day),
            line.figure.currency or None,
            line.figure.value,
            Decimal(line.n) if line.n.lstrip("-").isdigit() else line.n,
        ]
        for line in lines_of(found, found.rows)
    ]
    version = found.recipe.version.reference
    head = head_of(
        asked.call,
        found.trust,
        fingerprint=_fingerprint(found),
        definition=version,
        known=found.setting.pin.known_no,
    )
    name = f"{found.cell.metric}-{found.cell.period.id}"
    title = f"{in_words(found.recipe.document.name)}, {_subheading(asked, _scope_words(asked))}"
    made = Sheet(name, title, columns, rows, head)
    return file_answer(asked.call, made, wanted, what=f"rows of {found.cell.metric}, {found.cell.period.id}")


def _fingerprint(found: Drill) -> str:
    return fingerprint(Evaluation((found.cell,), found.setting, found.trust, (found.recipe,)))


def _scope_words(asked: Asked) -> str:
    return scope_name(asked.scope, scope_names([asked.scope]))


@require_GET
@page()
def metric_why(request: HttpRequest, call: Call, metric: str) -> HttpResponse:
    """How a number came about: what adds up to it, its rule, its rows; in the drawer or on a page of its own."""
    asked = question.read(call, metric, request.GET.dict())
    try:
        found = drill(asked)
    except NotFound:
        return _without_rows(request, asked)
    context = {
        "asked": asked,
        "definition": definition_of(found.recipe),
        "cell": found.cell,
        "figure": figure_of(found.cell.value, found.cell.unit, found.cell.currency),
        "subheading": _subheading(asked, scope_name(asked.scope, scope_names([asked.scope]))),
        "steps": steps_of(found),
        "lines": lines_of(found, largest(found, SHOWN)),
        "more": max(len(found.rows) - SHOWN, 0),
        "left_out": left_out(found.cell.issues),
        "rows_url": rows_url(metric, **asked.query),
        "known_no": found.setting.pin.known_no,
        "trust": found.trust,
    }
    return show(request, "metrics/why.html", context, part="why")


def _without_rows(request: HttpRequest, asked: Asked) -> HttpResponse:
    """A total above the own team: the number and its rule, not its rows."""
    found = number(asked, level="team")
    context = {
        "asked": asked,
        "definition": definition_of(found.recipe),
        "cell": found.cell,
        "figure": found.figure,
        "subheading": _subheading(asked, found.name),
        "steps": [],
        "lines": [],
        "closed": True,
        "left_out": left_out(found.issues),
        "known_no": found.known_no,
        "trust": found.trust,
    }
    return show(request, "metrics/why.html", context, part="why")


def _subheading(asked: Asked, name: str) -> str:
    """Whose number of which days it is."""
    language = get_language() or "en"
    words = {
        "name": name,
        "period": period_name(asked.period.id, language),
        "day": day_name(asked.until or asked.call.as_of, language),
    }
    if asked.until is not None:
        return _("%(name)s, %(period)s up to %(day)s") % words
    return _("%(name)s, %(period)s, as of %(day)s") % words


def drill(asked: Asked) -> Drill:
    """The rows behind the asked number. NotFound where the viewer may not open them."""
    return rows(
        asked.metric,
        scope=asked.scope,
        by=asked.by,
        period=asked.period,
        as_of=asked.call.as_of_us,
        known_at=asked.call.known_no,
        viewer=asked.call.scope,
        currency=asked.currency,
        pinned=asked.pin,
    )
