"""A chunk that gives way to another writer is tried again; what never gets through waits to be resumed."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from hedef.intake.models import ImportJob
from hedef.intake.run import chunks
from hedef.intake.run.calls import Interrupted
from hedef.intake.services import resume
from tests.intake.content import answer_content, everything
from tests.intake.support import import_files
from tests.intake.test_parts import undone
from tests.intake.test_resume import files_in

__all__ = ["undone"]
type Undone = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def busy(tmp_path: Path) -> BaseException:
    """What SQLite says when another connection holds the write lock."""
    first, second = (sqlite3.connect(tmp_path / "busy.db", timeout=0, isolation_level=None) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as told:
        second.execute("BEGIN IMMEDIATE")
    first.close()
    second.close()
    return told.value


def giving_way(patch: pytest.MonkeyPatch, cause: BaseException, *, times: int) -> None:
    """The first statements of the import do their work, then their transaction has to give way."""
    left, perform = iter(range(times)), chunks.perform

    def disturbed(*args: Any, **options: Any) -> None:
        perform(*args, **options)
        if next(left, None) is not None:
            raise OperationalError(str(cause)) from cause

    patch.setattr(chunks, "perform", disturbed)
    patch.setattr(chunks, "_PAUSE_S", 0.0)


@pytest.mark.django_db
@pytest.mark.parametrize("of", ["busy", "deadlock", "serialization"])
def test_a_chunk_that_gives_way_to_another_writer_is_tried_again_and_the_import_is_the_undisturbed_one(
    undone: Undone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: BaseException, of: str
) -> None:
    files = files_in(tmp_path)[:2]
    causes = {"busy": busy, "deadlock": psycopg.errors.DeadlockDetected()}
    cause = causes.get(of, psycopg.errors.SerializationFailure())

    def undisturbed() -> tuple[Any, Any]:
        return [answer_content(one) for one in import_files(*files, part_rows=9)], everything(hashes=True)

    def disturbed() -> tuple[Any, Any]:
        with monkeypatch.context() as patch:
            giving_way(patch, cause, times=3)
            return undisturbed()

    assert undone(disturbed) == undone(undisturbed)


@pytest.mark.django_db
def test_a_chunk_that_never_gets_through_stops_the_import_which_waits_to_be_resumed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: BaseException
) -> None:
    files = files_in(tmp_path)[:2]
    with monkeypatch.context() as patch:
        giving_way(patch, busy, times=10_000)
        with pytest.raises(Interrupted, match="stopped in the middle"):
            import_files(*files, part_rows=9)
    job = ImportJob.objects.filter(state="running").first()
    assert job is not None
    assert [one.counts.created for one in resume(str(job)).files] == [3, 23]


@pytest.mark.django_db
def test_another_fault_of_the_database_is_not_tried_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    with monkeypatch.context() as patch:
        giving_way(patch, full, times=1)
        with pytest.raises(Interrupted, match="disk is full"):
            import_files(*files_in(tmp_path)[:2], part_rows=9)
