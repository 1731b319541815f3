"""Reads of processes: documents in force, what happened in their stages, and what should be looked at."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from hedef.definitions.queries import Version, list_in_force
from hedef.definitions.queries import in_force as document_in_force
from hedef.definitions.queries import versions as document_versions
from hedef.facts.engine.questions import Question
from hedef.facts.queries import Pin, ask, calendar, pin
from hedef.kernel.errors import Forbidden, NotFound, WrongUse
from hedef.kernel.issue import Issue
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import Trust, worst_trust
from hedef.process.engine.findings import StageFigures, findings, median
from hedef.process.schema import ProcessDocument, Stage
from hedef.publications import queries as publications

KIND = "process"


@dataclass(frozen=True)
class ProcessCheck:
    """Answer of `check`: figures of each stage as of a day, and what should be looked at."""

    version: Version
    as_of: date
    known_no: int
    stages: tuple[StageFigures, ...]
    findings: tuple[Issue, ...]
    trust: Trust
    fingerprint: str

    def as_json(self) -> dict[str, Any]:
        """`hedef.process_check/1`."""
        return {
            "schema": "hedef.process_check/1",
            "process": self.version.id,
            "version": self.version.version,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_no,
            "stages": [one.as_json() for one in self.stages],
            "conformance": {"applicable": 0, "met": 0, "late": 0, "waived": 0, "skipped": 0, "rate": None},
            "findings": [issue.as_json() for issue in self.findings],
            "issues": [issue.as_json() for issue in self._issues()],
            "trust": self.trust.as_json(),
            "fingerprint": self.fingerprint,
        }

    def _issues(self) -> list[Issue]:
        if not any(stage.exit for stage in self.version.document.stages):
            return []
        message = f"Exit criteria of {self.version.reference} are kept; whether deals met them is not counted."
        return [Issue("conformance_not_counted", "info", message, object=self.version.reference)]


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


def check(
    process: str,
    *,
    as_of: date,
    as_of_us: int | None = None,
    known_at: int | None = None,
    pinned: Pin | None = None,
    viewer: Scope = EVERYTHING,
) -> ProcessCheck:
    """Entered, reached, decided, won and days of each stage as of the end of a day, with findings.

    `decided` counts each deal once by its last state; deals never seen open belong to no stage (S9). `median_days` is
    over all closed visits, `time_in_stage` leaves out those of length 0 (S3). NotFound for an unknown process;
    Forbidden for a viewer to whom the company's totals are not shown.
    """
    if not (viewer.everything or viewer.company_total):
        raise Forbidden("The figures of a process are totals of the company, which are not shown to you.")
    at = pinned or pin(known_no=known_at)
    version = process_in_force(process, day=as_of, known_no=known_at)
    moment = calendar().end_us(as_of) if as_of_us is None else as_of_us
    params: dict[str, Any] = {"process": process, "as_of_us": moment, "as_of_day": as_of}
    table = ask(_question("stage_table"), params=params, pin=at)
    days = ask(_question("stage_days"), params=params, pin=at)
    figures = _figures(table.as_dicts(), days.as_dicts())
    outside = _outside(at)
    return ProcessCheck(
        version=version,
        as_of=as_of,
        known_no=at.known_no,
        stages=tuple(figures),
        findings=tuple(findings(version.document, figures, outside)),
        trust=worst_trust([table.trust, days.trust]),
        fingerprint=_fingerprint(version, at, as_of, moment),
    )


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
_OUTSIDE = Question(
    "process/outside",
    "SELECT count(*) AS deals FROM deal_now d LEFT JOIN (SELECT DISTINCT stage.process FROM stage) s "
    "ON s.process = d.process WHERE s.process IS NULL AND d.status IN ('open', 'hold')",
    tables=("deal_now", "stage"),
)


def _outside(at: Pin) -> int:
    """Open deals that are in no process."""
    return int(ask(_OUTSIDE, pin=at).as_dicts()[0]["deals"])


@cache
def _question(name: str) -> Question:
    text = (files("hedef.process") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return Question(f"process/{name}", text, tables=_TABLES[name])


_TABLES = {"stage_table": ("closing", "stage", "stage_visit"), "stage_days": ("stage", "stage_visit")}


def _figures(rows: Sequence[Mapping[str, Any]], days: Sequence[Mapping[str, Any]]) -> list[StageFigures]:
    lengths: dict[str, Counter[int]] = defaultdict(Counter)
    passing: dict[str, Counter[int]] = defaultdict(Counter)
    for row in days:
        lengths[row["stage"]][row["days"]] += row["n"]
        if row["passing"]:
            passing[row["stage"]][row["days"]] += row["n"]
    return [
        StageFigures(
            stage=row["stage"],
            category=row["category"],
            order=row["order_no"],
            entered=row["entered"],
            reached=row["reached"],
            decided=row["decided"],
            won=row["won"],
            standing=row["standing"],
            closed_visits=lengths[row["stage"]].total(),
            median_days=median(lengths[row["stage"]]),
            time_in_stage=median(lengths[row["stage"]] - passing[row["stage"]]),
            limit_days=row["limit_days"],
            over_limit=None if row["limit_days"] is None else row["over_limit"],
        )
        for row in rows
    ]


def _fingerprint(version: Version, at: Pin, as_of: date, moment: int) -> str:
    company = document_in_force("calendar", "company", day=as_of)
    used = [version, *([company] if company else [])]
    return publications.fingerprint(definitions=used, pin=at, as_of_us=moment)
