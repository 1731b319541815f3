"""Words that pages show for jobs: what they do, how they stand, what stopped them."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hedef.jobs.models import JobRun

NAMES: dict[str, str | Promise] = {
    "intake.look_at_draft": _("Look at an upload"),
    "intake.import_draft": _("Import an upload"),
    "intake.import_sent": _("Import files of a program"),
    "intake.import_from_inbox": _("Import a file of the inbox"),
    "intake.scan_inbox": _("Look into the inbox"),
    "intake.clear_uploads": _("Clear away old uploads"),
    "intake.resume_imports": _("Take up broken-off imports"),
    "ledger.undo": _("Take a batch back"),
    "records.keep_to_retention": _("Blank words that may no longer be kept"),
    "facts.compact": _("Compact the facts"),
    "targets.begin_digests": _("Begin the digests that are due"),
    "targets.send_digest": _("Send a digest"),
    "jobs.sweep": _("Repeat what failed"),
}

STATES: dict[str, str | Promise] = {
    "waiting": _("waits"),
    "running": _("runs"),
    "again": _("is repeated"),
    "done": _("done"),
    "failed": _("failed"),
    "stopped": _("stopped"),
}

_STEPS: dict[str, str | Promise] = {
    "read": _("Reading"),
    "decide": _("Deciding"),
    "plan": _("Comparing"),
    "apply": _("Writing"),
    "records": _("Writing"),
    "seal": _("Sealing"),
    "trust": _("Checking"),
    "facts": _("Bringing the numbers up to date"),
    "look": _("Looking at the files"),
    "undo": _("Putting records back"),
    "gone": _("Looking for what the export no longer holds"),
    "waiting": _("Joining rows that name each other"),
}
_WAITS = "waiting for another import of "

_ERRORS: dict[str, tuple[Promise, Promise]] = {
    "worker_lost": (
        _("The worker ended before the job did (killed, out of memory, or the machine stopped)."),
        _("Look at memory and disk, then repeat the job."),
    ),
    "fault": (
        _("Something broke while the job was done: %(message)s"),
        _("Repeat the job. If it fails again, report it with the log of the worker."),
    ),
}


def name_words(run: JobRun) -> str:
    """What the job does."""
    return str(NAMES.get(run.name, run.name))


def step_words(step: str) -> str:
    """What it is at. A name that no person knows, such as that of one step of an import, is work being written."""
    if step.startswith(_WAITS):
        return str(_("Waiting for another import of %(source)s")) % {"source": step.removeprefix(_WAITS)}
    known = _STEPS.get(step) or _STEPS.get(step.partition("-")[0])
    return str(known or (_STEPS["apply"] if step else ""))


def rhythm_words(cron: str) -> str:
    """How often the clock begins something, as people say it; the cron text where it says more than they do."""
    second, minute, hour, *rest = parts if len(parts := cron.split()) == 6 else ["0", *parts]
    if rest != ["*", "*", "*"]:
        return cron
    if second.startswith("*/") and (minute, hour) == ("*", "*"):
        return ngettext("every second", "every %(n)d seconds", int(second[2:])) % {"n": int(second[2:])}
    if minute == hour == "*":
        return str(_("every minute"))
    if minute.startswith("*/") and hour == "*":
        return ngettext("every minute", "every %(n)d minutes", int(minute[2:])) % {"n": int(minute[2:])}
    if hour == "*" and minute.isdigit():
        return str(_("every hour at minute %(minute)s")) % {"minute": minute}
    if hour.isdigit() and minute.isdigit():
        return str(_("every day at %(hour)s:%(minute)s")) % {"hour": hour.zfill(2), "minute": minute.zfill(2)}
    return cron


def error_words(error: dict[str, Any] | None) -> tuple[str, str]:
    """What stopped it, and how to go on."""
    if not error:
        return "", ""
    message, hint = str(error["message"]), str(error.get("hint") or "")
    if error["code"] not in _ERRORS:
        return message, hint
    told, cure = _ERRORS[error["code"]]
    return str(told) % {"message": message}, str(cure)
