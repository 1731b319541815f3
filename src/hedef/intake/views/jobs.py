"""The page of imports with the door for a file, and what became of one file with its rows to mend."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hedef.access.services import note_read
from hedef.call import Call
from hedef.intake import drafts, fixing, queries, saying
from hedef.intake.models import ImportJob
from hedef.kernel.errors import HedefError, NotFound
from hedef.web.pages import page, show

_JOBS = 25
_LAST = 500


@page(right="read_data")
def imports(request: HttpRequest, call: Call) -> HttpResponse:
    """Sources with their trust, the newest imports, and the door for a file."""
    jobs = Paginator(queries.with_undoings(queries.jobs(last=_LAST, scope=call.scope)), _JOBS).get_page(
        request.GET.get("page")
    )
    checked = queries.check(known_no=call.known_no)
    may_import = call.actor.can("import")
    context = {
        "jobs": jobs,
        "sources": queries.sources(),
        "checks": [saying.check(one) for one in checked.states if one.level != "trusted"],
        "trust": checked.trust,
        "may_import": may_import,
        "waiting": [_waiting(one) for one in drafts.waiting(call.actor.name)] if may_import else [],
    }
    return show(request, "intake/imports.html", context)


def _waiting(draft: drafts.Draft) -> dict[str, Any]:
    """An upload that waits: its files, when it came and how many rows were seen in it."""
    return {
        "token": draft.token,
        "names": ", ".join(draft.files.values()),
        "at": drafts.came_at(draft),
        "rows": drafts.rows_seen(draft),
    }


@page(right="read_data")
def job(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """What became of one file, with its rejected rows to mend. POST imports the mended rows."""
    (found,) = queries.with_undoings([_job(call, number)])
    if request.method == "POST":
        return _mended(request, call, found)
    bad = _rejects(found) if _may_mend(call, found) else None
    rows = None if bad is None else Paginator(range(len(bad.rows)), fixing.SHOWN).get_page(request.GET.get("page"))
    first = 0 if rows is None else rows.start_index() - 1
    states = queries.newest_states(sources=[found.source], objects=[found.object]) if found.object else []
    context = {
        "job": found,
        "error": saying.error(found.error),
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
    rows, what = found.answer["rejected"] if found.answer else 0, f"rejected rows of {found}"
    note_read(actor=call.actor.name, what=what, format_="csv", rows=rows, way="page", at_us=call.now_us)
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
