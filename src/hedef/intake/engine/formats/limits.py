"""What a file may hold, and what became of it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from hedef.kernel.errors import Refused
from hedef.kernel.issue import Issue, Level, Source

BLOCK = 1 << 20
_SMALL = 64 << 20  # below this much unpacked text no ratio does harm


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, rows and entries; `ratio`: unpacked to packed."""

    unpacked: int = 4 << 30
    ratio: int = 100
    entries: int = 1_000
    rows: int = 10_000_000
    columns: int = 2_000


@dataclass
class Unfolded:
    """A text file that was made. `file`: its name in the folder; `name`: what a person calls it.

    `plain`: it holds a header and rows, no titles and no footers; `origin`: the format it had.
    """

    file: str
    name: str
    origin: str
    plain: bool
    sha256: str = ""
    bytes: int = 0
    issues: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Counter:
    """Counts what is unpacked of one file; Refused beyond the limits."""

    name: str
    packed: int
    limits: Limits
    unpacked: int = 0

    def add(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.unpacked:
            raise too_large(self.name, f"unpacks to more than {self.limits.unpacked >> 20:,} MB")
        if self.unpacked > max(_SMALL, self.packed * self.limits.ratio):
            raise unsafe_archive(self.name, f"unpacks to more than {self.limits.ratio} times its size")


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes: ...


def copied(source: Readable, counter: Counter) -> Iterator[bytes]:
    """The blocks of a packed stream, counted."""
    while block := source.read(BLOCK):
        counter.add(len(block))
        yield block


def issue(code: str, level: Level, message: str, name: str, hint: str | None = None) -> dict[str, Any]:
    """An issue of a file as JSON."""
    return Issue(code, level, message, Source(name), None, hint).as_json()


def too_large(name: str, what: str) -> Refused:
    return Refused(f"{name} {what}.", hint="Export it in smaller pieces.", code="too_large")


def unsafe_archive(name: str, what: str) -> Refused:
    return Refused(f"{name} {what}.", hint="Unpack it yourself and import the files you trust.", code="unsafe_archive")


def unsafe_file(name: str, what: str, hint: str) -> Refused:
    return Refused(f"{name} {what}.", hint=hint, code="unsafe_file")
