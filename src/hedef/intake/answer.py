"""The answer of one import, `hedef.import/1`: all keys always present."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hedef.kernel.trust import UNKNOWN, Trust

SCHEMA = "hedef.import/1"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the file under its main object; `rows_read` is always their sum."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def rows_read(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected


@dataclass(frozen=True, slots=True)
class IssueCount:
    """One code in one column: how often, with the first example and its cure."""

    code: str
    level: str
    count: int
    field: str | None = None
    example: dict[str, Any] | None = None
    hint: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "level": self.level,
            "count": self.count,
            "field": self.field,
            "example": self.example,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What became of one file. Totals are decimal strings in major units; `ms` are milliseconds a step."""

    file: dict[str, Any]
    dry_run: bool = False
    job: str | None = None
    batch: str | None = None
    seal_no: int | None = None
    source: str | None = None
    object: str | None = None
    vendor: dict[str, Any] | None = None
    counts: Counts = Counts()
    gone: int = 0
    ended: int = 0
    changes: int = 0
    also: tuple[dict[str, Any], ...] = ()
    decisions: tuple[dict[str, Any], ...] = ()
    issues: tuple[IssueCount, ...] = ()
    totals: tuple[dict[str, Any], ...] = ()
    rejects_file: str | None = None
    plan: str | None = None
    trust: Trust = UNKNOWN
    ms: dict[str, int] = field(default_factory=dict)
    peak_mb: int = 0

    @property
    def nothing_changed(self) -> bool:
        return self.changes == 0

    @property
    def exit_code(self) -> int:
        found = self.counts.rejected or any(issue.level == "error" for issue in self.issues)
        return 1 if found else 0

    def as_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "job": self.job,
            "batch": self.batch,
            "seal_no": self.seal_no,
            "dry_run": self.dry_run,
            "nothing_changed": self.nothing_changed,
            "source": self.source,
            "object": self.object,
            "vendor": self.vendor,
            "plan": self.plan,
            "file": self.file,
            "rows_read": self.counts.rows_read,
            "created": self.counts.created,
            "updated": self.counts.updated,
            "unchanged": self.counts.unchanged,
            "rejected": self.counts.rejected,
            "gone": self.gone,
            "ended": self.ended,
            "changes": self.changes,
            "also": list(self.also),
            "decisions": list(self.decisions),
            "issues": [issue.as_json() for issue in self.issues],
            "totals": list(self.totals),
            "rejects_file": self.rejects_file,
            "trust": self.trust.as_json(),
            "ms": dict(self.ms),
            "peak_mb": self.peak_mb,
        }


@dataclass(frozen=True, slots=True)
class ImportAnswers:
    """The answers of one call, in the order in which the files were read."""

    files: tuple[ImportAnswer, ...]

    @property
    def exit_code(self) -> int:
        return max((answer.exit_code for answer in self.files), default=0)

    def as_json(self) -> dict[str, Any]:
        """One file: its own answer. Several: a list under `files`."""
        if len(self.files) == 1:
            return self.files[0].as_json()
        return {"schema": SCHEMA, "files": [answer.as_json() for answer in self.files]}


def summary_line(answer: ImportAnswer) -> str:
    """One line for a person: what became of the file."""
    counts = answer.counts
    parts: Sequence[str] = (
        f"{counts.created} created",
        f"{counts.updated} updated",
        f"{counts.unchanged} unchanged",
        f"{counts.rejected} rejected",
    )
    return f"{answer.file['name']}: {answer.object or 'no records'}, {', '.join(parts)}"
