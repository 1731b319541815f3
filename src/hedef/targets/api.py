"""`GET /api/v1/targets`, `GET /api/v1/targets/scoreboard`, and the writes split, phase and publish."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from hedef.api_support import call_of
from hedef.kernel.errors import WrongUse
from hedef.targets import queries
from hedef.targets.queries.kept import board_instant
from hedef.targets.queries.openness import board_scope
from hedef.targets.queries.show import lines_json
from hedef.targets.queries.text import scoreboard_text
from hedef.targets.queries.wide import split_ids
from hedef.targets.services import (
    PlanOptions,
    SplitAnswer,
    SplitOrder,
    acknowledge_letter,
    keep_board,
    publish_plan,
    split_plan,
)

router = Router()


class SplitBody(Schema):
    plan: str
    period: str
    total: str | None = None
    weights: str | None = None
    round_to: str | None = None
    over_assign: str | None = None
    no_history: str | None = None
    levels: tuple[str, ...] = ()
    metric: str | None = None
    currency: str | None = None
    phasing: str | None = None
    reason: str = ""
    dry_run: bool = False


class PublishBody(Schema):
    plan: str
    version: int | None = None
    reason: str = ""


@router.get("", summary="Plans with their versions; with plan: its lines")
def plans(
    request: HttpRequest, plan: str | None = None, version: int | None = None, period: str | None = None
) -> dict[str, Any]:
    call = call_of(request)
    return queries.plan_json(plan, version=version, period=period, scope=call.scope)


@router.get("/scoreboard", summary="Targets against actuals, and where everyone should be")
def scoreboard(
    request: HttpRequest,
    period: str,
    as_of: str | None = None,
    by: str = "team",
    plan: str | None = None,
    known_at: str | None = None,
    pace: str | None = None,
    metrics: str | None = None,
) -> HttpResponse:
    call = call_of(request, as_of=as_of, known_at=known_at)
    text = scoreboard_text(
        split_ids(metrics or ""),
        period=period,
        as_of=board_instant(call),
        by=by,
        plan=plan,
        known_at=call.known_no,
        scope=board_scope(call.scope),
        pace=pace,
        wait=False,
    )
    return HttpResponse(text, content_type="application/json; charset=utf-8")


class FinalBody(Schema):
    period: str
    as_of: str | None = None
    known_at: str | None = None
    by: str = "team"
    plan: str | None = None
    pace: str | None = None


@router.post("/final", summary="Keep the board of everybody as a publication; refused on blocked data")
def final(request: HttpRequest, body: FinalBody) -> dict[str, Any]:
    call = call_of(request, as_of=body.as_of, known_at=body.known_at)
    call.actor.must("approve")
    call.actor.must("read_data")
    made, board = keep_board(
        period=body.period,
        as_of_us=call.as_of_us,
        by=body.by,
        plan=body.plan,
        pace=body.pace,
        known_no=call.known_no,
        actor=call.actor.name,
        made_at=call.now,
    )
    return {**board.as_json(), "publication": made.as_json()}


@router.get("/why", summary="How a number of the board came about")
def why(
    request: HttpRequest,
    scope: str,
    period: str,
    as_of: str | None = None,
    field: str = "pace",
    plan: str | None = None,
    known_at: str | None = None,
    pace: str | None = None,
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    trace = queries.why(
        scope,
        period=period,
        as_of=call.as_of_us,
        field=field,
        plan=plan,
        known_at=call.known_no,
        viewer=call.scope,
        pace=pace,
    )
    return call.framed("hedef.trace/1", trace.as_json())


@router.post("/split", summary="Split a company's target over teams and people, as the plan's next draft")
def split(request: HttpRequest, body: SplitBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("plan_targets")
    options = PlanOptions(metric=body.metric, currency=body.currency, phasing=body.phasing, reason=body.reason)
    order = SplitOrder(
        plan=body.plan,
        period=body.period,
        total=body.total,
        weights=body.weights,
        round_to=body.round_to,
        over_assign=body.over_assign,
        no_history=body.no_history,
        levels=body.levels,
        options=options,
    )
    return _split_json(split_plan(order, actor=call.actor.name, as_of=call.as_of, dry_run=body.dry_run), body.plan)


def _split_json(done: SplitAnswer, plan: str) -> dict[str, Any]:
    saved = done.saved
    return {
        "schema": "hedef.targets/1",
        "plan": None if saved is None else f"{plan}@{saved.version.version}",
        "state": None if saved is None else saved.version.state,
        "lines": lines_json(done.lines, done.measure.unit, done.measure.currency),
        "issues": [issue.as_json() for issue in done.issues],
    }


@router.post("/publish", summary="Take a draft as far as you may: simulated, approved, effective")
def publish(request: HttpRequest, body: PublishBody) -> dict[str, Any]:
    call = call_of(request)
    may = call.actor.can("approve")
    if not may:
        call.actor.must("plan_targets")
    done = publish_plan(
        plan=body.plan, version=body.version, actor=call.actor.name, may_approve=may, reason=body.reason
    )
    return {
        "schema": "hedef.targets/1",
        "plan": f"{body.plan}@{done.version.version}",
        "state": done.version.state,
        "self_approved": done.version.self_approved,
        "waits": done.waits,
        "issues": [],
    }


class AnswerBody(Schema):
    plan: str
    hash: str
    answer: str
    sentence: str = ""


@router.get("/letters", summary="Target letters: yours, or of a plan those of the people you see")
def letters(request: HttpRequest, plan: str | None = None) -> dict[str, Any]:
    call = call_of(request)
    own = None if call.actor.user is None else call.actor.user.person
    if plan is not None:
        found = queries.letters(plan, scope=call.scope)
    else:
        found = [] if own is None else queries.letters_of(own)
    return call.framed("hedef.targets/1", {"letters": [queries.letter_json(one) for one in found]})


@router.post("/acknowledge", summary="Acknowledge your target letter, or disagree with a sentence")
def acknowledge(request: HttpRequest, body: AnswerBody) -> dict[str, Any]:
    call = call_of(request)
    own = None if call.actor.user is None else call.actor.user.person
    if own is None:
        raise WrongUse("You are no person of the records: you have no target letter.")
    done = acknowledge_letter(
        plan=body.plan, person=own, digest=body.hash, answer=body.answer, sentence=body.sentence, actor=call.actor.name
    )
    return call.framed("hedef.targets/1", {"letters": [queries.letter_json(done)]})
