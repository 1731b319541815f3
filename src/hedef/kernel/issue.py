"""What went wrong, as a value: all issues are collected, never only the first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

type Level = Literal["error", "warning", "info"]

_RANK: dict[str, int] = {"info": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class Source:
    """Where in a person's file the issue stands; `row` counts data rows from 1 as the person sees them."""

    file: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. `message` says what happened, where and with which value; `hint` says how to cure it."""

    code: str
    level: Level
    message: str
    source: Source | None = None
    object: str | None = None
    hint: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The shape of contracts section 4: every key present, none is null."""
        source = self.source
        return {
            "code": self.code,
            "level": self.level,
            "message": self.message,
            "source": None if source is None else {"file": source.file, "row": source.row, "column": source.column},
            "object": self.object,
            "hint": self.hint,
        }


def worst_level(issues: Iterable[Issue]) -> Level | None:
    """The gravest level among `issues`, or none when there are none."""
    return max((issue.level for issue in issues), key=_RANK.__getitem__, default=None)
