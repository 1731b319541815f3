"""Data pages: imports, an upload on its way in, what became of it, and its rows to fix."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hedef.call import Call
from hedef.intake import drafts, fixing, look, queries
from hedef.intake.models import ImportJob
from hedef.intake.naming import FIELDS, OBJECTS, check_words, issue_words
from hedef.kernel.errors import HedefError, NotFound
from hedef.web.pages import page, show


@page(right="read_data")
def imports(request: HttpRequest, call: Call) -> HttpResponse:
    """Sources with their trust, the newest imports, and the door for a file."""
    jobs = Paginator(queries.jobs(last=500, scope=call.scope), 25).get_page(request.GET.get("page"))
    checked = queries.check(known_no=call.known_no)
    context = {
        "jobs": jobs,
        "sources": queries.sources(),
        "checks": [_check(one) for one in checked.states if one.level != "trusted"],
        "trust": checked.trust,
        "may_import": call.actor.can("import"),
        "objects": OBJECTS,
    }
    return show(request, "intake/imports.html", context)


@require_POST
@page(right="import")
def upload(request: HttpRequest, call: Call) -> HttpResponse:
    draft = drafts.start(
        request.FILES.getlist("files"), actor=call.actor.name, source=request.POST.get("source", "").strip() or None
    )
    return HttpResponseRedirect(reverse("intake:draft", args=[draft.token]))


@page(right="import")
def draft(request: HttpRequest, call: Call, token: str) -> HttpResponse:
    """The upload before anything is written: columns, questions, what would change. POST keeps answers, or imports."""
    found = drafts.load(token, actor=call.actor.name)
    if request.method == "POST":
        found = drafts.answer(found, **_answers(request, found))
        if "import" in request.POST:
            return _import(request, found)
        return HttpResponseRedirect(reverse("intake:draft", args=[token]))
    seen = look.look_at(found)
    context = {
        "draft": found,
        "files": [_file(one) for one in seen.files],
        "questions": [_question(one) for one in seen.questions],
        "answers": [_answer(one.as_json()) for one in seen.answers],
        "fault": seen.fault,
        "ready": seen.ready,
        "first": seen.files[0] if len(seen.files) == 1 else None,
    }
    return show(request, "intake/draft.html", context)


def _answers(request: HttpRequest, found: drafts.Draft) -> dict[str, Any]:
    """`decide:COLUMN` and `column:FILE:COLUMN` of the form; a column left as it was is no choice."""
    decide: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {name: {} for name in found.files.values()}
    for key, value in request.POST.items():
        kind, _colon, rest = key.partition(":")
        if kind == "decide":
            decide[rest] = str(value)
        elif kind == "column":
            number, _colon, column = rest.partition(":")
            name = (
                list(found.files.values())[int(number)] if number.isdigit() and int(number) < len(found.files) else ""
            )
            if name and str(value) != request.POST.get(f"was:{rest}", ""):
                columns[name][column] = str(value) or drafts.SKIP
            elif name and column in found.columns.get(name, {}):
                columns[name][column] = found.columns[name][column]
    return {"decide": decide, "columns": columns}


def _import(request: HttpRequest, found: drafts.Draft) -> HttpResponse:
    answers = look.import_draft(found)
    drafts.discard(found)
    jobs = [one.job for one in answers.files if one.job]
    rejected = sum(one.counts.rejected for one in answers.files)
    written = sum(one.counts.created + one.counts.updated for one in answers.files)
    if rejected:
        messages.warning(
            request, _("%(written)d rows imported, %(rejected)d to fix.") % {"written": written, "rejected": rejected}
        )
    else:
        messages.success(request, _("%(written)d rows imported.") % {"written": written})
    if len(jobs) == 1:
        return HttpResponseRedirect(reverse("intake:job", args=[jobs[0]]))
    return HttpResponseRedirect(reverse("intake:imports"))


@require_POST
@page(right="import")
def cancel(request: HttpRequest, call: Call, token: str) -> HttpResponse:
    drafts.discard(drafts.load(token, actor=call.actor.name))
    messages.info(request, _("The upload was thrown away. Nothing was written."))
    return HttpResponseRedirect(reverse("intake:imports"))


@page(right="read_data")
def job(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """What became of one file, with its rejected rows to mend. POST imports the mended rows."""
    found = _job(call, number)
    if request.method == "POST":
        call.actor.must("import")
        cells = {name: str(value) for name, value in request.POST.items() if name.startswith("cell-")}
        try:
            answers = fixing.import_fixed(found, cells, actor=call.actor.name)
        except HedefError as fault:
            messages.error(request, fault.message)
            return HttpResponseRedirect(reverse("intake:job", args=[number]))
        return _after_fixing(request, answers.files[0])
    may_mend = call.actor.can("import") and found.actor in (call.actor.name, "local", *_uploaders(call))
    bad = fixing.rejects_of(found) if may_mend and _has_rejects(found) else None
    states = queries.newest_states(sources=[found.source], objects=[found.object]) if found.object else []
    answer = _answer(found.answer) if found.answer else None
    context = {
        "job": found,
        "answer": answer,
        "checks": [_check(one) for one in states],
        "trust": queries.trust_of(found.source, found.object or None),
        "bad_rows": [] if bad is None else bad.bad_rows(),
        "bad_count": 0 if bad is None else len(bad.rows),
        "shown": fixing.SHOWN,
        "may_import": call.actor.can("import"),
        "decisions": [_question(one) for one in found.decisions],
        "issue_words": issue_words,
    }
    return show(request, "intake/job.html", context)


def _after_fixing(request: HttpRequest, answer: Any) -> HttpResponse:
    counts = answer.counts
    done = counts.created + counts.updated + counts.unchanged
    if counts.rejected:
        messages.warning(
            request, _("%(done)d rows taken, %(rejected)d still to fix.") % {"done": done, "rejected": counts.rejected}
        )
    else:
        messages.success(request, _("All %(done)d rows were taken.") % {"done": done})
    return HttpResponseRedirect(reverse("intake:job", args=[answer.job]))


@page(right="read_data")
def rejects(_request: HttpRequest, call: Call, number: str) -> HttpResponseBase:
    """The rejected rows as a file; readable by who imports only."""
    call.actor.must("import")
    found = _job(call, number)
    bad = fixing.rejects_of(found)
    return FileResponse(bad.path.open("rb"), as_attachment=True, filename=bad.path.name, content_type="text/csv")


def _job(call: Call, number: str) -> ImportJob:
    if not call.scope.everything:
        raise NotFound(f"There is no import {number}.")
    return queries.job(number)


def _uploaders(call: Call) -> tuple[str, ...]:
    """Operations mend each other's rows; everybody else only the own ones."""
    return (call.actor.name,) if not call.actor.can("undo") else queries.uploaders()


def _has_rejects(found: ImportJob) -> bool:
    try:
        fixing.rejects_of(found)
    except NotFound:
        return False
    return True


# --- words for the page -----------------------------------------------------------------------------------------------


def _file(one: look.FileLook) -> dict[str, Any]:
    choices = [(name, FIELDS.get(name, name)) for name in one.choices]
    return {
        "look": one,
        "object": OBJECTS.get(one.object or "", one.object),
        "choices": sorted(choices, key=lambda pair: str(pair[1])),
        "columns": one.columns,
        "open": sum(column.state in {"check", "choose"} for column in one.columns),
    }


_WHAT = {"d/m": "day/month/year", "m/d": "month/day/year", ".": "1,234.56", ",": "1.234,56"}


def _question(told: Mapping[str, Any]) -> dict[str, Any]:
    options = [(value, _WHAT.get(value, value)) for value in told.get("options") or ()]
    proof = ", ".join(f"{_WHAT.get(name, name)}: {count}" for name, count in (told.get("proof") or {}).items())
    return {
        **told,
        "choices": options,
        "proof_text": proof,
        "shown": _WHAT.get(str(told.get("value")), told.get("value")),
    }


def _answer(told: Mapping[str, Any]) -> dict[str, Any]:
    issues = [{**one, "words": issue_words(one["code"])} for one in told["issues"]]
    decisions = [_question(one) for one in told["decisions"] if one.get("by") != "default"]
    object_ = OBJECTS.get(told["object"] or "", told["object"])
    return {**told, "issue_list": issues, "decision_list": decisions, "object_words": object_}


def _check(state: Any) -> dict[str, Any]:
    return {"state": state, "words": check_words(state.check_name), "object": OBJECTS.get(state.object, state.object)}
