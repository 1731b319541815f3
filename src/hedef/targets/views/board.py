"""The Performance page: where everyone is, where they should be by now, and why each number is what it is."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hedef.call import Call
from hedef.exports import Format
from hedef.facts.queries import Question, ask
from hedef.kernel.calendar import NoPeriod
from hedef.kernel.errors import NotFound
from hedef.kernel.trust import Trust
from hedef.ledger.queries import head
from hedef.metrics.page.shown import in_words
from hedef.metrics.queries import metric_in_force
from hedef.targets.page import asked as question
from hedef.targets.page.asked import Asked
from hedef.targets.page.boards import Chosen, choose_metrics
from hedef.targets.page.cards import CARDS, Card, Feeding, feeding, feeding_cards, main_card
from hedef.targets.page.choices import elsewhere
from hedef.targets.page.detail import Detail, detail
from hedef.targets.page.looks import board_issue, looks
from hedef.targets.page.reasons import elapsed_text, reason
from hedef.targets.page.sheet import picture_sheet, sheet
from hedef.targets.page.tree import Line, lines_of, past_of, people_of
from hedef.targets.page.trend import trend
from hedef.targets.page.wide import metric_table
from hedef.targets.queries import Scoreboard
from hedef.targets.services import keep_board
from hedef.web.files import file_answer, file_format, head_of
from hedef.web.numbers import day as day_name
from hedef.web.numbers import figure
from hedef.web.numbers import period as period_name
from hedef.web.pages import is_part, page, period_bar, show

_ANY_DEAL = Question("targets/any_deal", "SELECT count(*) AS deals FROM deal_now", tables=("deal_now",))
SAID = {"self_approved"}  # a tag below the table says it
BOARD_ID = "board"  # the card that a fold or another order exchanges, without the rest of the page


def read_address(request: HttpRequest, call: Call) -> Asked:
    """The question of the address; ticked boxes send the same name several times."""
    return question.read(call, {**request.GET.dict(), "metrics": ",".join(request.GET.getlist("metrics"))})


@require_GET
@page()
def scoreboard(request: HttpRequest, call: Call) -> HttpResponse:
    """The board of a period with cards, course and what is worth a look; as a file with `format=xlsx|csv|pdf`."""
    asked = read_address(request, call)
    if (wanted := file_format(request)) is not None:
        return _as_file(asked, wanted)
    if asked.board is None:
        return _without_targets(request, asked)
    table = _table(asked, asked.board)
    if request.headers.get("HX-Target") == BOARD_ID:
        return show(request, "targets/scoreboard.html", table, part="board")
    return show(request, "targets/scoreboard.html", {**table, **_around(request, asked, asked.board, table)})


def _as_file(asked: Asked, wanted: Format) -> HttpResponse:
    board = asked.board
    if board is None:
        raise NotFound(_("No plan has targets for %(period)s") % {"period": asked.period.id})
    definition = None if board.version is None else f"{board.version.id}@{board.version.version}"
    known = board.asked.pin.known_no
    head = head_of(asked.call, board.trust, fingerprint=board.fingerprint, definition=definition, known=known)
    title = f"{in_words(board.metric.name)}, {period_name(asked.period.id, get_language() or 'en')}"
    what = f"board {board.plan}, {asked.period.id}"
    if wanted in {"pdf", "png"}:
        language = get_language() or "en"

        def say(value: Fraction | None, unit: str, currency: str | None) -> str:
            return figure(value, unit, currency, language, full=True)

        return file_answer(asked.call, picture_sheet(board, head, title=title, say=say), wanted, what=what)
    return file_answer(asked.call, sheet(board, head, title=title), wanted, what=what)


def _table(asked: Asked, board: Scoreboard) -> dict[str, object]:
    """The card of the table alone."""
    past = past_of(asked, board)
    lines = lines_of(asked, board, past)
    shown = people_of(lines) if asked.by == "person" else lines
    opened: dict[str, Detail] = {line.scope: detail(asked, board, line) for line in shown if line.opened and line.opens}
    chosen = choose_metrics(asked, board.metric.id)
    return {
        "asked": asked,
        "board": board,
        "unit": board.metric.unit,
        "currency": board.currency,
        "lines": lines,
        "rows": [
            (line, _addresses(asked, line), opened.get(line.scope), _mark(board, line.scope, shown)) for line in shown
        ],
        "before": "" if past.period is None else past.period.id,
        "until": past.until,
        "chosen": chosen,
        "numbers": metric_table(asked, board, chosen, lines) if asked.by == "metrics" else None,
        "due": next((line.due for line in lines if line.scope == "company"), None),
        "elapsed": elapsed_text(board),
        "by_team": asked.address(by=""),
        "by_person": asked.address(by="person"),
        "by_metrics": asked.address(by="metrics"),
    }


def _mark(board: Scoreboard, scope: str, shown: Sequence[Line]) -> Trust | None:
    """The trust of a row that is not trusted, where other rows of the board have another level."""
    own = board.trust_of(scope)
    alike = len({board.trust_of(line.scope).level for line in shown}) < 2
    return None if alike or own.level == "trusted" else own


def _addresses(asked: Asked, line: Line) -> dict[str, str]:
    """Where a row leads: its reasons, its rows, its own page."""
    opened = asked.opened - {line.scope} if line.opened else asked.opened | {line.scope}
    found = {
        name: asked.address("/targets/why", scope=line.scope, field=name, open="", by="", list="")
        for name in ("target", "actual", "attainment", "points_to_pace", "needed_per_day")
    }
    found["open"] = asked.address(open=",".join(sorted(opened)))
    found["focus"] = asked.address(scope=line.scope, open="")
    return found


def _around(request: HttpRequest, asked: Asked, board: Scoreboard, table: dict[str, Any]) -> dict[str, object]:
    """First line, cards, course and what is worth a look."""
    lines: list[Line] = table["lines"]
    line = next((one for one in lines if one.scope == asked.focus), None)
    if line is None and lines:
        line = lines[0]
    cards = _cards(asked, board, table["chosen"], line)
    found, count = looks(asked, board, lines, cards, every=request.GET.get("list") == "all")
    return {
        "line": line,
        "over": min(asked.as_of, _today(asked)) >= asked.period.end,
        "cards": cards,
        "course": trend(asked, board.metric.id, board.currency, line),
        "course_name": in_words(board.metric.name),
        "all_scope": asked.address(scope="company", open="") if asked.call.scope.company_total else "",
        "plan_keep": [(name, value) for name, value in asked.query.items() if name in {"period", "as_of", "known_at"}],
        "metrics_keep": [(name, value) for name, value in asked.query.items() if name not in {"metrics", "list"}],
        "versus": _versus(asked),
        "oob": is_part(request),
        "looks": found,
        "looks_count": count,
        "all_looks": asked.address(list="all"),
        "bar": period_bar(request, asked.calendar, asked.period.id, asked.as_of),
        "trust": board.trust,
        "export": asked.address(),
        "may_keep": asked.call.actor.can("approve") and asked.call.actor.can("read_data"),
        "keep_address": asked.address("/targets/final"),
        "notices": [
            *_ahead(asked),
            *(board_issue(one) for one in board.issues if one.level == "info" and one.code not in SAID),
        ],
        "head": head(),
    }


def _cards(asked: Asked, board: Scoreboard, chosen: Chosen, line: Line | None) -> list[Card]:
    """The chosen metrics, or the first of the role's board; the plan's own with its target."""
    names = chosen.ids if chosen.given else chosen.ids[:CARDS]
    before, main = before_words(asked), board.metric.id
    others = [one for one in names if one != main]
    made = {one.metric: one for one in feeding_cards(asked, feeding(asked, others), others, before)} if others else {}
    if line is not None and main in names:
        made[main] = main_card(asked, line, before)
    return [made[one] for one in names if one in made]


def _versus(asked: Asked) -> list[tuple[str, str, bool]]:
    """What the numbers may stand beside: name of the period, its address, whether it is shown now."""
    found: list[tuple[str, str, bool]] = []
    finders = (("previous", asked.calendar.previous), ("year_before", asked.calendar.year_before))
    for word, find in finders:
        try:
            name = period_name(find(asked.period).id, get_language() or "en")
        except NoPeriod:
            continue
        if name not in {one for one, _, _ in found}:
            found.append((name, asked.address(**{"with": "" if word == "previous" else word}), asked.beside == word))
    return found if len(found) > 1 else []


def _today(asked: Asked) -> date:
    return asked.calendar.day_of(asked.call.now_us)


def _ahead(asked: Asked) -> list[str]:
    """A day that has not come is shown as what is known today, and that is said."""
    if asked.as_of <= _today(asked):
        return []
    days = {
        "day": day_name(asked.as_of, get_language() or "en"),
        "today": day_name(_today(asked), get_language() or "en"),
    }
    return [_("%(day)s has not come yet: what is known on %(today)s is measured against the pace of that day.") % days]


def before_words(asked: Asked) -> str:
    """What the number of the period before is called: up to the same day, or whole when the period is over."""
    if asked.versus is None:
        return _("Before")
    name = period_name(asked.versus.id, get_language() or "en")
    return name if asked.as_of >= asked.period.end else _("%(period)s, same day") % {"period": name}


def _without_targets(request: HttpRequest, asked: Asked) -> HttpResponse:
    """No plan speaks for the period: what was achieved all the same, and where there are targets."""
    deals = ask(_ANY_DEAL, pin=asked.pin).as_dicts()[0]["deals"]
    context: dict[str, object] = {
        "asked": asked,
        "bar": period_bar(request, asked.calendar, asked.period.id, asked.as_of),
        "head": head(),
        "deals": deals,
        "may_import": asked.call.actor.can("import"),
        "may_plan": asked.call.actor.can("plan_targets"),
        "plans": elsewhere(asked.call),
        "oob": is_part(request),
    }
    if deals and _has_total(asked):
        chosen = choose_metrics(asked, None)
        names = chosen.ids if chosen.given else chosen.ids[:CARDS]
        feed: Feeding = feeding(asked, names)
        context["cards"] = feeding_cards(asked, feed, names, before_words(asked))
        context["course"] = trend(asked, "won_value", None, None)
        context["currency"] = asked.calendar.base_currency
        context["course_name"] = in_words(metric_in_force("won_value", day=asked.period.end).document.name)
        context["trust"] = feed.trust
    return show(request, "targets/no_targets.html", context)


def _has_total(asked: Asked) -> bool:
    scope = asked.call.scope
    return scope.company_total or asked.focus != "company"


@require_POST
@page(right="approve")
def final(request: HttpRequest, call: Call) -> HttpResponse:
    """Keep the board of everybody as a publication; refused on blocked data with check, rows, file and next step."""
    call.actor.must("read_data")
    asked = read_address(request, call)
    if asked.board is None:
        raise NotFound(_("No plan has targets for %(period)s") % {"period": asked.period.id})
    made, _board = keep_board(
        period=asked.period.id,
        as_of_us=asked.board.asked.as_of_us,
        by=asked.board.asked.by,
        plan=asked.board.plan,
        pace=None,
        known_no=call.known_no,
        actor=call.actor.name,
        made_at=call.now,
    )
    said = _("Kept as publication %(number)s. It is told again to the byte whenever somebody asks.")
    messages.success(request, said % {"number": made.no})
    return HttpResponseRedirect(asked.address())


@require_GET
@page()
def why(request: HttpRequest, call: Call) -> HttpResponse:
    """Why a number of the board is what it is; in the drawer, or on a page of its own."""
    asked = read_address(request, call)
    if asked.board is None:
        raise NotFound(_("No plan has targets for %(period)s") % {"period": asked.period.id})
    scope = request.GET.get("scope") or "company"
    language = get_language() or "en"
    found = reason(asked, asked.board, scope, request.GET.get("field") or "actual")
    context = {
        "asked": asked,
        "board": asked.board,
        "reason": found,
        "heading": f"{found.title}: {found.name}",
        "subheading": _("%(metric)s, %(period)s, as of %(day)s")
        % {
            "metric": in_words(asked.board.metric.name),
            "period": period_name(asked.period.id, language),
            "day": day_name(asked.as_of, language),
        },
        "bar": period_bar(request, asked.calendar, asked.period.id, asked.as_of),
        "trust": asked.board.trust,
        "back": asked.address(field=""),
    }
    return show(request, "targets/why.html", context, part="why")
