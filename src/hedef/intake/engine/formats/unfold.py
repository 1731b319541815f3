"""One file of any format into text files of our own."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from hedef.intake.engine.formats import archive
from hedef.intake.engine.formats.archive import Entry
from hedef.intake.engine.formats.limits import BLOCK, Limits, Unfolded, issue, unsafe_archive, unsafe_file
from hedef.intake.engine.kinds import CURE, FileKind, kind_of
from hedef.intake.engine.stream import HEAD_BYTES, TAIL_BYTES
from hedef.kernel.errors import WrongUse

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"\x00asm")


def kind_of_file(path: Path) -> FileKind:
    """What a file is, by its beginning and its end."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return kind_of(head, file.read())


def unfold(path: Path, name: str, folder: Path, limits: Limits, answers: Mapping[str, str]) -> list[Unfolded]:
    """Text files in `folder` with the records of a file: one, or as many as an archive holds.

    Refused and WrongUse say why a file is not opened; NeedsDecision which of its sheets or lists is meant.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kind = kind_of_file(path)
    if kind == "zip":
        return _of_zip(path, name, folder, limits, answers)
    entry = Entry(path, name)
    if kind == "gzip":
        entry = archive.unpack_gzip(path, name, folder / "unpacked", limits)
        kind = kind_of_file(entry.path)
        if kind in ("zip", "gzip"):
            raise unsafe_archive(name, "is an archive inside an archive")
    return _of_entry(entry, kind, name, folder / "000.csv", limits, answers)


def _of_zip(path: Path, name: str, folder: Path, limits: Limits, answers: Mapping[str, str]) -> list[Unfolded]:
    entries = archive.unpack_zip(path, name, folder, limits)
    made: list[Unfolded] = []
    left_out: list[str] = []
    for number, group in enumerate(archive.together(entries)):
        entry = group[0] if len(group) == 1 else archive.join(group, folder / f"joined-{number:04d}")
        kind = kind_of_file(entry.path)
        if kind in ("zip", "gzip"):
            raise unsafe_archive(name, f'holds an archive inside ("{entry.name}")')
        if kind == "binary" and not is_program(entry.path):
            left_out.append(entry.name)
            continue
        made += _of_entry(entry, kind, f"{name}: {entry.name}", folder / f"{number:03d}.csv", limits, answers)
    if not made:
        raise WrongUse(f"{name} holds no file that can be read.", hint=CURE["binary"], code="not_data")
    if left_out:
        message = f"{name}: files that hold no records are left out ({', '.join(left_out[:5])})."
        made[0].issues.append(issue("entry_left_out", "info", message, name))
    return made


def _of_entry(
    entry: Entry, kind: FileKind, name: str, out: Path, limits: Limits, answers: Mapping[str, str]
) -> list[Unfolded]:
    answers = _of_file(name, answers)
    if kind == "xlsx":
        from hedef.intake.engine.formats.workbook import unfold_workbook

        made = [unfold_workbook(entry.path, name, out, limits, answers)]
    elif kind == "parquet":
        from hedef.intake.engine.formats.columnar import unfold_parquet

        made = [unfold_parquet(entry.path, name, out, limits)]
    elif kind == "json":
        from hedef.intake.engine.formats.jsonfile import unfold_json

        made = unfold_json(entry.path, name, out, limits, answers)
    elif kind == "binary":
        raise refused_binary(entry.path, name)
    elif entry.path.parent != out.parent:
        raise ValueError(f"{name} is text already")  # never move a file that is not ours
    else:
        entry.path.replace(out)
        made = [Unfolded(out.name, name, "text", plain=False)]
    made[0].sha256, made[0].bytes = _digest(entry.path if entry.path.is_file() else out)
    for one in made[1:]:
        one.sha256, one.bytes = _digest(out.with_name(one.file))
    return made


def names_a_list(answer: str) -> bool:
    """Whether an answer of this name says which sheet or list is meant: `sheet`, `list`, `BOOK.xlsx: sheet`."""
    return answer.rpartition(":")[2].strip().casefold() in ("sheet", "list")


def _of_file(name: str, answers: Mapping[str, str]) -> dict[str, str]:
    """The `sheet` and `list` that are meant in this file: what was said of it by name, else of all."""
    said = {" ".join(one.casefold().split()): value for one, value in answers.items()}
    keys = {what: (" ".join(f"{name}: {what}".casefold().split()), what) for what in ("sheet", "list")}
    return {what: said[own if own in said else every] for what, (own, every) in keys.items() if {own, every} & {*said}}


def is_program(path: Path) -> bool:
    """Whether a file could be run."""
    with path.open("rb") as file:
        return file.read(8).startswith(_PROGRAMS)


def refused_binary(path: Path, name: str) -> Exception:
    """Why a file is neither text nor a format that is read."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(_PROGRAMS):
        return unsafe_file(name, "is a program, not a table", "Export the records as CSV and import that.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        hint = "Save it as XLSX without a password, or save the sheet as CSV."
        return unsafe_file(name, "is a document of an old or locked format", hint)
    return unsafe_file(name, "holds no text that could be a table", CURE["binary"])


def _digest(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size
