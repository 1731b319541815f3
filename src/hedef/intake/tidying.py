"""Clearing away: uploads nobody went on with, files whose time is over, imports that were broken off."""

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from hedef.intake import inbox
from hedef.intake.models import ImportJob
from hedef.jobs import queries as jobs
from hedef.kernel.instants import to_us
from hedef.settings import now

_DRAFT_DAYS = 1  # an upload that nobody went on with
_SILENT = timedelta(minutes=10)  # an import that no job and no command works on


def clear_uploads() -> int:
    """Throw away uploads after a day without a touch, other kept files after `HEDEF_UPLOAD_DAYS`; answers how many."""
    active, days = settings.HEDEF, settings.HEDEF.upload_days
    cleared = sum(_clear(one, days if _waits(one) else _DRAFT_DAYS) for one in _in(active.uploads_dir))
    cleared += sum(_clear(one, days) for one in _in(active.rejects_dir))
    cleared += sum(_clear(one, _DRAFT_DAYS) for one in _in(active.incoming_dir))
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
    """Imports that stand as running although nobody works on them end as failed, with the sentence why."""
    bound = to_us(now() - _SILENT)
    open_ones = ImportJob.objects.filter(state=ImportJob.State.RUNNING, started_us__lt=bound)
    if not open_ones.exists() or jobs.runs(last=1, states=jobs.LIVE, tasks=_IMPORTING):
        return 0
    message = "The import was broken off before its end; nothing of it was written."
    error = {"schema": "hedef.error/1", "code": "broken_off", "message": message, "hint": "Import the file again."}
    return open_ones.update(state=ImportJob.State.FAILED, error=error, ended_us=to_us(now()))


_IMPORTING = ("hedef.intake.tasks.import_draft", "hedef.intake.tasks.import_from_inbox")
