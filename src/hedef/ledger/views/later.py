"""A large undo goes on behind its page: begun as a job, shown while it runs, and what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from hedef import jobs
from hedef.jobs import naming
from hedef.jobs import queries as job_queries
from hedef.jobs.models import JobRun
from hedef.ledger import tasks
from hedef.web.pages import is_part, show

LARGE = 5_000  # records from which nobody waits for the page
_TASK = "hedef.ledger.tasks.undo"


def begin(*, batch: str, actor: str, reason: str, after_publication: bool, second: str | None) -> str:
    """Have a worker take a batch back; answers the address that shows how far it is."""
    told = {"by": actor, "reason": reason, "after_publication": after_publication, "second": second}
    job = jobs.enqueue(tasks.undo, actor=actor, batch=batch, **told)
    return f"{reverse('ledger:undo', args=[batch])}?job={job}"


def progress(request: HttpRequest, batch: str) -> HttpResponse | None:
    """The undo of a batch that is on its way, or (`?job=`) what became of it; none when there is neither."""
    run = job_queries.find(_TASK, batch=batch)
    asked = request.GET.get("job", "")
    if run is None and asked:
        run = next((one for one in job_queries.runs(tasks=[_TASK]) if one.id == asked), None)
    if run is None or run.arguments.get("batch") != batch:
        return None
    if run.ended and is_part(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return _ended(request, run, batch) if run.ended else _shown(request, run, batch)


def _ended(request: HttpRequest, run: JobRun, batch: str) -> HttpResponse | None:
    if run.state == JobRun.State.DONE:
        told = {"batch": batch, "undo": (run.result or {}).get("batch", "")}
        messages.success(request, _("%(batch)s was taken back by %(undo)s.") % told)
        return HttpResponseRedirect(reverse("ledger:batch", args=[batch]))
    if run.state == JobRun.State.FAILED:
        messages.error(request, " ".join(naming.error_words(run.error)).strip())
    return None


def _shown(request: HttpRequest, run: JobRun, batch: str) -> HttpResponse:
    message, hint = naming.error_words(run.error)
    line = {"run": run, "name": naming.name_words(run), "state": naming.STATES[run.state]}
    line |= {"step": naming.step_words(run.step), "message": message, "hint": hint}
    context = {"batch": batch, "line": line, "working": job_queries.working()}
    return show(request, "ledger/undoing.html", context)
