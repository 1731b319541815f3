"""Archives into the files they hold, under names of our own. No name inside an archive ever becomes a path."""

import gzip
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hedef.intake.engine.formats.limits import BLOCK, Counter, Limits, copied, unsafe_archive
from hedef.kernel.errors import WrongUse

_DEVICE = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?P<stem>.+?)[_-](?P<number>\d{2,4})(?P<end>\.\w+)$")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, OSError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that was taken out of an archive: where it lies now, and what the archive called it."""

    path: Path
    name: str


def unpack_gzip(path: Path, name: str, out: Path, limits: Limits) -> Entry:
    """The file inside, counted while it is unpacked. WrongUse for one that is cut off."""
    counter = Counter(name, path.stat().st_size, limits)
    try:
        with gzip.open(path) as source, out.open("wb") as target:
            for block in copied(source, counter):
                target.write(block)
    except _BROKEN as fault:
        raise _cut_off(name, fault) from fault
    return Entry(out, re.sub(r"\.gz(ip)?$", "", name, flags=re.IGNORECASE))


def unpack_zip(path: Path, name: str, folder: Path, limits: Limits) -> list[Entry]:
    """The files inside in the order of their names. Refused for names that point anywhere, links, secrets, bombs."""
    counter = Counter(name, path.stat().st_size, limits)
    entries = []
    try:
        with zipfile.ZipFile(path) as file:
            check_entries(file, name, limits)
            wanted = [one for one in file.infolist() if not one.is_dir() and not _JUNK.search(one.filename)]
            for number, info in enumerate(sorted(wanted, key=lambda one: one.filename)):
                target = folder / f"entry-{number:04d}"
                with file.open(info) as source, target.open("wb") as out:
                    for block in copied(source, counter):
                        out.write(block)
                entries.append(Entry(target, PurePosixPath(info.filename).name))
    except _BROKEN as fault:
        raise _cut_off(name, fault) from fault
    if not entries:
        raise WrongUse(f"{name} holds no file.", hint="Export it again.", code="empty_file")
    return entries


def check_entries(file: zipfile.ZipFile, name: str, limits: Limits) -> None:
    """Number, names and kinds of the entries, before one is opened."""
    entries = file.infolist()
    if len(entries) > limits.entries:
        raise unsafe_archive(name, f"holds more than {limits.entries:,} files")
    for one in entries:
        mode = one.external_attr >> 16
        if one.flag_bits & 0x1:
            raise unsafe_archive(name, "is locked with a password")
        if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise unsafe_archive(name, f'holds a link or device ("{one.filename[:80]}")')
        if not _is_plain(one.orig_filename):
            raise unsafe_archive(name, f'holds a file whose name points elsewhere ("{one.orig_filename[:80]}")')


def _is_plain(entry: str) -> bool:
    parts = entry.split("/")
    return (
        not entry.startswith("/")
        and not any(sign in entry for sign in ("\\", "\x00", ":"))
        and ".." not in parts
        and not any(_DEVICE.match(part) for part in parts)
    )


def together(entries: list[Entry]) -> list[list[Entry]]:
    """Files that are parts of one export (`Deals_001.csv`, `Deals_002.csv`, with the same first line) in one group."""
    groups: dict[tuple[str, str, bytes] | str, list[Entry]] = {}
    for one in entries:
        found = _NUMBERED.match(one.name)
        place = (found["stem"], found["end"].lower(), _first_line(one.path)) if found else str(one.path)
        groups.setdefault(place, []).append(one)
    return list(groups.values())


def _first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline(BLOCK).lstrip(b"\xef\xbb\xbf").strip()


def join(group: list[Entry], out: Path) -> Entry:
    """Parts of one export as one file; the header lines of the later ones are found and left out when it is read."""
    with out.open("wb") as target:
        for number, one in enumerate(group):
            for block in _blocks(one.path):
                target.write(block.removeprefix(b"\xef\xbb\xbf") if number else block)
            target.write(b"\n")
            one.path.unlink()
    return Entry(out, f"{group[0].name} and {len(group) - 1} more")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _cut_off(name: str, fault: Exception) -> WrongUse:
    return WrongUse(
        f"{name} cannot be unpacked ({str(fault)[:120]}).", hint="It may be cut off: export it again.", code="not_data"
    )
