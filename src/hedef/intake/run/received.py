"""A file as it was given: its digest, and its records as text whatever its format is."""

import hashlib
import json
import shutil
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from hedef.intake.engine.formats.limits import Limits
from hedef.intake.engine.formats.unfold import kind_of_file, names_a_list, refused_binary
from hedef.intake.engine.parts import issue_of
from hedef.intake.run.reader import bounds, folder_of_its_own, in_reader
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.issue import Issue, Source

_BLOCK = 1 << 20
_ENDINGS = {
    ".csv": "text", ".tsv": "text", ".txt": "text", ".tab": "text", ".xlsx": "xlsx", ".xlsm": "xlsx", ".json": "json",
    ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet", ".zip": "zip", ".gz": "gzip",
}  # fmt: skip
_CALLED = {
    "text": "plain text", "xlsx": "a workbook", "json": "JSON", "parquet": "Parquet", "zip": "a zip archive",
    "gzip": "packed with gzip",
}  # fmt: skip


class Kept:
    """Holds the folder of unfolded files; the folder goes with it."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file on the disk and what identifies it. `name` is what the person called it.

    Of a file that was no text, `path` is the text made of it, `origin` its format and `plain` whether that text is a
    header and rows alone; `sha256` and `bytes` are those of the file as it was given.
    """

    path: Path
    name: str
    sha256: str
    bytes: int
    origin: str = "text"
    plain: bool = False
    issues: tuple[Issue, ...] = ()
    kept: Kept | None = field(default=None, compare=False, repr=False)
    original: Path | None = None

    @property
    def given(self) -> Path:
        """The path that the person named."""
        return self.original or self.path


def receive(path: Path, name: str | None = None, *, limit_bytes: int) -> Received:
    """The file with its digest. NotFound and WrongUse name the path and the cure."""
    if not path.is_file():
        raise NotFound(
            f"There is no file {path}.", hint="Give the path of a file: CSV, XLSX, JSON, Parquet, gzip or zip."
        )
    size = path.stat().st_size
    if size > limit_bytes:
        raise WrongUse(
            f"{path.name} has {size:,} bytes; the limit is {limit_bytes:,}.",
            hint="Split the export, or raise HEDEF_UPLOAD_LIMIT_MB.",
            code="too_large",
        )
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_BLOCK):
            digest.update(part)
    return Received(path, name or path.name, digest.hexdigest(), size)


def unfold(file: Received, *, answers: Mapping[str, str] | None = None, folder: Path | None = None) -> list[Received]:
    """The file as text: itself, or what the reader makes of a workbook, JSON, Parquet, gzip or zip (several files).

    `answers` may name the sheet or list that is meant (`sheet`, `list`; `BOOK.xlsx: sheet` for one file of several).
    `folder` keeps the text for this job; without it the text is gone with the last of the answers. Refused for unsafe
    files, NeedsDecision for several sheets.
    """
    if file.origin != "text":
        return [file]
    kind = kind_of_file(file.path)
    if kind == "binary":
        raise refused_binary(file.path, file.name)
    note = _mismatch(file.name, kind)
    if kind == "text":
        return [replace(file, issues=(*file.issues, *note)) if note and not file.issues else file]
    place = (folder or folder_of_its_own()) / "unfolded"
    kept = Kept()
    if folder is None:
        weakref.finalize(kept, shutil.rmtree, place.parent, ignore_errors=True)
    told = _unfolded(file, place, answers or {})
    alone = len(told) == 1
    return [
        Received(
            path=place / one["file"],
            name=one["name"],
            sha256=file.sha256 if alone else one["sha256"],
            bytes=file.bytes if alone else one["bytes"],
            origin=one["origin"] if one["origin"] != "text" else str(kind),
            plain=one["plain"],
            issues=(*note, *(issue_of(issue) for issue in one["issues"])),
            kept=kept,
            original=file.given,
        )
        for one in told
    ]


def _unfolded(file: Received, place: Path, answers: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the reader makes of a file now, or made of the same file for the same answers before."""
    chosen = {name: value for name, value in answers.items() if names_a_list(name)}
    manifest, key = place / "unfolded.json", [file.sha256, chosen]
    if manifest.is_file():
        before = json.loads(manifest.read_text(encoding="utf-8"))
        if before["of"] == key:
            found: list[dict[str, Any]] = before["files"]
            return found
    shutil.rmtree(place, ignore_errors=True)
    limits = Limits(rows=settings.HEDEF.row_limit)
    answer = in_reader(
        "unfold", file.name, bounds(), path=file.path.absolute(), name=file.name, folder=place.absolute(),
        limits=limits, answers=chosen,
    )  # fmt: skip
    manifest.write_text(json.dumps({"of": key, "files": answer}), encoding="utf-8")
    return list(answer)


def _mismatch(name: str, kind: str) -> tuple[Issue, ...]:
    """A file whose ending says something else than its content, which counts."""
    expected = _ENDINGS.get(Path(name).suffix.casefold())
    if expected is None or expected == kind:
        return ()
    message = f"{name} is {_CALLED[kind]}, whatever its ending says; it was read as that."
    return (Issue("ending_mismatch", "info", message, Source(name), None, None),)
