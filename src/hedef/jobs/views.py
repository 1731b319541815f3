"""Pages of jobs: what waits, runs and failed, who works, and what runs by the clock."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hedef.call import Call
from hedef.jobs import naming, queries, queue, services
from hedef.jobs.models import JobRun
from hedef.kernel.errors import HedefError
from hedef.web.pages import page, show

_LAST = 1000
_ROWS = 25


@page(right="read_data")
def jobs(request: HttpRequest, call: Call) -> HttpResponse:
    """The newest jobs with their progress; failed ones can be repeated."""
    rows = Paginator(queries.runs(last=_LAST), _ROWS).get_page(request.GET.get("page"))
    workers = queue.workers()
    context = {
        "jobs": rows,
        "lines": [line(one) for one in rows],
        "failed": JobRun.objects.filter(state=JobRun.State.FAILED).count(),
        "live": JobRun.objects.filter(state__in=queries.LIVE).count(),
        "workers": [one for one in workers if one.alive],
        "working": queries.working(),
        "schedules": [
            {
                "timed": one,
                "words": naming.NAMES.get(_name(one.schedule.task), one.schedule.key),
                "rhythm": naming.rhythm_words(one.schedule.cron),
            }
            for one in queries.timed()
        ],
        "may_act": call.actor.can("import"),
        "company_day": settings.HEDEF.today,  # a demo home lives on a fixed day; jobs run by the real clock
    }
    return show(request, "jobs/jobs.html", context)


@page(right="read_data")
def one(request: HttpRequest, call: Call, id: str) -> HttpResponse:  # noqa: A002 - the word of the path
    """One job: how far it is, what it was asked for, what stopped it."""
    found = queries.run(id)
    context = {"line": line(found), "may_act": call.actor.can("import"), "working": queries.working()}
    context["company_day"] = settings.HEDEF.today
    return show(request, "jobs/job.html", context)


@require_POST
@page(right="import")
def retry(request: HttpRequest, call: Call, id: str) -> HttpResponse:  # noqa: A002, ARG001 - the word of the path
    """A failed job is begun again."""
    return _act(request, id, services.retry, _("The job is begun again."))


@require_POST
@page(right="import")
def stop(request: HttpRequest, call: Call, id: str) -> HttpResponse:  # noqa: A002, ARG001 - the word of the path
    """A job is stopped."""
    return _act(request, id, services.stop, _("The job is stopped."))


def _act(request: HttpRequest, id: str, verb: Any, told: str) -> HttpResponse:  # noqa: A002 - the word of the path
    try:
        verb(id)
    except HedefError as fault:
        messages.error(request, f"{fault.message} {fault.hint or ''}".strip())
    else:
        messages.success(request, told)
    return HttpResponseRedirect(reverse("jobs:job", args=[id]))


def line(run: JobRun) -> dict[str, Any]:
    """A job in words."""
    message, hint = naming.error_words(run.error)
    return {
        "run": run,
        "name": naming.name_words(run),
        "state": naming.STATES[run.state],
        "step": naming.step_words(run.step),
        "message": message,
        "hint": hint,
        "what": ", ".join(str(value) for value in run.arguments.values()),
    }


def _name(task: str) -> str:
    parts = task.split(".")
    return f"{parts[1]}.{parts[-1]}"
