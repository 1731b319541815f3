"""Where segments and manifests lie. Everything that reads or writes a file of the facts goes through here.

Names are relative, with `/`. A file appears whole or not at all and never changes: `put_new` refuses a name that is
taken, so two writers of one version cannot both win.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

ASIDE = "."  # first letter of files that are still being written


class Stored(NamedTuple):
    """A file of a store and how long ago it was written."""

    name: str
    age_s: float


@dataclass(frozen=True, slots=True)
class Store:
    """A folder on a disk that all processes of the home see."""

    root: Path

    def read(self, name: str) -> bytes:
        """The whole file; FileNotFoundError when there is none."""
        return (self.root / name).read_bytes()

    def has(self, name: str) -> bool:
        return (self.root / name).is_file()

    def put_new(self, name: str, data: bytes) -> None:
        """Create a file with this content. FileExistsError when the name is taken; OSError leaves nothing behind."""
        with self._written(name, lambda aside: _write(aside, data)) as aside:
            os.link(aside, self.root / name)

    @contextmanager
    def _written(self, name: str, write: Callable[[Path], None]) -> Iterator[Path]:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"{ASIDE}{target.name}.{secrets.token_hex(6)}")
        try:
            write(aside)
            yield aside
        finally:
            aside.unlink(missing_ok=True)

    def list(self, prefix: str) -> list[Stored]:
        """Every file below the folder `prefix` (those being written too, by their name with a leading dot), sorted."""
        now = time.time()  # noqa: TID251 - files know the machine's clock, a demo home stands still
        found = [Stored(name, now - written) for name, written in _files(self.root / prefix, prefix)]
        return sorted(found)

    def delete(self, name: str) -> None:
        """Remove a file; nothing happens when there is none."""
        (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on a disk for one piece of work, gone after it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{ASIDE}scratch-", dir=self.root) as folder:
            yield Path(folder)

    def local_path(self, name: str) -> Path:
        """Where DuckDB and Polars find the file of this name. FileNotFoundError when it is not there."""
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(path)
        return path


def _files(folder: Path, name: str) -> Iterator[tuple[str, float]]:
    """Name and time of every file below a folder; those that are gone meanwhile are left out."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            below = f"{name}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), below)
            else:
                with suppress(FileNotFoundError):
                    yield below, entry.stat().st_mtime


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@lru_cache(maxsize=8)
def store_at(root: Path) -> Store:
    return Store(root)


def home_store() -> Store:
    """The store of this home: a folder, or what `HEDEF_FACTS_URL` names."""
    home = settings.HEDEF
    if home.facts_url.startswith("s3://"):
        from hedef.facts.objects import object_store

        return object_store(home)
    return store_at(home.facts_dir)
