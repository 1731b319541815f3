"""Files kept of imports: where a batch came from, and what goes when a person in it is erased."""

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from hedef.intake.inbox import ASKED, DONE, FAILED
from hedef.intake.models import DataFix, ImportJob
from hedef.ledger.telling import Link
from hedef.records.engine.names import normalise

_COMING_S = 600  # a file of a request that is still coming in
_SAID = ("options", "order", "progress", "decisions", "issues", "answer", "error")  # of a job: may hold examples


def import_of(batch: int) -> Link | None:
    """The page of the import that wrote a batch; none for other batches."""
    job = ImportJob.objects.filter(batch=batch).order_by("pk").first()
    return None if job is None else Link(reverse("intake:job", args=[str(job)]), str(job))


def erase_files(batches: Collection[int]) -> int:
    """Remove rejects and staged parts of the imports that wrote these batches or none, uploads that wait, and what
    was taken from the inbox: it may hold anybody.

    What an import reads that runs just now stays: it clears away after itself, and no word of an erased record is
    taken. Answers how many files and folders.
    """
    if not batches:
        return 0
    home, gone = settings.HEDEF, 0
    running = ImportJob.objects.filter(state=ImportJob.State.RUNNING)
    for job in ImportJob.objects.filter(Q(batch__in=sorted(batches)) | Q(batch=None)).exclude(pk__in=running):
        gone += _removed(home.home / "jobs" / str(job))
        if job.rejects_file:
            gone += _removed(home.rejects_dir / Path(job.rejects_file).name)
    read = [Path(one).resolve() for job in running for one in (job.order or {}).get("files", ())]
    waiting = [one for one in _kept_files() if not any(file.is_relative_to(one.resolve()) for file in read)]
    return gone + sum(_removed(one) for one in waiting)


def _kept_files() -> Iterator[Path]:
    home = settings.HEDEF
    yield from _in(home.uploads_dir)
    for folder in _in(home.inbox_dir):
        for place in (DONE, FAILED, ASKED):
            yield from _in(folder / place)
    yield from (one for one in _in(home.incoming_dir) if timezone.now().timestamp() - one.stat().st_mtime > _COMING_S)


def _in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def erase_examples(words: Collection[str]) -> int:
    """Blank what finished imports say with one of these words: examples, spellings, findings. Answers how many."""
    wanted = {word.casefold() for word in words} | {normalise(word) for word in words}
    wanted = {word for word in wanted if len(word) >= _LONG_ENOUGH}
    found = 0
    for job in ImportJob.objects.exclude(state=ImportJob.State.RUNNING).iterator() if wanted else ():
        told = {name: _without(getattr(job, name), wanted) for name in _SAID}
        changed = [name for name, value in told.items() if value != getattr(job, name)]
        if changed:
            ImportJob.objects.filter(pk=job.pk).update(**{name: told[name] for name in changed})
            found += 1
    return found


_LONG_ENOUGH = 4  # shorter words stand in too many texts that are not of the person


def _without(value: Any, words: Collection[str]) -> Any:
    """A JSON value without the texts that hold one of the words; a key that does goes with what it says."""
    if isinstance(value, str):
        return "" if _holds(value, words) else value
    if isinstance(value, list):
        return [_without(one, words) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, words) for key, one in value.items() if not _holds(key, words)}
    return value


def _holds(text: str, words: Collection[str]) -> bool:
    spellings = (text.casefold(), normalise(text))
    return any(word in spelling for word in words for spelling in spellings)


def erase_requests(entities: Collection[int]) -> int:
    """Blank what requests about these records say; those that wait are refused. Answers how many."""
    found, every = 0, sorted(entities)
    for start in range(0, len(every), 500):
        about = DataFix.objects.filter(entity__in=every[start : start + 500])
        about.filter(state=DataFix.State.OPEN).update(state=DataFix.State.REFUSED)
        found += about.update(was="", right="", sentence="", answer="")
    return found


def _removed(place: Path) -> bool:
    if place.is_dir():
        shutil.rmtree(place)
        return True
    there = place.is_file()
    place.unlink(missing_ok=True)
    return there
