"""A text that somebody writes: what is wrong with it and where, the form beside it, and what it would say.

Form and text stay in step: what the form says differently from the text it was made of is written into the text, and
nothing else of the text changes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from hedef.definitions.checks import Reading, check_reading, fitting_version, read_document
from hedef.definitions.kinds import DocumentKind, kind_named
from hedef.definitions.models import Definition
from hedef.definitions.queries import Version, body_in_order, in_place, today, versions
from hedef.definitions.showing import Block, Field, Proof, Section, Viewer
from hedef.definitions.users import proofs_of
from hedef.kernel.errors import HedefError, InvalidDocument
from hedef.kernel.issue import Issue, Source
from hedef.kernel.yaml_edit import GONE, pretty, put_values
from hedef.kernel.yaml_source import NOWHERE, Locate, Path, document_issue, read_yaml

_QUOTED = re.compile(r'["“]([^"”]+)["”]')
type Values = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Looked:
    """What stands in a text. `version` is the draft it would be; none while errors are in it."""

    text: str
    data: Mapping[str, Any] | None
    locate: Locate = NOWHERE
    issues: tuple[Issue, ...] = ()
    version: Version | None = None
    proofs: tuple[Proof, ...] = ()
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    unread: bool = field(default=False)  # the text is no YAML, so that the form cannot follow it

    @property
    def errors(self) -> list[Issue]:
        return [one for one in self.issues if one.level == "error"]


def look(text: str, *, kind: str, doc_id: str | None, viewer: Viewer, preview: bool = True) -> Looked:
    """Every fault of a text with its place; without errors also its cases and its preview. Writes nothing.

    `doc_id` none is a new document, whose id must be free.
    """
    known = kind_named(kind)
    try:
        data, locate = read_yaml(text)
    except InvalidDocument as fault:
        return Looked(text, None, issues=fault.issues, unread=True)
    data = data if isinstance(data, dict) else {}
    sections = tuple(known.form(data)) if known.form else ()
    try:
        reading, found = _checked(text, locate, kind, doc_id)
    except InvalidDocument as fault:
        issues = tuple(_found(one, text) for one in fault.issues)
        return Looked(text, data, locate, issues, sections=sections)
    draft, issues = _as_version(reading), tuple(_found(one, text) for one in found)
    if not preview:
        return Looked(text, data, locate, issues, draft, sections=sections)
    proofs = _proofs(draft)
    blocks = _preview(known, draft, viewer)
    return Looked(text, data, locate, issues, draft, proofs, blocks, sections)


def check_text(text: str, file: str | None = None) -> Looked:
    """Every fault of a document of any kind, and how its cases went."""
    reading = None
    try:
        reading = read_document(text=text, document=None, file=file)
        rows = list(Definition.objects.filter(doc_kind=reading.kind.name, doc_id=reading.id).order_by("version"))
        reading = fitting_version(reading, rows)
        found = check_reading(reading, rows)
    except InvalidDocument as fault:
        return Looked(text, None, issues=tuple(_found(one, text) for one in fault.issues), unread=reading is None)
    draft = _as_version(reading)
    return Looked(text, reading.data, reading.locate, tuple(_found(one, text) for one in found), draft, _proofs(draft))


def _checked(text: str, locate: Locate, kind: str, doc_id: str | None) -> tuple[Reading, list[Issue]]:
    reading = read_document(text=text, document=None, file=None)
    if reading.kind.name != kind:
        raise _misplaced(locate, ("kind",), "other_kind", f"this page writes documents of kind {kind}")
    if doc_id is not None and reading.id != doc_id:
        raise _misplaced(locate, ("id",), "other_id", f"the id of a document never changes; it is {doc_id}")
    rows = list(Definition.objects.filter(doc_kind=kind, doc_id=reading.id).order_by("version"))
    if doc_id is None and rows:
        raise _misplaced(locate, ("id",), "id_taken", f"{kind}:{reading.id} is there already; choose another id")
    reading = fitting_version(reading, rows)
    return reading, check_reading(reading, rows)


def _found(issue: Issue, text: str) -> Issue:
    """An issue of a check that names no place: it is where the one word that it quotes stands alone in the text."""
    if issue.source is not None:
        return issue
    lines = text.splitlines()
    for word in _QUOTED.findall(issue.message):
        at = [(number, line.index(word)) for number, line in enumerate(lines, 1) if word in line]
        if len(at) == 1:
            return replace(issue, source=Source(None, at[0][0], str(at[0][1] + 1)))
    return issue


def _misplaced(locate: Locate, path: tuple[str, ...], code: str, message: str) -> InvalidDocument:
    issue = document_issue(code, message, file=None, place=locate(path), path=path)
    return InvalidDocument(issue.message, issues=[issue])


def _as_version(reading: Reading) -> Version:
    return Version(
        kind=reading.kind.name,
        id=reading.id,
        version=reading.version,
        effective_from=reading.document.effective_from,
        state="draft",
        author="",
        approver="",
        self_approved=False,
        hash=reading.hash,
        text=reading.text,
        source=reading.source,
    )


def _proofs(draft: Version) -> tuple[Proof, ...]:
    try:
        return tuple(proofs_of(draft))
    except HedefError:  # what it rests on cannot be read; the checks of the other document say so
        return ()


def _preview(kind: DocumentKind, draft: Version, viewer: Viewer) -> tuple[Block, ...]:
    if kind.preview is None:
        words = dict(kind.words(draft.document)) if kind.words else {}
        return (Block("", words.get("en", ""), notes=(words.get("tr", ""),)),) if words else ()
    try:
        with in_place(draft):
            return tuple(kind.preview(draft, viewer))
    except HedefError as fault:
        return (Block("", fault.message, notes=(fault.hint,) if fault.hint else (), tone="warn"),)


# --- the text that a page begins with


def opening(kind: str, doc_id: str) -> str:
    """The text of the draft that waits, or of the next version after the newest one."""
    living = [one for one in versions(kind, doc_id) if one.state != "retired"] or versions(kind, doc_id)
    newest = living[-1]
    if newest.state in ("draft", "simulated"):
        return newest.yaml
    begin = kind_named(kind).begin
    body = newest.body
    changed = dict(begin(body)) if begin else body
    number = max(one.version for one in versions(kind, doc_id)) + 1
    changed |= {"version": number, "effective_from": today().isoformat()}
    if not newest.source:
        return pretty(body_in_order(changed))
    data, _ = read_yaml(newest.source)
    others = [((key,), value) for key, value in changed.items() if data.get(key) != value]
    return put_values(newest.source, others, order=order_of(kind_named(kind)))


def blank(kind: str) -> str:
    """The text of a new document: what its room begins with, else its envelope."""
    known = kind_named(kind)
    if known.blank:
        return known.blank()
    return f"kind: {kind}\nid: \nname: {{en: , tr: }}\nowner: operations\n"


def order_of(kind: DocumentKind) -> tuple[str, ...]:
    """The keys of a document in the order in which people write them."""
    own = [one.alias or name for name, one in kind.model.model_fields.items()]
    first = ("kind", "id", "version", "effective_from", "name", "owner")
    return (*first, *(name for name in own if name not in (*first, "notes")), "notes")


# --- the form beside the text


def form_values(sections: Iterable[Section], data: Mapping[str, Any] | None) -> dict[str, str | list[str]]:
    """What stands in the fields of a form, by path; `words` fields have one value for each language."""
    found: dict[str, str | list[str]] = {}
    for one in _inputs(sections):
        value = _at(data or {}, one.keys)
        if one.input == "many":
            found[one.path] = [str(item) for item in value] if isinstance(value, list) else []
        else:
            found[one.path] = "" if value is None or isinstance(value, dict | list) else _text(value)
    return found


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _inputs(sections: Iterable[Section]) -> list[Field]:
    """Every single input: `words` become two."""
    found: list[Field] = []
    for section in sections:
        for one in section.fields:
            if one.input == "words":
                found += [Field(f"{one.path}.{language}", one.label, "area") for language in ("en", "tr")]
            else:
                found.append(one)
    return found


def _at(data: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def merged(text: str, *, before: str, posted: Values, kind: str) -> str:
    """The text with what the form says otherwise than the text it was made of (`before`).

    Fields that the form loses by a change leave the text with their values: a ratio has no fact any more. A text that
    is no YAML stays as it is.
    """
    known = kind_named(kind)
    old, now = _data(before), _data(text)
    if known.form is None or old is None or now is None:
        return text
    sections = known.form(old)
    was = form_values(sections, old)
    fields = {one.path: one for one in _inputs(sections)}
    changes = [
        (fields[path].keys, _value(fields[path], posted[path]))
        for path in fields
        if path in posted and _tidy(posted[path]) != _tidy(was[path])
    ]
    if not changes:
        return text
    made = _put(text, changes, known)
    after = {one.path for one in _inputs(known.form(_data(made) or {}))}
    lost = [(one.keys, GONE) for path, one in fields.items() if path not in after]
    return _put(made, lost, known)


def _put(text: str, changes: Iterable[tuple[Path, Any]], kind: DocumentKind) -> str:
    return put_values(text, changes, order=order_of(kind))


@lru_cache(maxsize=16)
def _data(text: str) -> Mapping[str, Any] | None:
    """What a text says, only to be looked at; none where it is no YAML."""
    try:
        data, _ = read_yaml(text)
    except InvalidDocument:
        return None
    return data if isinstance(data, dict) else {}


def _tidy(value: str | list[str]) -> str | list[str]:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _value(one: Field, posted: str | list[str]) -> Any:
    """A posted field as the document has it; an empty one is left out."""
    if isinstance(posted, list):
        return posted or GONE
    told = str(_tidy(posted))
    if not told:
        return GONE
    return int(told) if one.input == "number" and told.lstrip("-").isdigit() else told


__all__ = ["Looked", "blank", "check_text", "form_values", "look", "merged", "opening"]
