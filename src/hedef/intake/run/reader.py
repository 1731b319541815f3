"""Starts the reader's process, watches what it uses, and turns its death into a refusal."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any

from django.conf import settings

from hedef.intake.engine.parts import Staged, open_staged
from hedef.intake.engine.reader import Bounds, Task
from hedef.intake.engine.shapes import Sniffed
from hedef.kernel import errors
from hedef.kernel.errors import HedefError, Refused

_LOOK_S = 0.1
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")  # no secrets of the company
_THRIFTY = {
    "POLARS_MAX_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "PYTHONUTF8": "1",
}


def staged(path: Path, sniffed: Sniffed, *, row_limit: int, folder: Path | None) -> Staged:
    """The rows of a large text file in parts, as `folder` has them already or as the reader writes them now.

    Without a folder they are kept in the home until nobody holds them.
    """
    place = (folder or folder_of_its_own()) / "rows"
    found = open_staged(place, sniffed, path)
    if found is None:
        task = {"path": path, "sniffed": sniffed, "folder": place, "row_limit": row_limit}
        try:
            in_reader("stage", sniffed.file_name, bounds(), **task)
        except HedefError:
            shutil.rmtree(place, ignore_errors=True)  # half of the rows is no use, and takes room
            raise
        found = open_staged(place, sniffed, path)
        assert found is not None
    if folder is None:
        weakref.finalize(found, shutil.rmtree, place.parent, ignore_errors=True)
    return found


def folder_of_its_own() -> Path:
    """A new folder in the home for files that are needed while a sheet is read."""
    home: Path = settings.HEDEF.home / "reading"
    home.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=home))


def bounds() -> Bounds:
    """What the reader may use, as the settings say."""
    return Bounds(memory_mb=settings.HEDEF.reader_memory_mb, seconds=settings.HEDEF.reader_seconds)


def in_reader(what: str, called: str, bounds: Bounds, **arguments: Any) -> Any:
    """The answer of a task. Refused (unsafe_file, too_large) when the process dies, or needs too much.

    `called`: the file as the person calls it. Errors that the task raises are raised here again.
    """
    task = pickle.dumps(Task(what, arguments, bounds))
    environ = {one: value for one in _KEPT if (value := os.getenv(one)) is not None} | _THRIFTY
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told:
        given.write(task)
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "hedef.intake.engine.reader"],
            stdin=given, stdout=told, stderr=subprocess.DEVNULL, env=environ, start_new_session=True,
        )  # fmt: skip
        try:
            code = _wait(process, called, bounds)
        finally:
            process.kill()
            process.wait()
        told.seek(0)
        text = told.read()
    if code or not text:
        raise Refused(
            f"{called} could not be read: the reader stopped at it.",
            hint="The file is damaged or was made to do harm. Export it again, as CSV if you can.",
            code="unsafe_file",
        )
    return _answer(json.loads(text), called, bounds)


def _wait(process: "subprocess.Popen[bytes]", name: str, bounds: Bounds) -> int:
    """Exit code; Refused for a process that takes too much memory or too long."""
    ends = time.monotonic() + bounds.seconds
    while True:
        try:
            return process.wait(timeout=_LOOK_S)
        except subprocess.TimeoutExpired:
            if _used_mb(process.pid) > bounds.memory_mb:
                raise _too_much(name, bounds) from None
            if time.monotonic() > ends:
                hint = "Export it as CSV, or in smaller pieces, or raise HEDEF_READER_SECONDS."
                message = f"{name} could not be read within {bounds.seconds} seconds."
                raise Refused(message, hint=hint, code="too_large") from None


def _used_mb(pid: int) -> int:
    """Memory that a process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def _too_much(name: str, bounds: Bounds) -> Refused:
    return Refused(
        f"{name} needs more than {bounds.memory_mb} MB of memory to be read.",
        hint="Export it as CSV, or in smaller pieces, or raise HEDEF_READER_MEMORY_MB.",
        code="too_large",
    )


def no_room(name: str) -> Refused:
    """What is said of a file whose import met a full disk before anything of it was kept."""
    return Refused(
        f"{name}: there is no room left on the disk. Nothing of it was imported.",
        hint="Make room where the data folder lies, then import it again.",
        code="no_room",
    )


def _answer(told: dict[str, Any], name: str, bounds: Bounds) -> Any:
    if "answer" in told:
        return told["answer"]
    fault = told["fault"]
    if fault["class"] == "MemoryError":
        raise _too_much(name, bounds)
    if fault["class"] == "OSError":
        raise no_room(name)
    kind: type[HedefError] = getattr(errors, fault["class"])
    raise kind(fault["message"], hint=fault["hint"], code=fault["code"], decisions=fault["decisions"])
