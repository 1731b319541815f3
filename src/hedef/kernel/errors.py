"""Refused actions and wrong use. Each class knows its exit code and HTTP twin (contracts section 5)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from hedef.kernel.issue import Issue


class HedefError(Exception):
    """Base of everything a face turns into a sentence instead of a traceback."""

    code: ClassVar[str] = "fault"
    exit_code: ClassVar[int] = 70
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        issues: Sequence[Issue] = (),
        decisions: Sequence[dict[str, Any]] = (),
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.issues = tuple(issues)
        self.decisions = tuple(decisions)
        self.error_code = code or self.code

    def as_json(self) -> dict[str, Any]:
        """`hedef.error/1`."""
        return {
            "schema": "hedef.error/1",
            "code": self.error_code,
            "message": self.message,
            "hint": self.hint,
            "issues": [issue.as_json() for issue in self.issues],
            "decisions": list(self.decisions),
        }


class WrongUse(HedefError):
    """An option, argument or document that cannot be right."""

    code, exit_code, http_status = "wrong_use", 2, 400


class NotFound(WrongUse):
    """The named thing is not there (or not in the viewer's scope, which must look the same)."""

    code, http_status = "not_found", 404


class InvalidDocument(WrongUse):
    """A definition with issues of level error."""

    code, http_status = "invalid_document", 422


class Refused(HedefError):
    """A closed door: trust gate, unsafe file, second person missing, a version that is not the newest."""

    code, exit_code, http_status = "refused", 3, 409


class Forbidden(Refused):
    """The user has no right to do this."""

    code, http_status = "forbidden", 403


class NeedsDecision(HedefError):
    """Stopped with a question; nothing was written. `decisions` lists what a person must choose."""

    code, exit_code, http_status = "needs_decision", 4, 409
