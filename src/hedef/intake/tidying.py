"""Clearing away: uploads nobody went on with, files whose time is over, imports that were broken off."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone

from hedef.intake import inbox, services
from hedef.intake.models import ImportJob
from hedef.jobs import queries as jobs
from hedef.kernel.errors import HedefError
from hedef.kernel.instants import to_us
from hedef.settings import now

_DRAFT_DAYS = 1  # an upload that nobody went on with
_TRIES = 3
_SILENT = timedelta(minutes=10)  # an import that no job and no command works on


def clear_uploads() -> int:
    """Throw away uploads after a day without a touch, other kept files after `HEDEF_UPLOAD_DAYS`; answers how many."""
    active, days = settings.HEDEF, settings.HEDEF.upload_days
    cleared = sum(_clear(one, days if _waits(one) else _DRAFT_DAYS) for one in _in(active.uploads_dir))
    cleared += sum(_clear(one, days) for one in _in(active.rejects_dir))
    cleared += sum(_clear(one, _DRAFT_DAYS) for one in _in(active.incoming_dir))
    cleared += sum(_clear(one, _DRAFT_DAYS) for one in _in(active.home / "reading"))  # of readers that were killed
    for source in _in(active.inbox_dir):
        for place in (inbox.DONE, inbox.FAILED, inbox.ASKED):
            cleared += sum(_clear(one, days) for one in _in(source / place))
    return cleared


def _in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _waits(place: Path) -> bool:
    """A file of the inbox waits for its answer as long as any upload is kept."""
    state = place / "draft.json"
    return place.is_file() or (state.is_file() and f'"actor": "{inbox.ACTOR}"' in state.read_text(encoding="utf-8"))


def _clear(place: Path, days: int) -> bool:
    """A folder is as old as the newest file in it."""
    files = [place, *place.rglob("*")] if place.is_dir() else [place]
    newest = max(one.stat().st_mtime for one in files)
    if timezone.now().timestamp() - newest < days * 86400:
        return False
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
    return True


def resume_imports() -> int:
    """Imports that nobody has worked on for ten minutes go on where they were; answers how many.

    One whose files are gone, or that was broken off three times, is taken back and says so.
    """
    bound = to_us(now() - _SILENT)
    silent = Coalesce("heartbeat_us", "started_us")
    running = ImportJob.objects.filter(state=ImportJob.State.RUNNING).alias(heard=silent).filter(heard__lt=bound)
    if not running.exists() or jobs.runs(last=1, states=jobs.LIVE, tasks=_IMPORTING):
        return 0
    taken = 0
    for job in running.order_by("pk"):
        job.refresh_from_db()
        if job.state == ImportJob.State.RUNNING:  # an earlier file of the same call may have taken it along
            taken += _go_on(job)
    return taken


def _go_on(job: ImportJob) -> bool:
    if job.order is None:
        return _ended(job, "The import was broken off before its end; nothing of it was written.")
    tries = int(job.options.get("resumed", 0))
    if not all(Path(one).is_file() for one in job.order["files"]):
        services.abandon(
            str(job), reason="It was broken off, and its file is gone; what it had written was taken back."
        )
    elif tries >= _TRIES:
        services.abandon(str(job), reason="It was broken off again and again; what it had written was taken back.")
    else:
        job.options = {**job.options, "resumed": tries + 1}
        job.save(update_fields=["options"])
        with suppress(HedefError):  # what stopped it stands in the job
            services.resume(str(job))
    return True


def _ended(job: ImportJob, message: str) -> bool:
    job.state, job.ended_us = ImportJob.State.FAILED, to_us(now())
    job.error = {"schema": "hedef.error/1", "code": "broken_off", "message": message, "hint": "Import the file again."}
    job.save(update_fields=["state", "ended_us", "error"])
    return True


_IMPORTING = tuple(f"hedef.intake.tasks.{one}" for one in ("import_draft", "import_from_inbox", "import_sent"))
