"""From text or data to a version that may be stored: model, version number, dates, checks of the owning room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from hedef.definitions.engine import UNAPPROVED, starts_too_early
from hedef.definitions.kinds import DocumentKind, all_kinds
from hedef.definitions.models import Definition
from hedef.kernel.definition import Document, as_text, document_hash, validate
from hedef.kernel.errors import InvalidDocument, WrongUse
from hedef.kernel.issue import Issue, worst_level
from hedef.kernel.yaml_source import NOWHERE, Locate, Path, document_issue, read_yaml


@dataclass(frozen=True)
class Reading:
    """A document on its way in: plain JSON data, its model, and where each value stands in the file."""

    kind: DocumentKind
    data: Mapping[str, Any]
    document: Document
    locate: Locate
    file: str | None
    source: str = ""  # the YAML as it was written; empty where data was given

    @property
    def id(self) -> str:
        return self.document.id

    @property
    def version(self) -> int:
        return self.document.version

    @property
    def text(self) -> str:
        return as_text(self.data)

    @property
    def hash(self) -> str:
        return document_hash(self.data)

    def issue(self, code: str, message: str, path: Path, hint: str | None = None) -> Issue:
        return document_issue(code, message, file=self.file, place=self.locate(path), path=path, hint=hint)


def read_document(*, text: str | None, document: Any | None, file: str | None) -> Reading:
    """YAML or JSON `text`, or a mapping or model. InvalidDocument with every fault of the model and its place."""
    if (text is None) == (document is None):
        raise WrongUse("Give either the text of a document or its data.")
    data, locate = read_yaml(text, file) if text is not None else (_plain(document), NOWHERE)
    if not isinstance(data, dict):
        message = "a document is a mapping that begins with kind and id"
        raise _invalid([document_issue("not_a_document", message, file=file, place=locate())])
    kind = all_kinds().get(str(data.get("kind")))
    if kind is None:
        hint = f"Known: {', '.join(sorted(all_kinds()))}."
        message = f'"{data.get("kind")}" is no kind of document' if "kind" in data else '"kind" is missing'
        place = locate(("kind",))
        raise _invalid([document_issue("unknown_kind", message, file=file, place=place, path=("kind",), hint=hint)])
    return replace(_reading(kind, data, locate, file), source=text or "")


def _plain(document: Any) -> Any:
    """Data of JSON types only: models and mappings as a file would have them."""
    import json

    if isinstance(document, BaseModel):
        return document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return json.loads(as_text(document)) if isinstance(document, Mapping) else document


def _reading(kind: DocumentKind, data: Mapping[str, Any], locate: Locate, file: str | None) -> Reading:
    document, issues = validate(kind.model, {"version": 1, **data}, locate, file)
    if document is None:
        raise _invalid(issues)
    return Reading(kind, data, document, locate, file)


def fitting_version(reading: Reading, known: Sequence[Definition]) -> Reading:
    """The reading with its version number; `known` are all versions of the document, oldest first.

    InvalidDocument (`version_gap`, `version_taken`) when the number in the document does not fit.
    """
    newest = known[-1] if known else None
    fitting = 1 if newest is None else newest.version if newest.state in UNAPPROVED else newest.version + 1
    if "version" not in reading.data:
        same = numbered(reading, newest.version) if newest and newest.state != "retired" else None
        return same if same and newest and same.hash == newest.hash else numbered(reading, fitting)
    version, taken = reading.version, next((row for row in known if row.version == reading.version), None)
    if taken is None and version != (newest.version + 1 if newest else 1):
        raise _invalid([reading.issue("version_gap", f"the next version is {fitting}, not {version}", ("version",))])
    fixed = taken is not None and taken.state not in UNAPPROVED
    if taken is not None and fixed and (taken.state == "retired" or taken.hash != reading.hash):
        message = f"version {version} is {taken.state} and never changes; the next version is {fitting}"
        raise _invalid([reading.issue("version_taken", message, ("version",))])
    return reading


def numbered(reading: Reading, version: int) -> Reading:
    """The same document under another version number."""
    data = {**reading.data, "version": version}
    return replace(reading, data=data, document=reading.document.model_copy(update={"version": version}))


def check_reading(reading: Reading, known: Sequence[Definition]) -> list[Issue]:
    """Issues below error. InvalidDocument when dates go back or a check of the room finds an error."""
    issues = reading.kind.check(reading.document, reading.locate, reading.file) if reading.kind.check else []
    former = starts_too_early(known, reading.version, reading.document.effective_from)
    if former is not None:
        message = f"version {former.version} begins on {former.effective_from}; a later version cannot begin before it"
        path = ("effective_from",)
        issues = [*issues, reading.issue("effective_goes_back", message, path, "Give it a later effective_from.")]
    if worst_level(issues) == "error":
        raise _invalid(issues)
    return issues


def _invalid(issues: Sequence[Issue]) -> InvalidDocument:
    first = next((issue for issue in issues if issue.level == "error"), issues[0])
    return InvalidDocument(first.message, hint=first.hint, issues=issues)
