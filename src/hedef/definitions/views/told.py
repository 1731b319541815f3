"""Documents, faults and differences in the words of a page."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from hedef.call import Call
from hedef.definitions.engine import Difference
from hedef.definitions.kinds import all_kinds, kind_named
from hedef.definitions.queries import Version
from hedef.definitions.showing import Viewer
from hedef.kernel.errors import HedefError
from hedef.kernel.issue import Issue

STATES = {
    "draft": gettext_lazy("draft"),
    "simulated": gettext_lazy("simulated"),
    "approved": gettext_lazy("to come"),
    "effective": gettext_lazy("in force"),
    "retired": gettext_lazy("withdrawn"),
    "replaced": gettext_lazy("replaced"),
}
TONES = {
    "draft": "warn",
    "simulated": "accent",
    "approved": "accent",
    "effective": "good",
    "retired": "",
    "replaced": "",
}


# kinds of the contracts whose room gives them no name of its own
_KINDS = {
    "process": gettext_lazy("Processes"),
    "process-trial": gettext_lazy("Trials of a process"),
    "metric": gettext_lazy("Metrics"),
    "target-plan": gettext_lazy("Target plans"),
    "calendar": gettext_lazy("Calendars"),
    "mapping": gettext_lazy("Mappings"),
    "trust-rules": gettext_lazy("Trust rules"),
    "comparison": gettext_lazy("Comparisons"),
    "contest": gettext_lazy("Contests"),
    "forecast-plan": gettext_lazy("Forecast plans"),
    "budget": gettext_lazy("Budgets"),
    "pay-plan": gettext_lazy("Pay plans"),
    "routing": gettext_lazy("Routing of leads"),
}


def language() -> str:
    return "tr" if (get_language() or "en").startswith("tr") else "en"


def name_of(version: Version) -> str:
    """The document's name in the viewer's language."""
    words = version.body.get("name") or {}
    return str(words.get(language()) or words.get("en") or version.id)


def kind_name(kind: str) -> str:
    return str(kind_named(kind).title or _KINDS.get(kind, kind))


def kind_names() -> dict[str, str]:
    """Every kind with its name, by name."""
    return dict(sorted(((kind, kind_name(kind)) for kind in all_kinds()), key=lambda one: one[1]))


def viewer_of(call: Call) -> Viewer:
    return Viewer(call.actor.name, call.scope, call.as_of, call.as_of_us, call.known_no)


def sees_drafts(call: Call) -> bool:
    """Drafts are for those who write and approve; everybody else reads what was approved."""
    return any(call.actor.can(right) for right in ("write_definition", "approve", "read_data"))


# --- faults


@dataclass(frozen=True, slots=True)
class Fault:
    """An issue at its place. `before` and `at` are its line up to the column, and the rest of it."""

    level: str
    code: str
    message: str
    hint: str
    path: str
    line: int | None
    column: int
    before: str = ""
    at: str = ""


def faults_of(issues: Sequence[Issue], text: str, kind: str) -> list[Fault]:
    """Issues in the order of the text; those without a place come last."""
    lines = text.splitlines()
    found = [_fault(one, lines, kind) for one in issues]
    return sorted(found, key=lambda one: (one.line is None, one.line or 0, one.column))


def _fault(issue: Issue, lines: Sequence[str], kind: str) -> Fault:
    line = issue.source.row if issue.source else None
    column = int(issue.source.column or 1) if issue.source and str(issue.source.column or "1").isdigit() else 1
    quoted = lines[line - 1] if line and line <= len(lines) else ""
    return Fault(
        level=issue.level,
        code=issue.code,
        message=message_of(issue, kind),
        hint=issue.hint or "",
        path=_path_of(issue) if issue.source else "",
        line=line,
        column=column,
        before=_end_of(quoted[: column - 1]),
        at=quoted[column - 1 :],
    )


def _end_of(before: str, shown: int = 24) -> str:
    """The last characters before a fault, so that its place is in view."""
    return before if len(before) <= shown else f"…{before[-shown:]}"


def _path_of(issue: Issue) -> str:
    """The place in the document; an object such as `metric:won_value` is none."""
    return "" if issue.object is None or ":" in issue.object else issue.object


def message_of(issue: Issue, kind: str) -> str:
    """What is wrong, without its place, which the page shows beside it."""
    tell = kind_named(kind).tell
    told = tell(issue) if tell else None
    if told is not None:
        return told
    message = issue.message
    if issue.source and issue.source.row:
        message = message.removeprefix(f"line {issue.source.row}, column {issue.source.column}: ")
        message = message.removeprefix(f"{issue.object}: ")
    name = (issue.object or "").rpartition(".")[2]
    match issue.code:
        case "required_missing":
            return _("“%(name)s” is missing.") % {"name": message.split('"')[1] if '"' in message else name}
        case "unknown_field":
            return _("There is no field “%(name)s” here.") % {"name": message.split('"')[1] if '"' in message else name}
        case "bad_yaml":
            return _("This is no YAML: %(said)s") % {"said": message}
        case "effective_goes_back":
            return _("It would begin before the version before it.")
        case "id_taken":
            return _("There is a document with this id already.")
    return message


def error_text(fault: HedefError) -> str:
    return f"{fault.message} {fault.hint or ''}".strip()


# --- differences


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: `+`, `-`, a blank, or `~` where unchanged lines are left out."""

    sign: str
    text: str


def line_difference(before: str, after: str, around: int = 2) -> list[Line]:
    """Two texts line by line, with a few unchanged lines around every change."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for place, group in enumerate(difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around)):
        if place:
            found.append(Line("~", "…"))
        for tag, first, last, start, end in group:
            if tag == "equal":
                found += [Line(" ", one) for one in old[first:last]]
            else:
                found += [Line("-", one) for one in old[first:last]] + [Line("+", one) for one in new[start:end]]
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """A difference in plain words: what changed, from what to what."""

    what: str
    before: str | None
    after: str | None


def in_plain_words(found: Sequence[Difference], version: Version) -> list[Said]:
    """Differences by the names that the form of the kind gives to the places."""
    labels = dict(_labels(version))
    return [Said(_label(one.path, labels), _spoken(one.before), _spoken(one.after)) for one in found]


def _labels(version: Version) -> Iterator[tuple[str, str]]:
    form = kind_named(version.kind).form
    for section in form(version.body) if form else ():
        for one in section.fields:
            yield one.path, str(one.label)
    yield "effective_from", _("First day")
    yield "name", _("Name")
    yield "owner", _("Owner")


def _label(path: str, labels: Mapping[str, str]) -> str:
    """The label of the longest known beginning of a path, with what is left of it."""
    known = max((one for one in labels if path == one or path.startswith((f"{one}.", f"{one}["))), key=len, default="")
    rest = path.removeprefix(known).lstrip(".")
    return f"{labels[known]} ({rest})" if known and rest else labels.get(known, path)


def _spoken(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_spoken(one)}" for key, one in value.items())
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return _("%(count)s entries") % {"count": len(value)}
    if isinstance(value, list):
        return ", ".join(str(_spoken(one)) for one in value) or _("nothing")
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)
