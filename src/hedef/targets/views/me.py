"""Everybody's own page: my goals from year to week, my team's, and what waits for me today."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hedef.call import Call
from hedef.kernel.errors import Forbidden
from hedef.ledger.queries import head
from hedef.metrics.page.shown import Figure, in_words
from hedef.metrics.schema import MetricDocument
from hedef.records import queries as records
from hedef.records.services import mark_read
from hedef.targets.engine.units import from_steps
from hedef.targets.page.boards import choose_metrics
from hedef.targets.page.cards import CARDS, feeding, feeding_cards, main_card
from hedef.targets.page.looks import fell
from hedef.targets.page.me import Goal, Subject, goals, notices_of, subject_of, team_lines, waiting_deals
from hedef.targets.page.reasons import elapsed_text
from hedef.targets.page.tree import line_of, lines_of, past_of
from hedef.targets.page.trend import trend
from hedef.targets.queries.letters import OPEN, Letter, is_over, letters_of
from hedef.targets.queries.plans import metric_of
from hedef.targets.services import acknowledge_letter
from hedef.targets.views.board import before_words
from hedef.targets.views.digest import link_for
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
        "letters": _open_letters(subject.person, call.as_of),
        "digest_link": link_for(call.actor.user) if call.actor.user is not None and call.actor.user.email else "",
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


def _open_letters(person: int, day: date) -> list[tuple[Letter, str, list[tuple[str, Figure, Figure | None]]]]:
    """Letters that wait for an answer, each with its plan's name, periods, numbers and those of the version before."""
    found = []
    for letter in letters_of(person):
        if letter.state == OPEN and not is_over(letter, day):
            metric = metric_of(letter.version.document)
            currency = letter.version.document.metric.currency
            lines = [
                (one.period, _figure(one.value, metric, currency), _figure(one.before, metric, currency))
                for one in letter.lines
            ]
            plan = in_words(letter.version.document.name)
            found.append((letter, plan, [(name, now, then) for name, now, then in lines if now is not None]))
    return found


def _figure(value: int | None, metric: MetricDocument, currency: str | None) -> Figure | None:
    return None if value is None else Figure(from_steps(value, metric.unit, currency), metric.unit, currency)


@require_POST
@page()
def answer_letter(request: HttpRequest, call: Call) -> HttpResponse:
    """The viewer's own answer to a letter, bound to the version that was read."""
    user = call.actor.user
    if user is None or user.person is None:
        raise Forbidden(_("Only the person whom a letter is for answers it."))
    acknowledge_letter(
        plan=request.POST.get("plan", ""),
        person=user.person,
        digest=request.POST.get("digest") or None,
        answer=request.POST.get("answer", ""),
        sentence=request.POST.get("sentence", ""),
        actor=call.actor.name,
    )
    messages.success(request, _("Your answer is kept."))
    return HttpResponseRedirect("/targets/me")


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
