"""Who uses a document: computed from what every kind says its documents rest on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from hedef.definitions.engine import choose
from hedef.definitions.kinds import all_kinds
from hedef.definitions.queries import Version, in_place, today, versions_of_kind
from hedef.definitions.showing import Proof, Use
from hedef.kernel.definition import reference
from hedef.kernel.errors import HedefError


def users_of(kind: str, doc_id: str, *, day: date | None = None) -> list[Version]:
    """Versions that rest on a document: of each document the one in force on `day`, and what waits to follow it."""
    return [one for one in _living(day or today()) if (kind, doc_id) in rests_on(one) and one.id != doc_id]


def _living(day: date) -> Iterator[Version]:
    for kind in all_kinds().values():
        if kind.uses is None:
            continue
        grouped: dict[str, list[Version]] = {}
        for one in versions_of_kind(kind.name):
            grouped.setdefault(one.id, []).append(one)
        for group in grouped.values():
            now = choose(group, day)
            coming = [one for one in group if one.state in ("draft", "simulated", "approved") and one != now]
            yield from ([now] if now else []) + coming


def rests_on(version: Version) -> set[tuple[str, str]]:
    """Kind and id of the documents that a version names; empty for one that this Hedef cannot read."""
    uses = all_kinds()[version.kind].uses
    try:
        named = [reference(text) for text in uses(version.document)] if uses else []
    except (HedefError, ValueError):
        return set()
    return {(one.kind or "", one.id) for one in named}


def everybody_above(version: Version) -> list[Version]:
    """The documents in force that rest on a version, directly or through others, nearest first."""
    found: dict[tuple[str, str], Version] = {}
    waiting = [version]
    while waiting:
        here = waiting.pop(0)
        for one in users_of(here.kind, here.id):
            key = (one.kind, one.id)
            if one.approver and key not in found and key != (version.kind, version.id):
                found[key] = one
                waiting.append(one)
    return list(found.values())


def use_of(version: Version) -> Use:
    page = all_kinds()[version.kind].page
    url = page(version.id) if page else ""
    return Use(version.kind, version.id, version.version, version.body["name"], version.state, url)


def proofs_of(version: Version) -> list[Proof]:
    """Cases of a version, then of the documents in force that rest on it, with it in their place."""
    own = all_kinds()[version.kind].prove
    found = list(own(version)) if own else []
    with in_place(version):
        for one in everybody_above(version):
            prove = all_kinds()[one.kind].prove
            if prove is not None:
                found += [replace(proof, of=one.reference, path=()) for proof in prove(one)]
    return found
