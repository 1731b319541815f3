"""Everybody's own page: my goals from year to week, my team's, and what waits for me today."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from hedef.call import Call
from hedef.ledger.queries import head
from hedef.metrics.page.shown import in_words
from hedef.records import queries as records
from hedef.records.services import mark_read
from hedef.targets.page.boards import choose_metrics
from hedef.targets.page.cards import CARDS, feeding, feeding_cards, main_card
from hedef.targets.page.looks import fell
from hedef.targets.page.me import Goal, Subject, goals, notices_of, subject_of, team_lines, waiting_deals
from hedef.targets.page.reasons import elapsed_text
from hedef.targets.page.tree import line_of, lines_of, past_of
from hedef.targets.page.trend import trend
from hedef.targets.views.board import before_words
from hedef.web.numbers import day as day_name
from hedef.web.pages import page, show


@require_GET
@page()
def me(request: HttpRequest, call: Call) -> HttpResponse:
    """The viewer's page; a leader may open that of somebody led with `?person=P-17`."""
    subject = subject_of(call, request.GET.get("person"))
    if subject is None:
        return show(request, "targets/nobody.html", {"head": head()})
    found = goals(call, subject)
    main = next((goal for goal in found if goal.kind == "quarter"), found[0])
    deals, count = waiting_deals(call, subject)
    context: dict[str, Any] = {
        "subject": subject,
        "own": call.actor.user is not None and call.actor.user.person == subject.person,
        "goals": found,
        "main": main,
        "asked": main.asked,
        "day": day_name(call.as_of, get_language() or "en"),
        "deals": deals,
        "deals_count": count,
        "notices": notices_of(subject.person),
        "head": head(),
        **_numbers(call, main, subject),
    }
    context["advice"] = [one for one in context["cards"] if one.act and fell(one)]
    return show(request, "targets/me.html", context)


def _numbers(call: Call, main: Goal, subject: Subject) -> dict[str, Any]:
    """Cards, course and led people of the quarter."""
    asked, board = main.asked, main.board
    metric = None if board is None else board.metric.id
    chosen = choose_metrics(asked, metric)
    names = chosen.ids[:CARDS]
    others = [one for one in names if one != metric]
    before = before_words(asked)
    cards = feeding_cards(asked, feeding(asked, others), others, before)
    told: dict[str, Any] = {"cards": cards, "trust": None if board is None else board.trust}
    if board is None or main.line is None:
        return told
    past = past_of(asked, board)
    line = line_of(asked, board, past, board.row(subject.scope))
    return told | {
        "cards": [main_card(asked, line, before), *cards][:CARDS],
        "line": line,
        "board": board,
        "unit": board.metric.unit,
        "currency": board.currency,
        "over": min(asked.as_of, call.calendar.day_of(call.now_us)) >= asked.period.end,
        "elapsed": elapsed_text(board),
        "course": trend(asked, board.metric.id, board.currency, line),
        "course_name": in_words(board.metric.name),
        "team": team_lines(asked, lines_of(asked, board, past), subject) if subject.leads else [],
    }


@require_POST
@page()
def read_notices(request: HttpRequest, call: Call) -> HttpResponse:
    """The viewer has read these notices; only the own ones are marked."""
    user = call.actor.user
    wanted = {int(one) for one in request.POST.getlist("notice") if one.isdigit()}
    if user is not None and user.person is not None:
        own = {one.entity for one in records.notices(person=user.person, unread=True)}
        mark_read(entities=wanted & own, actor=call.actor.name)
    return HttpResponseRedirect("/targets/me")
