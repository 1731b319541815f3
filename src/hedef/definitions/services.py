"""Write verbs of documents: draft -> simulated -> approved -> effective -> retired, and undo.

The actor is the name the ledger keeps. Faces check rights; this room keeps the rule of the second person.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from hedef.definitions.checks import Reading, check_reading, fitting_version, read_document
from hedef.definitions.engine import NEXT_STATES, UNAPPROVED, State, choose, starts_too_early
from hedef.definitions.kinds import Check, DocumentKind, kind_named, register
from hedef.definitions.models import Definition
from hedef.definitions.queries import Version, diff, get, today, version_of, versions
from hedef.definitions.shipped import ensure_shipped
from hedef.definitions.showing import Proof
from hedef.definitions.store import approved_fields, draft_fields, plain_words, rebuild, recording
from hedef.definitions.users import proofs_of, users_of
from hedef.kernel.errors import InvalidDocument, NotFound, Refused
from hedef.kernel.issue import Issue
from hedef.kernel.yaml_source import NOWHERE
from hedef.ledger.queries import history
from hedef.ledger.services import allocate

__all__ = [
    "Check",
    "DocumentKind",
    "Simulation",
    "add",
    "approve",
    "authors_of",
    "ensure_shipped",
    "introduce",
    "look_ahead",
    "make_due_effective",
    "make_effective",
    "rebuild",
    "register",
    "register_approvers",
    "retire",
    "second_people",
    "simulate",
    "undo",
]

type Approvers = Callable[[str], Collection[str]]
_approvers: list[Approvers] = []


def register_approvers(approvers: Approvers) -> None:
    """`approvers(kind)` names every living user who may approve documents of a kind; `access` knows."""
    _approvers[:] = [approvers]


# --- drafts


def add(
    *,
    actor: str,
    text: str | None = None,
    document: Mapping[str, Any] | Any | None = None,
    file: str | None = None,
    reason: str = "",
) -> Version:
    """A draft from YAML `text` or from a mapping or model. A missing `version` is the next one.

    A version that is still a draft is replaced. What the newest version already says is answered with that version.
    InvalidDocument with every fault and its place.
    """
    reading = read_document(text=text, document=document, file=file)
    with transaction.atomic():
        known = _locked(reading.kind.name, reading.id)
        reading = fitting_version(reading, known)
        same = next((one for one in known if one.version == reading.version), None)
        if same is not None and same.hash == reading.hash and (same.approver or _says_the_same(same, reading)):
            return version_of(same)
        check_reading(reading, known)
        with recording(actor=actor, reason=reason, file=file) as pen:
            pen.write(same.entity if same else allocate(1), **draft_fields(reading, actor))
    return get(reading.kind.name, reading.id, reading.version)


def _says_the_same(row: Definition, reading: Reading) -> bool:
    """Notes and comments are no part of the hash, and yet they are kept."""
    return row.body == reading.text and reading.source in ("", row.source)


def introduce(
    *,
    actor: str,
    text: str | None = None,
    document: Mapping[str, Any] | Any | None = None,
    file: str | None = None,
    reason: str = "",
) -> Version:
    """Version 1 of a new document, effective at once and without a second person.

    For what a first import has to settle, such as a process (data section 5); later versions need their second person.
    Refused when the document is there already.
    """
    reading = read_document(text=text, document=document, file=file)
    with transaction.atomic():
        if _locked(reading.kind.name, reading.id):
            raise Refused(f"{reading.kind.name}:{reading.id} is there already.", hint="Add its next version instead.")
        reading = fitting_version(reading, [])
        check_reading(reading, [])
        with recording(actor=actor, reason=reason, file=file) as pen:
            pen.write(allocate(1), **(draft_fields(reading, actor) | approved_fields(reading, actor)))
    return get(reading.kind.name, reading.id, 1)


# --- the way to being effective


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a version would change: differences to the version in force, issues, and what its room foresees."""

    version: Version
    against: str | None
    differences: Sequence[Any]
    issues: Sequence[Issue]
    result: Mapping[str, Any] | None
    proofs: Sequence[Proof] = ()
    users: Sequence[Version] = ()

    @property
    def stopped(self) -> bool:
        """Whether an error keeps the version from being simulated."""
        return any(issue.level == "error" for issue in self.issues)

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.version.as_json(),
            "against": self.against,
            "differences": [one.as_json() for one in self.differences],
            "issues": [issue.as_json() for issue in self.issues],
            "result": self.result,
            "cases": [proof.as_json() for proof in self.proofs],
            "used_by": [one.reference for one in self.users],
        }


def simulate(*, kind: str, id: str, version: int | None = None, actor: str, reason: str = "") -> Simulation:  # noqa: A002
    """Try a draft: nothing of what it decides happens yet. Refused for a version that is already approved.

    Its cases run, and those of the documents that rest on it. With an error, or a case that fails, it stays a draft.
    """
    with transaction.atomic():
        row = _row(kind, id, version, "simulated")
        proofs = proofs_of(version_of(row))
        issues = [*_issues_now(row), *_failures(row, proofs)]
        if not any(issue.level == "error" for issue in issues):
            with recording(actor=actor, reason=reason) as pen:
                pen.write(row.entity, state="simulated")
    return _simulation(get(kind, id, row.version), issues, proofs)


def look_ahead(version: Version) -> Simulation:
    """What `simulate` answers, without a step: for who approves."""
    proofs = proofs_of(version)
    row = Definition.objects.get(pk=version.entity)
    return _simulation(version, [*_issues_now(row), *_failures(row, proofs)], proofs)


def _simulation(made: Version, issues: Sequence[Issue], proofs: Sequence[Proof]) -> Simulation:
    current = choose(versions(made.kind, made.id), made.effective_from or today())
    foresee = kind_named(made.kind).simulate
    return Simulation(
        version=made,
        against=current.reference if current else None,
        differences=diff(current, made) if current else [],
        issues=issues,
        result=foresee(made) if foresee else None,
        proofs=proofs,
        users=users_of(made.kind, made.id),
    )


def _failures(row: Definition, proofs: Sequence[Proof]) -> list[Issue]:
    name = f"{row.doc_kind}:{row.doc_id}@{row.version}"
    return [
        Issue("case_differs", "error", f"{one.of or name}, case “{one.name}”: {one.said}", object=one.of or name)
        for one in proofs
        if not one.passed
    ]


def approve(*, kind: str, id: str, version: int | None = None, actor: str, reason: str = "") -> Version:  # noqa: A002
    """Approve a draft; it is effective at once when its day has come, else `make_effective` says when.

    Kinds of `SECOND_PERSON` need somebody else than the author. Where nobody else may approve, the author may and the
    version is marked `self_approved`. Refused otherwise; InvalidDocument when a check fails meanwhile.
    """
    with transaction.atomic():
        row = _row(kind, id, version, "approved")
        alone = _alone(row, actor)
        _stop_on_errors(row, [*_issues_now(row), *_failures(row, proofs_of(version_of(row)))])
        document = version_of(row).document
        with recording(actor=actor, reason=reason) as pen:
            words = plain_words(kind_named(kind), document)
            pen.write(row.entity, state="approved", approver=actor, self_approved=alone, words=words)
            if due := row.effective_from is None or row.effective_from <= today():
                pen.write(row.entity, state="effective")
        if due:
            _tell_room(kind, id, row.version, actor)
    return get(kind, id, row.version)


def authors_of(entity: int) -> set[str]:
    """Everybody who wrote at a draft, so that two people cannot pass each other's lines by turns."""
    return {str(change.fields["author"]) for change in history(entity) if "author" in change.fields}


def second_people(kind: str, authors: Collection[str]) -> list[str]:
    """Who may approve a document of a kind that these people wrote."""
    return sorted({name for approvers in _approvers for name in approvers(kind)} - set(authors))


def _alone(row: Definition, actor: str) -> bool:
    """True when an author approves because nobody else may. Refused when somebody else may."""
    if not kind_named(row.doc_kind).second_person:
        return False
    authors = authors_of(row.entity)
    if actor not in authors:
        return False
    if others := second_people(row.doc_kind, authors):
        raise Refused(
            f"{row.doc_kind}:{row.doc_id}@{row.version} was written by {' and '.join(sorted(authors))}: "
            "a second person approves it.",
            hint=f"These may: {', '.join(others[:5])}.",
            code="second_person_missing",
        )
    return True


def _issues_now(row: Definition) -> list[Issue]:
    """Checks of the room as things stand now, and the dates against the versions approved meanwhile."""
    version = version_of(row)
    check = kind_named(row.doc_kind).check
    issues = check(version.document, NOWHERE, None) if check else []
    known = versions(row.doc_kind, row.doc_id)
    if later := next((one for one in known if one.approver and one.version > row.version), None):
        message = f"{later.reference} is approved already, so {version.reference} comes too late."
        issues = [*issues, Issue("version_passed", "error", message, hint="Write it as the next version.")]
    elif former := starts_too_early(known, row.version, row.effective_from):
        message = f"{version.reference} would begin before {former.reference}, on {former.effective_from}."
        issues = [*issues, Issue("effective_goes_back", "error", message, hint="Give it a later effective_from.")]
    return issues


def _stop_on_errors(row: Definition, issues: Sequence[Issue]) -> None:
    errors = [issue for issue in issues if issue.level == "error"]
    if errors:
        name = f"{row.doc_kind}:{row.doc_id}@{row.version}"
        raise InvalidDocument(f"{name} cannot be approved: {errors[0].message}", issues=issues, hint=errors[0].hint)


def make_effective(*, kind: str, id: str, version: int | None = None, actor: str, reason: str = "") -> Version:  # noqa: A002
    """Mark an approved version whose first day has come. It counts from that day on even without the mark."""
    with transaction.atomic():
        row = _row(kind, id, version, "effective")
        if row.effective_from is not None and row.effective_from > today():
            raise Refused(f"{version_of(row).reference} begins on {row.effective_from}; that day has not come.")
        with recording(actor=actor, reason=reason) as pen:
            pen.write(row.entity, state="effective")
        _tell_room(kind, id, row.version, actor)
    return get(kind, id, row.version)


def _tell_room(kind: str, doc_id: str, version: int, actor: str) -> None:
    """What the owning room does when a version becomes effective."""
    if (took_effect := kind_named(kind).took_effect) is not None:
        took_effect(get(kind, doc_id, version), actor)


def make_due_effective(*, actor: str) -> list[Version]:
    """Mark every approved version whose first day has come."""
    due = Definition.objects.filter(state="approved", effective_from__lte=today())
    rows = list(due.order_by("doc_kind", "doc_id", "version"))
    return [
        make_effective(kind=row.doc_kind, id=row.doc_id, version=row.version, actor=actor, reason="its day has come")
        for row in rows
    ]


# --- the way back


def retire(
    *,
    kind: str,
    id: str,  # noqa: A002
    version: int | None = None,
    actor: str,
    on: date | None = None,
    reason: str = "",
) -> Version:
    """End a version: an approved one counts up to the day before `on` (none: today), a draft is withdrawn.

    Nothing follows it: until a later version begins, no version is in force. Days before `on` compute as they did.
    """
    with transaction.atomic():
        row = _row(kind, id, version, "retired")
        until = None if row.state in UNAPPROVED else on or today()
        with recording(actor=actor, reason=reason) as pen:
            pen.write(row.entity, state="retired", until=until)
    return get(kind, id, row.version)


def undo(*, kind: str, id: str, actor: str, on: date | None = None, reason: str = "") -> Version:  # noqa: A002
    """Take the newest version back, never by deletion.

    A draft is withdrawn. A version that has not begun is retired before its first day. One that is in force is
    answered with a new draft that says what the version before it said, from `on` (none: today) on; it is approved
    like any other. Refused when there is no version before it.
    """
    rows = [row for row in _locked(kind, id) if row.state != "retired"]
    if not rows:
        raise NotFound(f"There is no living version of {kind}:{id}.")
    newest, moment = rows[-1], on or today()
    if newest.state in UNAPPROVED:
        return retire(kind=kind, id=id, version=newest.version, actor=actor, reason=reason)
    if newest.effective_from is not None and newest.effective_from > moment:
        return retire(kind=kind, id=id, version=newest.version, actor=actor, on=newest.effective_from, reason=reason)
    former = next((row for row in reversed(rows[:-1]) if row.approver), None)
    if former is None:
        raise Refused(
            f"{kind}:{id}@{newest.version} has no version before it.", hint="Write a new version, or retire it."
        )
    body = {**version_of(former).body, "effective_from": moment.isoformat()}
    body.pop("version")
    why = reason or f"undo of version {newest.version}: back to version {former.version}"
    return add(document=body, actor=actor, reason=why)


# --- rows


def _locked(kind: str, doc_id: str) -> list[Definition]:
    """Every version of a document, oldest first, held until the transaction ends."""
    kind_named(kind)
    rows = Definition.objects.filter(doc_kind=kind, doc_id=doc_id).order_by("version")
    return list(rows.select_for_update()) if transaction.get_connection().in_atomic_block else list(rows)


def _row(kind: str, doc_id: str, version: int | None, to: State) -> Definition:
    """The version (none: the newest that can) that moves on to the state `to`; NotFound, or Refused when it cannot."""
    rows = _locked(kind, doc_id)
    chosen = [row for row in rows if version is None or row.version == version]
    if not chosen:
        get(kind, doc_id, version)  # says what is not there
    able = [row for row in chosen if to in NEXT_STATES[row.state]]  # type: ignore[index]
    if not able:
        row = chosen[-1]
        raise Refused(
            f"{kind}:{doc_id}@{row.version} is {row.state}: it cannot become {to}.",
            hint="Write the next version." if row.state in {"effective", "retired"} else None,
            code="wrong_state",
        )
    return able[-1]
