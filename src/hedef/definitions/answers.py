"""Documents in the words of the faces."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hedef.definitions.editing import check_text
from hedef.definitions.engine import Difference
from hedef.definitions.queries import Version, body_in_order, diff, find, get, in_force, versions
from hedef.definitions.users import use_of, users_of
from hedef.kernel.definition import Reference, reference
from hedef.kernel.errors import NotFound, WrongUse

SCHEMA = "hedef.definitions/1"


def read_reference(text: str) -> Reference:
    """WrongUse for what names no document."""
    try:
        return reference(text)
    except ValueError as fault:
        raise WrongUse(f"{fault}.") from fault


def read_day(text: str | None, option: str) -> date | None:
    """A day written as 2017-08-31; WrongUse names the option."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as fault:
        raise WrongUse(f'{option}: "{text}" is no day.', hint="Write it as 2017-08-31.") from fault


def shown(name: Reference, *, day: date, known_no: int | None = None) -> Version:
    """The version that is named; without number the one in force on `day`, else the newest."""
    found = find(name)
    if name.version is not None:
        return found
    return in_force(found.kind, found.id, day=day, known_no=known_no) or found


def both_sides(name: Reference, other: Reference | None) -> tuple[Version, Version]:
    """Two versions to compare: as named, or the named one (none: the newest) with the one before it."""
    after = find(name)
    if other is not None:
        return after, find(other)
    before = [one for one in versions(after.kind, after.id) if one.version < after.version]
    if not before:
        raise NotFound(f"{after.reference} has no version before it.", hint="Name two versions.")
    return before[-1], after


def list_json(found: Sequence[Version]) -> dict[str, Any]:
    return {"documents": [one.as_json() for one in found]}


def version_json(version: Version) -> dict[str, Any]:
    return {**version.as_json(), "document": body_in_order(version.body)}


def diff_json(before: Version, after: Version) -> dict[str, Any]:
    differences: list[Difference] = diff(before, after)
    return {
        "before": before.reference,
        "after": after.reference,
        "differences": [one.as_json() for one in differences],
    }


def history_json(kind: str, doc_id: str) -> dict[str, Any]:
    """Every version of a document; NotFound when there is none."""
    get(kind, doc_id)
    return {"versions": [one.as_json() for one in versions(kind, doc_id)]}


def uses_json(kind: str, doc_id: str) -> dict[str, Any]:
    """The documents that rest on one; NotFound when there is none."""
    get(kind, doc_id)
    return {"used_by": [use_of(one).as_json() for one in users_of(kind, doc_id)]}


def checked_json(text: str, file: str | None = None) -> dict[str, Any]:
    """What is wrong with a text, and how its cases went: nothing is written."""
    checked = check_text(text, file)
    return {
        "reference": checked.version.reference if checked.version else None,
        "issues": [one.as_json() for one in checked.issues],
        "cases": [one.as_json() for one in checked.proofs],
    }
