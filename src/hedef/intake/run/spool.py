"""Files of a job beside the database: plans of parts, rejected rows, what a later step needs; or in memory.

A file is written whole, synced and renamed, so a reader sees all of it or nothing.
"""

import os
import shutil
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import polars as pl


@dataclass
class Spool:
    """Frames and bytes by name. Without a `folder` they stay in memory and end with the process."""

    folder: Path | None = None
    _kept: dict[str, bytes | pl.DataFrame] = field(default_factory=dict)

    def put(self, name: str, frame: pl.DataFrame) -> None:
        if self.folder is None:
            self._kept[name] = frame
            return
        target = BytesIO()
        frame.write_ipc(target)
        self.put_bytes(name, target.getbuffer())

    def get(self, name: str) -> pl.DataFrame | None:
        """The frame of that name; none when there is none."""
        if self.folder is None:
            found = self._kept.get(name)
            return found if isinstance(found, pl.DataFrame) else None
        path = self.folder / name
        return pl.read_ipc(path) if path.exists() else None

    def put_bytes(self, name: str, data: bytes | memoryview) -> None:
        if self.folder is None:
            self._kept[name] = bytes(data)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path, draft = self.folder / name, self.folder / f"{name}.new"
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def get_bytes(self, name: str) -> bytes | None:
        if self.folder is None:
            found = self._kept.get(name)
            return found if isinstance(found, bytes) else None
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def names(self, beginning: str) -> list[str]:
        """Names that begin so, in their order."""
        if self.folder is None:
            return sorted(one for one in self._kept if one.startswith(beginning))
        if not self.folder.is_dir():
            return []
        return sorted(
            one.name for one in self.folder.iterdir() if one.name.startswith(beginning) and one.suffix != ".new"
        )

    def forget(self, name: str) -> None:
        if self.folder is None:
            self._kept.pop(name, None)
        else:
            (self.folder / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Everything of the job is done with."""
        self._kept.clear()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
