"""How a process is doing as of a day: the funnel, time, conformance, ageing, the bottleneck, and what to look at."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import pyarrow as pa

from hedef.definitions.queries import Version
from hedef.definitions.queries import in_force as document_in_force
from hedef.facts.engine.questions import Question
from hedef.facts.queries import Pin, ask, calendar, pin
from hedef.kernel.errors import Forbidden
from hedef.kernel.ids import spell
from hedef.kernel.money import fraction_text
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import Trust, worst_trust
from hedef.process.engine.findings import CriterionFigures, Finding, StageFigures, findings, median
from hedef.process.engine.health import (
    ENOUGH_CHECKS,
    FEW_CASES,
    WITHIN_DAYS,
    Bottleneck,
    Chance,
    Cohort,
    Conformance,
    Window,
    bottleneck,
    conformance_of,
    history_chance,
    quantile,
)
from hedef.process.queries.misfits import misfits
from hedef.process.queries.processes import in_force, process_in_force
from hedef.process.schema import ProcessDocument, Stage
from hedef.publications import queries as publications

YEAR = timedelta(days=365)
QUARTER = timedelta(days=91)
_ALWAYS, _YEAR, _NOW, _YEAR_AGO, _QUARTER_AGO = range(5)  # windows of one question
_EVER = date(1, 1, 2)


@dataclass(frozen=True)
class ProcessCheck:
    """Answer of `check`: figures of each stage as of a day, and what should be looked at.

    Conformance is of the 365 days before `as_of`. `compared` says what the bottleneck was held against.
    """

    version: Version
    as_of: date
    known_no: int
    stages: tuple[StageFigures, ...]
    criteria: tuple[CriterionFigures, ...]
    people: tuple[tuple[int, Conformance], ...]
    bottleneck: Bottleneck | None
    compared: str
    findings: tuple[Finding, ...]
    trust: Trust
    fingerprint: str

    @cached_property
    def conformance(self) -> Conformance:
        """All criteria together."""
        return Conformance(
            *(sum(getattr(one.counts, name) for one in self.criteria) for name in ("met", "late", "waived", "skipped"))
        )

    def as_json(self) -> dict[str, Any]:
        """`hedef.process_check/1`."""
        return {
            "schema": "hedef.process_check/1",
            "process": self.version.id,
            "version": self.version.version,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_no,
            "stages": [one.as_json() for one in self.stages],
            "within_days": WITHIN_DAYS,
            "conformance": {
                **self.conformance.as_json(),
                "since": (self.as_of - YEAR).isoformat(),
                "criteria": [one.as_json() for one in self.criteria],
                "people": [
                    {"person": spell("person", person), **one.as_json()}
                    for person, one in self.people
                    if one.applicable >= ENOUGH_CHECKS
                ],
            },
            "bottleneck": None if self.bottleneck is None else self.bottleneck.as_json(),
            "compared_with": self.compared,
            "findings": [one.issue.as_json() for one in self.findings],
            "issues": [],
            "trust": self.trust.as_json(),
            "fingerprint": self.fingerprint,
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
    """Figures of each stage as of the end of a day, with findings.

    `decided` counts each deal once by its last state; deals never seen open belong to no stage (S9). NotFound for an
    unknown process; Forbidden for a viewer to whom the company's totals are not shown.
    """
    must_see_totals(viewer)
    at = pinned or pin(known_no=known_at)
    version = process_in_force(process, day=as_of, known_no=known_at)
    moment = calendar().end_us(as_of) if as_of_us is None else as_of_us
    asked = _Asked(at, version.document, as_of, moment)
    figures = asked.figures()
    rows = asked.conformance()
    criteria = _criteria(version.document, rows)
    worst, compared = asked.bottleneck()
    unclaimed, contested = misfits(in_force(as_of, known_no=known_at))
    return ProcessCheck(
        version=version,
        as_of=as_of,
        known_no=at.known_no,
        stages=tuple(figures),
        criteria=criteria,
        people=_people(rows),
        bottleneck=worst,
        compared=compared,
        findings=tuple(
            findings(
                version.document,
                figures,
                criteria,
                outside=_outside(at),
                as_of=as_of,
                unclaimed=unclaimed,
                contested=contested,
            )
        ),
        trust=asked.trust,
        fingerprint=_fingerprint(version, at, as_of, moment),
    )


def must_see_totals(viewer: Scope) -> None:
    """Forbidden for a viewer to whom the company's totals are not shown."""
    if not (viewer.everything or viewer.company_total):
        raise Forbidden("The figures of a process are totals of the company, which are not shown to you.")


class _Asked:
    """The questions behind the figures of one process at one point, each asked once."""

    def __init__(self, at: Pin, document: ProcessDocument, as_of: date, moment: int) -> None:
        self.pin, self.document, self.as_of = at, document, as_of
        self.params: dict[str, Any] = {"process": document.id, "as_of_us": moment, "as_of_day": as_of}
        self.trusts: list[Trust] = []

    def ask(self, name: str, *, windows: bool = False, **more: Any) -> list[dict[str, Any]]:
        lent = {"windows": self.windows} if windows else None
        answer = ask(f"process/{name}", params={**self.params, **more}, pin=self.pin, inputs=lent)
        self.trusts.append(answer.trust)
        return answer.as_dicts()

    @property
    def trust(self) -> Trust:
        return worst_trust(self.trusts)

    @cached_property
    def windows(self) -> pa.Table:
        """Everything; the last year; and for the bottleneck three quarters: the newest, a year and a quarter before.

        Those of cohorts end where deals have had their days.
        """
        end = self.as_of + timedelta(days=1)
        matured = end - timedelta(days=WITHIN_DAYS)
        ranges = [(_EVER, end), (end - YEAR, end), (matured - QUARTER, matured)]
        ranges += [(matured - QUARTER - back, matured - back) for back in (YEAR, QUARTER)]
        days = pa.date32()
        return pa.table(
            {
                "no": pa.array(range(len(ranges)), pa.int32()),
                "from_day": pa.array([one for one, _ in ranges], days),
                "to_day": pa.array([one for _, one in ranges], days),
            }
        )

    @cached_property
    def lengths(self) -> dict[tuple[str, int], Counter[int]]:
        found: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
        for row in self.ask("stage_lengths", windows=True):
            found[row["stage"], row["no"]][row["days"]] += row["n"]
        return found

    @cached_property
    def cohorts(self) -> dict[tuple[str, int], Cohort]:
        rows = self.ask("stage_cohorts", windows=True, within_days=WITHIN_DAYS)
        return {(row["stage"], row["no"]): Cohort(row["reached"], row["matured"], row["converted"]) for row in rows}

    def figures(self) -> list[StageFigures]:
        every: dict[str, Counter[int]] = defaultdict(Counter)
        for row in self.ask("stage_days"):
            every[row["stage"]][row["days"]] += row["n"]
        chances = self.chances()
        return [self._figures(row, every[row["stage"]], chances[row["stage"]]) for row in self.ask("stage_table")]

    def _figures(self, row: Mapping[str, Any], every: Counter[int], chance: Chance) -> StageFigures:
        limited = row["limit_days"] is not None
        lengths = self.lengths.get((row["stage"], _ALWAYS), Counter())
        return StageFigures(
            stage=row["stage"],
            category=row["category"],
            order=row["order_no"],
            entered=row["entered"],
            reached=row["reached"],
            decided=row["decided"],
            won=row["won"],
            standing=row["standing"],
            closed_visits=every.total(),
            median_days=median(every),
            time_in_stage=median(lengths),
            slow_days=quantile(lengths),
            clock=row["clock"],
            limit_days=row["limit_days"],
            near_limit=row["near_limit"] if limited else None,
            over_limit=row["over_limit"] if limited else None,
            last_entered=row["last_entered"],
            chance=chance,
            cohort=self.cohorts.get((row["stage"], _YEAR), Cohort()),
        )

    def chances(self) -> dict[str, Chance]:
        """The chance of every stage, by where its document takes it from."""
        since = self.as_of - YEAR
        (company,) = self.ask("company_rate", from_day=since)
        rows = {row["stage"]: (row["won"], row["decided"]) for row in self.ask("stage_chances", from_day=since)}
        told = (company["won"], company["decided"])
        return {one.id: _chance(one, rows.get(one.id, (0, 0)), told) for one in self.document.stages}

    def conformance(self) -> list[dict[str, Any]]:
        return self.ask("conformance", from_day=self.as_of - YEAR)

    def bottleneck(self) -> tuple[Bottleneck | None, str]:
        """Against the same quarter a year before; where that has too few cases, against the quarter before."""
        stages = [one.id for one in self.document.stages if one.category == "open"]
        former, compared = _YEAR_AGO, "year_before"
        if not any(self._window(stage, former).cohort.matured >= ENOUGH_CHECKS for stage in stages):
            former, compared = _QUARTER_AGO, "quarter_before"
        before = {stage: self._window(stage, former) for stage in stages}
        now = {stage: self._window(stage, _NOW) for stage in stages}
        return bottleneck(stages, before, now), compared

    def _window(self, stage: str, no: int) -> Window:
        return Window(self.cohorts.get((stage, no), Cohort()), self.lengths.get((stage, no), Counter()))


def _chance(stage: Stage, own: tuple[int, int], company: tuple[int, int]) -> Chance:
    rule = stage.probability
    source = rule.source if rule else "history"
    if stage.category in {"won", "lost"}:
        return Chance("fixed", Fraction(int(stage.category == "won")), *own, few=False)
    if rule is not None and rule.value is not None:
        return Chance("fixed", Fraction(rule.value), *own, few=False)
    fallback = Fraction(rule.fallback) if rule and rule.fallback else None
    shown = history_chance(*own, company, fallback)
    return Chance("rep" if source == "rep" else "history", shown, *own, few=own[1] < FEW_CASES)


def _criteria(document: ProcessDocument, rows: Sequence[Mapping[str, Any]]) -> tuple[CriterionFigures, ...]:
    """In the order of the document; criteria of former versions come last."""
    places = [(stage.id, one.id) for stage in document.stages for one in stage.exit]
    found: dict[tuple[str, str], list[tuple[str, int]]] = {place: [] for place in places}
    for row in rows:
        found.setdefault((row["stage"], row["criterion"]), []).append((row["result"], row["n"]))
    return tuple(CriterionFigures(*place, conformance_of(told)) for place, told in found.items())


def _people(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, Conformance], ...]:
    """Conformance of each owner, the one with most criteria first; deals without owner are left out."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in rows:
        if row["owner"] is not None:
            found[row["owner"]].append((row["result"], row["n"]))
    told = [(person, conformance_of(one)) for person, one in found.items()]
    return tuple(sorted(told, key=lambda one: (-one[1].applicable, one[0])))


def conformance_deals(
    process: str, *, as_of: date, as_of_us: int, pinned: Pin, stage: str = "", criterion: str = "", result: str = ""
) -> list[dict[str, Any]]:
    """The exits behind a number of conformance, newest first: deal, stage, criterion, owner, left_day, result."""
    given = {"stage": stage, "criterion": criterion, "result": result, "process": process}
    params = {**given, "as_of_us": as_of_us, "from_day": as_of - YEAR}
    return ask("process/conformance_deals", params=params, pin=pinned).as_dicts()


_OUTSIDE = Question(
    "process/outside",
    "SELECT count(*) AS deals FROM deal_now d LEFT JOIN (SELECT DISTINCT stage.process FROM stage) s "
    "ON s.process = d.process WHERE s.process IS NULL AND d.status IN ('open', 'hold')",
    tables=("deal_now", "stage"),
)


def _outside(at: Pin) -> int:
    """Open deals that are in no process."""
    return int(ask(_OUTSIDE, pin=at).as_dicts()[0]["deals"])


def _fingerprint(version: Version, at: Pin, as_of: date, moment: int) -> str:
    company = document_in_force("calendar", "company", day=as_of)
    used = [version, *([company] if company else [])]
    return publications.fingerprint(definitions=used, pin=at, as_of_us=moment)


def rate_text(one: Conformance) -> str | None:
    """The rate as JSON has it; none below 20 applicable criteria."""
    return fraction_text(one.rate) if one.applicable >= ENOUGH_CHECKS else None
