"""Files kept of imports: where a batch came from, and what goes when a person in it is erased."""

import shutil
from collections.abc import Collection
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from hedef.intake.models import DataFix, ImportJob
from hedef.ledger.telling import Link


def import_of(batch: int) -> Link | None:
    """The page of the import that wrote a batch; none for other batches."""
    job = ImportJob.objects.filter(batch=batch).order_by("pk").first()
    return None if job is None else Link(reverse("intake:job", args=[str(job)]), str(job))


def erase_files(batches: Collection[int]) -> int:
    """Remove rejects and staged parts of the imports that wrote these batches, and uploads that wait.

    An upload that nobody has answered yet may hold anybody: it is thrown away too. Answers how many files and folders.
    """
    if not batches:
        return 0
    home, gone = settings.HEDEF, 0
    for job in ImportJob.objects.filter(batch__in=sorted(batches)):
        gone += _removed(home.home / "jobs" / str(job))
        if job.rejects_file:
            gone += _removed(home.rejects_dir / Path(job.rejects_file).name)
    if home.uploads_dir.is_dir():
        gone += sum(_removed(one) for one in sorted(home.uploads_dir.iterdir()))
    return gone


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
