"""Reads of documents. `day` is a day of the company; `known_no` a seal number (none: the newest)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any

from django.conf import settings

from hedef.definitions.engine import Difference, State, choose, differences
from hedef.definitions.kinds import all_kinds, kind_named
from hedef.definitions.models import Definition, DefinitionState
from hedef.kernel.definition import Document, Reference, validate
from hedef.kernel.errors import InvalidDocument, NotFound, WrongUse
from hedef.kernel.instants import zone_of
from hedef.kernel.yaml_edit import pretty
from hedef.ledger.queries import Last, newest_of
from hedef.ledger.sealed import NO_SEAL, Stamp
from hedef.settings import now


@dataclass(frozen=True)
class Version:
    """One version of a document. `until` is the first day on which it counts no more; `words` its plain words."""

    kind: str
    id: str
    version: int
    effective_from: date | None
    state: State
    author: str
    approver: str
    self_approved: bool
    hash: str
    until: date | None = None
    file: str = ""
    words: dict[str, str] = field(default_factory=dict)
    entity: int = 0
    text: str = field(default="{}", repr=False)
    source: str = field(default="", repr=False)

    @property
    def yaml(self) -> str:
        """The document as a person reads it: as it was written, comments included, else its envelope first."""
        return self.source or pretty(body_in_order(self.body))

    @property
    def reference(self) -> str:
        """`kind:id@version`."""
        return str(Reference(self.kind, self.id, self.version))

    @property
    def body(self) -> dict[str, Any]:
        """The document as JSON data; a fresh copy."""
        body: dict[str, Any] = json.loads(self.text)
        return body

    @property
    def document(self) -> Any:
        """The document as the model of its kind. InvalidDocument when this version of Hedef cannot read it."""
        return _parse(kind_named(self.kind).model, self.text, self.reference)

    def as_json(self) -> dict[str, Any]:
        body = self.body
        return {
            "reference": self.reference,
            "kind": self.kind,
            "id": self.id,
            "version": self.version,
            "name": body.get("name"),
            "owner": body.get("owner"),
            "effective_from": None if self.effective_from is None else self.effective_from.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "state": self.state,
            "author": self.author,
            "approver": self.approver or None,
            "self_approved": self.self_approved,
            "hash": self.hash,
            "file": self.file or None,
            "words": self.words or None,
        }


@lru_cache(maxsize=1024)
def _parse(model: type[Document], text: str, name: str) -> Document:
    document, issues = validate(model, json.loads(text), file=name)
    if document is None:
        raise InvalidDocument(f"{name} cannot be read by this version of Hedef.", issues=issues)
    return document


def version_of(row: Definition) -> Version:
    return Version(
        kind=row.doc_kind,
        id=row.doc_id,
        version=row.version,
        effective_from=row.effective_from,
        state=row.state,  # type: ignore[arg-type]  # the column holds the words of `State`
        author=row.author,
        approver=row.approver,
        self_approved=row.self_approved,
        hash=row.hash,
        until=row.until,
        file=row.file,
        words=row.words,
        entity=row.entity,
        text=row.body,
        source=row.source,
    )


_ENVELOPE = ("kind", "id", "version", "effective_from", "name", "owner")


def body_in_order(body: Mapping[str, Any]) -> dict[str, Any]:
    """A document with its envelope first, the order in which people write it."""
    return {key: body[key] for key in _ENVELOPE if key in body} | dict(body)


def kinds() -> list[str]:
    """Names of the registered kinds."""
    return sorted(all_kinds())


def versions(kind: str, doc_id: str, *, known_no: int | None = None) -> list[Version]:
    """All versions of a document, oldest first, in the state known at `known_no`; none: an empty list."""
    return [one for one in _of_kind(kind, known_no) if one.id == doc_id]


def versions_of_kind(kind: str, *, known_no: int | None = None) -> list[Version]:
    """All versions of all documents of a kind, by id and version."""
    return list(_of_kind(kind, known_no))


_tried: ContextVar[tuple[Version, ...]] = ContextVar("tried", default=())


@contextmanager
def in_place(*tried: Version) -> Iterator[None]:
    """Inside, each document of `tried` is the only version of its id, in force from always: what if it were so?

    Only this thread of work sees it; nothing is written. Numbers that are computed inside are never kept for others.
    """
    always = tuple(replace(one, effective_from=None, until=None, approver="-", state="effective") for one in tried)
    token = _tried.set(always)
    try:
        yield
    finally:
        _tried.reset(token)


def trying() -> bool:
    """True where a draft stands in the place of what is in force: what is computed then is never kept."""
    return bool(_tried.get())


def _of_kind(kind: str, known_no: int | None) -> tuple[Version, ...]:
    """All versions of a kind by id and version; where somebody tries a draft, it stands for its document."""
    found, tried = _kept_of(kind, known_no), [one for one in _tried.get() if one.kind == kind]
    if not tried:
        return found
    ids = {one.id for one in tried}
    return tuple(sorted([*(one for one in found if one.id not in ids), *tried], key=lambda one: (one.id, one.version)))


def _kept_of(kind: str, known_no: int | None) -> tuple[Version, ...]:
    """All versions of all documents of a kind, by id and version. Read again when a document was sealed since."""
    at = newest_of("definition")
    key = (kind, known_no)
    if at == NO_SEAL:
        return ()
    with _kept_lock:
        kept = _kept.get(at)
        if kept is None:
            kept = _kept[at] = {}
            while len(_kept) > _KEPT:
                del _kept[next(iter(_kept))]
        found = kept.get(key)
    if found is None:
        rows = [version_of(row) for row in Definition.objects.filter(doc_kind=kind).order_by("doc_id", "version")]
        found = tuple(rows if known_no is None or not rows else _as_known(rows, known_no))
        if newest_of("definition") == at and len(kept) < _KEPT_LISTS:
            kept[key] = found
    return found


_KEPT = 4  # seals of documents
_KEPT_LISTS = 256
_kept: dict[Stamp, dict[tuple[str, int | None], tuple[Version, ...]]] = {}
_kept_lock = Lock()


def _as_known(found: Iterable[Version], known_no: int) -> list[Version]:
    """The versions that existed at `known_no`, with the state of that time.

    A draft that was replaced since has its newest body; approved bodies never change.
    """
    by_entity = {one.entity: one for one in found}
    states = DefinitionState.objects.filter(definition__in=by_entity, known_no__lte=known_no)
    last = {state.definition_id: state for state in states.order_by("known_no", "ord")}
    return [
        replace(
            one,
            state=last[entity].state,  # type: ignore[arg-type]
            until=last[entity].until,
            approver=last[entity].approver,
            self_approved=last[entity].self_approved,
        )
        for entity, one in by_entity.items()
        if entity in last
    ]


def in_force(kind: str, id: str, *, day: date | None = None, known_no: int | None = None) -> Version | None:  # noqa: A002
    """The version in force on `day` (none: the home's today) as known at `known_no`; none when there is none."""
    return choose(versions(kind, id, known_no=known_no), day or today())


def get(kind: str, doc_id: str, version: int | None = None) -> Version:
    """A version, or the newest one. NotFound otherwise."""
    found = versions(kind, doc_id)
    if not found:
        raise NotFound(f"There is no document {kind}:{doc_id}.", hint=_near(kind, doc_id))
    chosen = [one for one in found if version in (None, one.version)]
    if not chosen:
        raise NotFound(f"There is no {kind}:{doc_id}@{version}.", hint=f"The newest version is {found[-1].version}.")
    return chosen[-1]


def _near(kind: str, doc_id: str) -> str:
    import difflib

    known = {one.id for one in list_documents(kind)} if kind in all_kinds() else set(all_kinds())
    near = difflib.get_close_matches(doc_id if kind in all_kinds() else kind, sorted(known), n=3)
    return f"Near: {', '.join(near)}." if near else "hedef definitions list shows every document."


def find(reference: Reference) -> Version:
    """The version that a reference names; without kind the one kind that has such an id, without version the newest.

    NotFound when there is none, WrongUse when several kinds have it.
    """
    if reference.kind:
        return get(reference.kind, reference.id, reference.version)
    owners = sorted(set(Definition.objects.filter(doc_id=reference.id).values_list("doc_kind", flat=True)))
    if not owners:
        raise NotFound(f'There is no document "{reference.id}".', hint="hedef definitions list shows every document.")
    if len(owners) > 1:
        raise WrongUse(f'"{reference.id}" is the id of several documents.', hint=f"Write {owners[0]}:{reference.id}.")
    return get(owners[0], reference.id, reference.version)


def list_documents(kind: str | None = None) -> list[Version]:
    """The newest version of every document, by kind and id."""
    rows = Definition.objects.order_by("doc_kind", "doc_id", "version")
    if kind is not None:
        rows = rows.filter(doc_kind=kind)
    newest = {(row.doc_kind, row.doc_id): row for row in rows}
    return [version_of(row) for row in newest.values()]


def list_in_force(kind: str, *, day: date | None = None, known_no: int | None = None) -> list[Version]:
    """The version in force of every document of a kind, by id."""
    grouped: dict[str, list[Version]] = {}
    for row in _of_kind(kind, known_no):
        grouped.setdefault(row.id, []).append(row)
    chosen = (choose(group, day or today()) for group in grouped.values())
    return [one for one in chosen if one is not None]


def diff(before: Version, after: Version) -> list[Difference]:
    """What two versions say differently; `version` itself is left out."""
    return differences(_said(before), _said(after))


def _said(version: Version) -> dict[str, Any]:
    return {key: value for key, value in version.body.items() if key != "version"}


def today() -> date:
    """The home's day, for questions without a day; in the zone of the settings, as no calendar stands below."""
    return now().astimezone(zone_of(settings.HEDEF.time_zone)).date()


def last_change(entity: int) -> Last | None:
    """Where the newest change of a version stands in the ledger; none for other entities."""
    row = Definition.objects.filter(pk=entity).only("last_batch", "last_ord").first()
    return None if row is None else Last("document", row.last_batch, row.last_ord)
