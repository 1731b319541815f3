"""An upload on its way in: received, looked at, answered, imported by the page itself or by a worker."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hedef.call import Call
from hedef.intake import drafts, look, saying, tasks, uploading
from hedef.intake.run.control import ROWS, read_totals
from hedef.intake.views import running
from hedef.kernel.errors import HedefError, NotFound, WrongUse
from hedef.web.pages import page, show
from hedef.web.uploads import TOO_LARGE, take


@require_http_methods(["GET", "POST"])
@page(right="import")
def upload(request: HttpRequest, call: Call) -> HttpResponse:
    """Files from the form, which stand on the disk already; the page of the upload follows. Read again: the form."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("intake:imports"))
    source = request.POST.get("source", "").strip()[:100]
    try:
        if (name := request.META.get(TOO_LARGE)) is not None:
            raise _too_large(name)
        files, control = request.FILES.getlist("files"), _control(request)
        draft = drafts.start(files, actor=call.actor.name, source=source, take=take, control=control)
    except WrongUse as fault:
        saying.tell_fault(request, fault)
        return HttpResponseRedirect(reverse("intake:imports"))
    return HttpResponseRedirect(reverse("intake:draft", args=[draft.token]))


def _control(request: HttpRequest) -> dict[str, str]:
    """Control totals of the form: `EUR=1234.50 USD=10` and a number of rows. WrongUse for anything else."""
    told = {}
    for one in request.POST.get("control", "").replace(";", " ").split():
        code, sign, amount = one.partition("=")
        if not sign:
            raise WrongUse(_("Control total: write CURRENCY=SUM."), hint=_("For example EUR=1234.50"))
        told[code.upper()] = amount
    rows = request.POST.get("control_rows", "").strip()
    if rows and not rows.isdecimal():
        raise WrongUse(_("Control total: a number of rows is 0 or more."))
    read_totals(told, None)
    return told | ({ROWS: rows} if rows else {})


def _too_large(name: str) -> WrongUse:
    told = _("%(name)s: the upload is larger than %(limit)s MB; nothing of it was kept.")
    return WrongUse(
        told % {"name": name, "limit": settings.HEDEF.upload_limit_mb},
        hint=_("Export fewer columns or a shorter time, or import it on the command line."),
    )


@page(right="import")
def draft(request: HttpRequest, call: Call, token: str) -> HttpResponse:
    """The upload before anything is written: columns, questions, what would change. POST keeps answers, or imports."""
    try:
        found = drafts.load(token, actor=call.actor.name)
    except NotFound:
        return running.imported(request, token, actor=call.actor.name)
    if found.task and (answer := running.answer(request, found)) is not None:
        return answer
    if request.method == "POST":
        return _kept(request, found, call)
    language = get_language() or "en"
    seen = uploading.seen(found, language)
    if seen is None and not found.small:
        return running.begin(found, tasks.look_at_draft, actor=call.actor.name)
    if seen is None:
        seen = uploading.see(found, language)
        found = drafts.load(token, actor=call.actor.name)  # an archive has become its files
    return _shown(request, found, seen)


def _shown(request: HttpRequest, found: drafts.Draft, seen: look.Look) -> HttpResponse:
    answers = [saying.answer(one) for one in seen.answers]
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
        "stages": saying.stages(seen.stages),
        "spellings": saying.spellings(seen.spellings, found.decide),
        "fault": saying.fault_of(seen.fault),
        "ready": seen.ready,
        "first": seen.files[0] if len(seen.files) == 1 else None,
        "strange": any(one.strange for one in seen.files),
        "to_fix": sum(one["rejected"] for one in seen.answers),
        "blocked": any(one["trust"]["level"] == "blocked" for one in seen.answers),
    }
    return show(request, "intake/draft.html", context)


def _kept(request: HttpRequest, found: drafts.Draft, call: Call) -> HttpResponse:
    """Answers of the form are kept; then the file is left out, the import made, or the page shown again."""
    here = HttpResponseRedirect(reverse("intake:draft", args=[found.token]))
    try:
        if (stored := request.POST.get("leave")) is not None:
            drafts.without(found, stored)
            return here
        found = drafts.answer(found, **_answers(request, found))
        if "import" not in request.POST:
            return here
        if not found.small:
            return running.begin(found, tasks.import_draft, actor=call.actor.name)
        told = uploading.summary(look.import_draft(found))
    except HedefError as fault:
        saying.tell_fault(request, fault)
        return here
    drafts.discard(found)
    return running.after_import(request, told)


def _answers(request: HttpRequest, found: drafts.Draft) -> dict[str, Any]:
    """`decide:COLUMN`, `object:FILE`, `key:FILE`, `column:FILE:COLUMN` and `stage:PROCESS:WORD`.

    A column or word left as it was is no choice.
    """
    decide: dict[str, str] = {}
    columns = {stored: dict(found.columns.get(stored, {})) for stored in found.files}
    objects: dict[str, str] = {}
    keys: dict[str, str] = {}
    stages: dict[str, dict[str, str]] = {}
    for name, value in request.POST.items():
        kind, _colon, rest = name.partition(":")
        stored, _colon, column = rest.partition(":")
        if kind == "decide":
            decide[rest] = str(value)
        elif kind == "stage":
            if str(value) != request.POST.get(f"was-stage:{rest}", ""):
                stages.setdefault(stored, {})[column] = str(value)
        elif stored not in found.files:
            continue
        elif kind == "object":
            objects[stored] = str(value)
        elif kind == "key":
            keys[stored] = str(value)
        elif kind == "column" and str(value) != request.POST.get(f"was:{rest}", ""):
            columns[stored][column] = str(value) or drafts.SKIP
    return {"decide": decide, "columns": columns, "objects": objects, "keys": keys, "stages": stages}


@require_POST
@page(right="import")
def cancel(request: HttpRequest, call: Call, token: str) -> HttpResponse:
    """An import that runs is stopped; an upload that waits is thrown away with its files."""
    found = drafts.load(token, actor=call.actor.name)
    if found.task and running.stop(found):
        messages.info(request, _("The import is being stopped; what it had begun is taken back."))
        return HttpResponseRedirect(reverse("intake:draft", args=[token]))
    drafts.discard(found)
    messages.info(request, _("The upload was thrown away. Nothing was written."))
    return HttpResponseRedirect(reverse("intake:imports"))
