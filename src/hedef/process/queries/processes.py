"""Reads of processes: documents in force, and where deals stood in their stages."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from hedef.definitions.queries import Version, list_in_force
from hedef.definitions.queries import in_force as document_in_force
from hedef.definitions.queries import versions as document_versions
from hedef.facts.engine.questions import Question
from hedef.facts.queries import Pin, ask
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.trust import Trust
from hedef.process.schema import ProcessDocument, Stage

KIND = "process"


def in_force(day: date | None = None, *, known_no: int | None = None) -> dict[str, ProcessDocument]:
    """The processes in force on a day (none: the home's today), by id."""
    return {one.id: one.document for one in list_in_force(KIND, day=day, known_no=known_no)}


def process_in_force(process: str, *, day: date | None = None, known_no: int | None = None) -> Version:
    """The version of a process in force on a day. NotFound with the known processes otherwise."""
    found = document_in_force(KIND, process, day=day, known_no=known_no)
    if found is None:
        known = ", ".join(sorted(one.id for one in list_in_force(KIND, day=day))) or "none yet"
        raise NotFound(f'There is no process "{process}" in force.', hint=f"Known: {known}.")
    return found


def only(process: str | None, *, day: date) -> str:
    """The named process, or the only one in force. WrongUse where one must be named, NotFound where there is none."""
    if process:
        return process
    found = sorted(in_force(day))
    if not found:
        raise NotFound("There is no process yet.", hint="The first import of deals makes one.")
    if len(found) > 1:
        raise WrongUse("There are several processes: name one.", hint=f"They are: {', '.join(found)}.")
    return found[0]


def stage_of(process: str | None, stage: str | None, *, day: date | None = None) -> Stage | None:
    """A stage of the version in force, or none."""
    document = in_force(day).get(process or "")
    return document.stage(stage) if document and stage else None


def show(process: str, *, as_of: date, known_no: int | None = None) -> dict[str, Any]:
    """A process as JSON: its version in force with its document, and the list of all versions."""
    version = process_in_force(process, day=as_of, known_no=known_no)
    return {
        "schema": "hedef.process/1",
        "as_of": as_of.isoformat(),
        "known_at": known_no,
        "process": version.as_json(),
        "document": version.body,
        "versions": [one.as_json() for one in document_versions(KIND, process, known_no=known_no)],
        "issues": [],
        "trust": Trust("unknown").as_json(),
        "fingerprint": version.hash,
    }


def stage_visits(deals: Sequence[int], *, pinned: Pin) -> dict[int, list[dict[str, Any]]]:
    """Visits of some deals, in order, as known at the pin."""
    rows = ask(_VISITS, params={"deals": list(deals)}, pin=pinned).as_dicts()
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["deal"]].append(row)
    return dict(found)


_VISITS = Question(
    "process/visits",
    "SELECT deal, process, stage, visit_no, entry_no, entered_us, entered_day, left_us, left_day, left_to, owner "
    "FROM stage_visit WHERE deal IN (SELECT unnest(:deals)) ORDER BY deal, visit_no",
    tables=("stage_visit",),
)
