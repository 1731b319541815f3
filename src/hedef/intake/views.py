"""Data pages: imports, an upload on its way in, what became of it, and its rows to fix."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hedef.call import Call
from hedef.intake import drafts, fixing, look, queries, saying
from hedef.intake.answer import ImportAnswer
from hedef.intake.models import ImportJob
from hedef.kernel.errors import HedefError, NotFound, WrongUse
from hedef.web.pages import page, show

_JOBS = 25
_LAST = 500


@page(right="read_data")
def imports(request: HttpRequest, call: Call) -> HttpResponse:
    """Sources with their trust, the newest imports, and the door for a file."""
    jobs = Paginator(queries.jobs(last=_LAST, scope=call.scope), _JOBS).get_page(request.GET.get("page"))
    checked = queries.check(known_no=call.known_no)
    may_import = call.actor.can("import")
    context = {
        "jobs": jobs,
        "sources": queries.sources(),
        "checks": [saying.check(one) for one in checked.states if one.level != "trusted"],
        "trust": checked.trust,
        "may_import": may_import,
        "waiting": drafts.waiting(call.actor.name) if may_import else [],
    }
    return show(request, "intake/imports.html", context)


@require_POST
@page(right="import")
def upload(request: HttpRequest, call: Call) -> HttpResponse:
    """Files from the form; the page of the upload follows."""
    source = request.POST.get("source", "").strip()[:100]
    try:
        draft = drafts.start(request.FILES.getlist("files"), actor=call.actor.name, source=source)
    except WrongUse as fault:
        saying.tell_fault(request, fault)
        return HttpResponseRedirect(reverse("intake:imports"))
    return HttpResponseRedirect(reverse("intake:draft", args=[draft.token]))


@page(right="import")
def draft(request: HttpRequest, call: Call, token: str) -> HttpResponse:
    """The upload before anything is written: columns, questions, what would change. POST keeps answers, or imports."""
    found = drafts.load(token, actor=call.actor.name)
    if request.method == "POST":
        return _kept(request, found)
    seen = look.look_at(found)
    answers = [saying.answer(one.as_json()) for one in seen.answers]
    files = [saying.file(one, answers) for one in seen.files]
    folded = [one for one in seen.checks if one.level == "trusted"] if len(files) > 1 else []
    context = {
        "draft": found,
        "files": files,
        "questions": [saying.question(one) for one in seen.questions],
        "answers": answers,
        "checks": [saying.check(one) for one in seen.checks if one not in folded],
        "passed": [saying.check(one) for one in folded],
        "moved": [saying.moved(one) for one in seen.moved],
        "fault": seen.fault,
        "ready": seen.ready,
        "first": seen.files[0] if len(seen.files) == 1 else None,
        "strange": any(one.strange for one in seen.files),
        "to_fix": sum(one.counts.rejected for one in seen.answers),
        "blocked": any(one.trust.level == "blocked" for one in seen.answers),
    }
    return show(request, "intake/draft.html", context)


def _kept(request: HttpRequest, found: drafts.Draft) -> HttpResponse:
    """Answers of the form are kept; then the file is left out, the import made, or the page shown again."""
    here = HttpResponseRedirect(reverse("intake:draft", args=[found.token]))
    try:
        if (stored := request.POST.get("leave")) is not None:
            drafts.without(found, stored)
            return here
        found = drafts.answer(found, **_answers(request, found))
        if "import" not in request.POST:
            return here
        answers = look.import_draft(found)
    except HedefError as fault:
        saying.tell_fault(request, fault)
        return here
    drafts.discard(found)
    return _after_import(request, answers.files)


def _answers(request: HttpRequest, found: drafts.Draft) -> dict[str, Any]:
    """`decide:COLUMN`, `object:FILE`, `key:FILE` and `column:FILE:COLUMN`; a column left as it was is no choice."""
    decide: dict[str, str] = {}
    columns = {stored: dict(found.columns.get(stored, {})) for stored in found.files}
    objects: dict[str, str] = {}
    keys: dict[str, str] = {}
    for name, value in request.POST.items():
        kind, _colon, rest = name.partition(":")
        stored, _colon, column = rest.partition(":")
        if kind == "decide":
            decide[rest] = str(value)
        elif stored not in found.files:
            continue
        elif kind == "object":
            objects[stored] = str(value)
        elif kind == "key":
            keys[stored] = str(value)
        elif kind == "column" and str(value) != request.POST.get(f"was:{rest}", ""):
            columns[stored][column] = str(value) or drafts.SKIP
    return {"decide": decide, "columns": columns, "objects": objects, "keys": keys}


def _after_import(request: HttpRequest, files: tuple[ImportAnswer, ...]) -> HttpResponse:
    rejected = sum(one.counts.rejected for one in files)
    written = sum(one.counts.created + one.counts.updated for one in files)
    if rejected:
        told = _("%(written)d rows imported, %(rejected)d to fix.") % {"written": written, "rejected": rejected}
        messages.warning(request, told)
    elif not written:
        messages.info(request, _("Nothing new: the ledger already says all of it."))
    else:
        messages.success(
            request, ngettext("%(written)d row imported.", "%(written)d rows imported.", written) % {"written": written}
        )
    jobs = [one.job for one in files if one.job]
    if len(jobs) == 1:
        return HttpResponseRedirect(reverse("intake:job", args=[jobs[0]]))
    return HttpResponseRedirect(reverse("intake:imports"))


@require_POST
@page(right="import")
def cancel(request: HttpRequest, call: Call, token: str) -> HttpResponse:
    """The upload and its files are thrown away."""
    drafts.discard(drafts.load(token, actor=call.actor.name))
    messages.info(request, _("The upload was thrown away. Nothing was written."))
    return HttpResponseRedirect(reverse("intake:imports"))


@page(right="read_data")
def job(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """What became of one file, with its rejected rows to mend. POST imports the mended rows."""
    found = _job(call, number)
    if request.method == "POST":
        return _mended(request, call, found)
    bad = _rejects(found) if _may_mend(call, found) else None
    rows = None if bad is None else Paginator(range(len(bad.rows)), fixing.SHOWN).get_page(request.GET.get("page"))
    first = 0 if rows is None else rows.start_index() - 1
    states = queries.newest_states(sources=[found.source], objects=[found.object]) if found.object else []
    context = {
        "job": found,
        "answer": saying.answer(found.answer) if found.answer else None,
        "checks": [saying.check(one) for one in states],
        "trust": queries.trust_of(found.source, found.object or None),
        "bad_rows": [] if bad is None else [saying.bad_row(one) for one in bad.bad_rows(first, fixing.SHOWN)],
        "bad_count": 0 if bad is None else len(bad.rows),
        "rows": rows,
        "fixed_by": fixing.fixed_by(found),
        "decisions": [saying.question(one) for one in found.decisions],
    }
    return show(request, "intake/job.html", context)


def _mended(request: HttpRequest, call: Call, found: ImportJob) -> HttpResponse:
    call.actor.must("import")
    if not _may_mend(call, found):
        raise NotFound(_("%(job)s has no rows that you may mend.") % {"job": found})
    cells = {name: str(value).replace("\r\n", "\n") for name, value in request.POST.items() if name.startswith("cell-")}
    try:
        answer = fixing.import_fixed(found, cells, actor=call.actor.name).files[0]
    except HedefError as fault:
        saying.tell_fault(request, fault)
        return HttpResponseRedirect(reverse("intake:job", args=[str(found)]))
    counts = answer.counts
    done = counts.created + counts.updated + counts.unchanged
    if counts.rejected:
        told = _("%(done)d rows taken, %(rejected)d still to fix.") % {"done": done, "rejected": counts.rejected}
        messages.warning(request, told)
    else:
        messages.success(
            request, ngettext("The row was taken.", "All %(done)d rows were taken.", done) % {"done": done}
        )
    return HttpResponseRedirect(reverse("intake:job", args=[answer.job]))


@page(right="read_data")
def rejects(_request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """The rejected rows as a file; readable by who imported them and by operations only."""
    call.actor.must("import")
    found = _job(call, number)
    if not _may_mend(call, found):
        raise NotFound(_("%(job)s has no rejected rows to show.") % {"job": found})
    path = fixing.rejects_of(found).path
    file = {"Content-Disposition": f'attachment; filename="{path.name}"'}
    return HttpResponse(path.read_bytes(), content_type="text/csv; charset=utf-8", headers=file)


def _job(call: Call, number: str) -> ImportJob:
    if not call.scope.everything:
        raise NotFound(_("There is no import %(number)s.") % {"number": number})
    return queries.job(number)


def _may_mend(call: Call, found: ImportJob) -> bool:
    """Operations mend each other's rows; everybody else who imports only the own ones."""
    return call.actor.can("import") and (found.actor == call.actor.name or call.actor.can("undo"))


def _rejects(found: ImportJob) -> fixing.Rejects | None:
    if fixing.fixed_by(found) is not None:
        return None
    try:
        return fixing.rejects_of(found)
    except NotFound:
        return None
