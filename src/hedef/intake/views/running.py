"""An upload while a worker has it: its progress on the upload's own page, and where to go when it is over."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hedef import jobs
from hedef.intake import drafts
from hedef.intake.naming import fault_words
from hedef.jobs import naming, services
from hedef.jobs import queries as job_queries
from hedef.jobs.models import JobRun
from hedef.kernel.errors import HedefError, NotFound
from hedef.web import numbers
from hedef.web.pages import is_part, show

if TYPE_CHECKING:
    from django.tasks import Task

_IMPORT = "hedef.intake.tasks.import_draft"


def begin(found: drafts.Draft, task: "Task[..., Any]", *, actor: str) -> HttpResponse:
    """Have a job look at the upload, or import it; its page shows the progress."""
    id_ = jobs.enqueue(task, actor=actor, token=found.token, language=get_language() or "en")
    if drafts.of_token(found.token) is not None:  # where no worker stands behind the queue, it is over by now
        drafts.with_task(found, id_)
    here = reverse("intake:draft", args=[found.token])
    return HttpResponseRedirect(here)


def answer(request: HttpRequest, found: drafts.Draft) -> HttpResponse | None:
    """The progress of the upload's job; none when the upload can be shown again, as it is or with what stopped it."""
    try:
        run = jobs.progress(found.task)
    except NotFound:
        drafts.with_task(found, "")
        return None
    if not run.ended:
        return _progress(request, found, run)
    if is_part(request) and request.method == "GET":
        return _reload()
    if run.state == JobRun.State.FAILED and not run.final:
        return _progress(request, found, run)
    drafts.with_task(found, "")
    if run.state == JobRun.State.FAILED:
        message, hint = _why(run)
        messages.error(request, f"{message} {hint}".strip())
    return None


def _reload() -> HttpResponse:
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


def _progress(request: HttpRequest, found: drafts.Draft, run: JobRun) -> HttpResponse:
    message, hint = _why(run)
    line = {"run": run, "name": naming.name_words(run), "state": naming.STATES[run.state]}
    line |= {"step": naming.step_words(run.step), "message": message, "hint": hint}
    context = {
        "draft": found,
        "line": line,
        "importing": run.task == _IMPORT,
        "working": job_queries.working(),
        "names": list(found.files.values()),
    }
    return show(request, "intake/running.html", context)


def _why(run: JobRun) -> tuple[str, str]:
    """What stopped it, in the reader's language."""
    message, hint = naming.error_words(run.error)
    return fault_words(str((run.error or {}).get("code", "")), message, hint)


def stop(found: drafts.Draft) -> bool:
    """Stop the job of an upload; true when an import had begun and takes itself back first."""
    try:
        run = jobs.progress(found.task)
        begun = run.task == _IMPORT and run.state == JobRun.State.RUNNING
        services.stop(found.task)
    except HedefError:  # it is over, or gone
        return False
    return begun


def imported(request: HttpRequest, token: str, *, actor: str) -> HttpResponse:
    """The page of an upload that a worker has imported leads to what became of it; NotFound for any other."""
    run = job_queries.find(_IMPORT, live=False, token=token)
    if run is None or run.actor != actor or run.state != JobRun.State.DONE:
        raise drafts.missing()
    if is_part(request):
        return _reload()
    told = run.result or {"jobs": []}
    return _to_imports(told["jobs"])  # its page says what was written, however often this one is asked


def after_import(request: HttpRequest, told: Mapping[str, Any]) -> HttpResponse:
    """Say what was written (`uploading.summary`), and go to the page of the import."""
    written, rejected = told["written"], told["rejected"]
    shown = {"written": _number(written), "rejected": _number(rejected)}
    if rejected:
        messages.warning(request, _("%(written)s rows imported, %(rejected)s to fix.") % shown)
    elif not written:
        messages.info(request, _("Nothing new: the ledger already says all of it."))
    else:
        messages.success(request, ngettext("%(written)s row imported.", "%(written)s rows imported.", written) % shown)
    return _to_imports(told["jobs"])


def _number(value: int) -> str:
    return numbers.number(value, get_language() or "en")


def _to_imports(jobs_: Sequence[str]) -> HttpResponse:
    if len(jobs_) == 1:
        return HttpResponseRedirect(reverse("intake:job", args=[jobs_[0]]))
    return HttpResponseRedirect(reverse("intake:imports"))
