"""Pages of metrics: a number with its definition, the rows behind it, and why it is what it is."""

import csv
from decimal import Decimal
from fractions import Fraction

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hedef.call import Call
from hedef.kernel.errors import NotFound
from hedef.metrics.page import asked as question
from hedef.metrics.page.asked import Asked
from hedef.metrics.page.number import number
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
from hedef.web.numbers import day as day_name
from hedef.web.numbers import period as period_name
from hedef.web.pages import page, period_bar, show

PAGE = 50
SHOWN = 8  # rows in a drawer
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # a sheet would read such a cell as a formula


@require_GET
@page()
def metric(request: HttpRequest, call: Call, metric: str) -> HttpResponse:
    """A metric: its number for a scope and period, before, by team or person, and its definition."""
    other = request.GET.get("to")
    if other and other != metric:
        return redirect(address(f"/metrics/{other}/", **{name: request.GET.get(name, "") for name in question.KEPT}))
    asked = question.read(call, metric, request.GET.dict())
    level = request.GET.get("level", "team")
    found = number(asked, level="person" if level == "person" else "team")
    context = {
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
    """The rows behind a number, page by page; as a file with `format=csv`."""
    asked = question.read(call, metric, request.GET.dict())
    found = drill(asked)
    if request.GET.get("format") == "csv":
        return _as_file(found)
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
        "parts": len(found.recipe.parts) > 1,
        "subheading": _subheading(asked, scope_name(asked.scope, scope_names([asked.scope]))),
        "bar": period_bar(request, asked.calendar, asked.whole.id, call.as_of),
        "trust": found.trust,
        "back": address(f"/metrics/{metric}/", **asked.query),
        "sheet": address(request.path, **asked.query, format="csv"),
    }
    return show(request, "metrics/rows.html", context)


def _as_file(found: Drill) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.cell.metric}-{found.cell.period.id}.csv"'
    writer = csv.writer(answer, lineterminator="\n")
    writer.writerow(["subject", "name", "part", "owner", "team", "day", "currency", "value", "n"])
    for line in lines_of(found, found.rows):
        value = "" if line.figure.value is None else _decimal(line.figure.value)
        cells = [line.subject, line.name, line.part, line.owner, line.team, line.day or "", line.figure.currency or ""]
        writer.writerow([*map(harmless, cells), value, line.n])
    return answer


def harmless(text: str) -> str:
    """A name that a sheet cannot mistake for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _decimal(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


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
