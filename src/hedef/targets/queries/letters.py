"""Target letters (T14): what a published version asks of each person, how it was made, and what the person answered.

A letter is bound to the hash of the version: a new version asks again, and shows the difference to the one before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hedef.definitions import queries as definitions
from hedef.definitions.queries import Version
from hedef.facts import queries as facts
from hedef.kernel.errors import NotFound
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.records import queries as records
from hedef.records.queries import Acknowledged
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.lines import Deriver
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.rollup import entity_of, person_scope
from hedef.targets.engine.units import ADDITIVE
from hedef.targets.queries.lines import given_lines
from hedef.targets.queries.plans import KIND, metric_of
from hedef.targets.schema import TargetPlan

OPEN = "open"


@dataclass(frozen=True)
class LetterLine:
    """One number of a letter in smallest steps; `before` is that of the version before (none: it had none)."""

    period: str
    value: int
    before: int | None
    origin: str
    floor: int | None = None
    stretch: int | None = None
    parent: str | None = None  # the scope it was cut from
    parent_value: int | None = None
    parts: tuple[tuple[str, int], ...] = ()  # the line month by month, as the plan phases it


@dataclass(frozen=True)
class Letter:
    """What one version asks of one person. `answer` is what the person said to this very version, none: open."""

    person: int
    name: str
    version: Version
    lines: tuple[LetterLine, ...]
    answer: Acknowledged | None = None
    former: Acknowledged | None = None  # the newest answer to an earlier version
    manager: int | None = None
    manager_name: str | None = None

    @property
    def state(self) -> str:
        """open, acknowledged or disagreed."""
        return OPEN if self.answer is None else self.answer.answer

    @property
    def changed(self) -> bool:
        """Whether an earlier version said another number."""
        return any(one.before is not None and one.before != one.value for one in self.lines)


def published(plan: str) -> Version | None:
    """The newest version of a plan that was approved and stands; none before the first."""
    found = [one for one in definitions.versions(KIND, plan) if one.approver and one.state != "retired"]
    return found[-1] if found else None


def version_before(version: Version) -> Version | None:
    """The approved version before, whose numbers a letter is compared with."""
    found = [one for one in definitions.versions(KIND, version.id) if one.approver and one.version < version.version]
    return found[-1] if found else None


def letters(plan: str, *, scope: Scope = EVERYTHING, people: Collection[int] | None = None) -> list[Letter]:
    """The letters of a plan's newest published version to the people in scope, by name.

    NotFound for an unknown plan or one that was never published.
    """
    version = published(plan)
    if version is None:
        definitions.get(KIND, plan, None)  # NotFound for an unknown one
        raise NotFound(
            f"{plan} was never published: there are no letters.", hint=f"hedef targets publish --plan {plan}"
        )
    wanted = None if people is None else set(people)
    found = _by_person(given_lines(plan, version.version))
    found = {one: lines for one, lines in found.items() if scope.sees_person(one) and (wanted is None or one in wanted)}
    answers = _answers(version, found)
    return sorted((_letter(one, lines, version, answers) for one, lines in found.items()), key=_by_name)


def _by_name(letter: Letter) -> tuple[str, int]:
    from hedef.records.engine.names import normalise

    return normalise(letter.name), letter.person


def letter(plan: str, person: int, *, scope: Scope = EVERYTHING) -> Letter:
    """One letter with its months and whom to ask. NotFound where the version has nothing for the person."""
    found = letters(plan, scope=scope, people=[person])
    if not found:
        raise NotFound(
            f"{plan} has no target letter for this person.", hint="A letter goes to who has a line of its own."
        )
    one = found[0]
    today = definitions.today()
    manager = records.manager_of(person, today)
    name = None if manager is None else records.names([manager], kind="person")[manager]
    lines = tuple(replace(line, parts=_parts(line, one.version)) for line in one.lines)
    return replace(one, lines=lines, manager=manager, manager_name=name)


def _parts(line: LetterLine, version: Version) -> tuple[tuple[str, int], ...]:
    """The line over its months; nothing for a level target, which is never divided."""
    plan: TargetPlan = version.document
    calendar = facts.calendar()
    period = calendar.period(line.period)
    if metric_of(plan).calc not in ADDITIVE or period.kind not in {"quarter", "half", "year"}:
        return ()
    by = plan.phasing.by if plan.phasing.by in {"even", "working"} else "working"
    deriver = Deriver(calendar, Phasing(by))
    return tuple((month.id, value) for month, value in deriver.months(line.value, period))


def _by_person(lines: Collection[GivenLine]) -> dict[int, list[LetterLine]]:
    values = {line.key: line.value for line in lines}
    found: dict[int, list[LetterLine]] = defaultdict(list)
    for line in lines:
        if line.scope.startswith("person:"):
            parent = line.parent
            found[entity_of(line.scope)].append(
                LetterLine(
                    line.period,
                    line.value,
                    None,
                    line.origin,
                    line.floor,
                    line.stretch,
                    None if parent is None else parent[0],
                    None if parent is None else values.get(parent),
                )
            )
    return found


@dataclass(frozen=True)
class _Answers:
    own: Mapping[int, Acknowledged]
    former: Mapping[int, Acknowledged]
    before: Mapping[tuple[str, str], int]
    names: Mapping[int, str]


def _answers(version: Version, people: Collection[int]) -> _Answers:
    every = [one for one in definitions.versions(KIND, version.id) if one.approver]
    said = records.acknowledgements(documents=[one.reference for one in every])
    own = {one.person: one for one in said if (one.document, one.digest) == (version.reference, version.hash)}
    former = {one.person: one for one in said if one.document != version.reference}
    last = version_before(version)
    before = {} if last is None else {line.key: line.value for line in given_lines(last.id, last.version)}
    return _Answers(own, former, before, records.names(people, kind="person") if people else {})


def _letter(person: int, lines: list[LetterLine], version: Version, answers: _Answers) -> Letter:
    scope = person_scope(person)
    told = tuple(replace(line, before=answers.before.get((scope, line.period))) for line in lines)
    name = answers.names.get(person, str(person))
    return Letter(person, name, version, told, answers.own.get(person), answers.former.get(person))


def letters_of(person: int) -> list[Letter]:
    """The letters of every published plan to one person, open ones first."""
    found: list[Letter] = []
    for one in definitions.list_documents(KIND):
        version = published(one.id)
        if version is not None:
            found += letters(one.id, people=[person])
    return sorted(found, key=lambda one: (one.state != OPEN, one.version.id))


def is_over(letter: Letter, day: date) -> bool:
    """Whether every period of a letter has ended: then nobody is asked for an answer any more."""
    calendar = facts.calendar()
    return all(calendar.period(line.period).end < day for line in letter.lines)


def acknowledged_people(version: Version) -> frozenset[int]:
    """Who has acknowledged this very version (a disagreement is an answer, but no acknowledgement)."""
    said = records.acknowledgements(document=version.reference)
    return frozenset(one.person for one in said if one.digest == version.hash and one.answer == "acknowledged")


def letter_json(found: Letter) -> dict[str, Any]:
    """A letter as `hedef.targets/1` carries it under `letters`."""
    from hedef.kernel.ids import spell
    from hedef.targets.queries.show import step_json

    plan: TargetPlan = found.version.document
    metric = metric_of(plan)

    def shown(value: int | None) -> str | int | None:
        return step_json(value, metric.unit, plan.metric.currency)

    return {
        "person": spell("person", found.person),
        "name": found.name,
        "document": found.version.reference,
        "hash": found.version.hash,
        "state": found.state,
        "sentence": None if found.answer is None else found.answer.sentence,
        "metric": plan.metric.metric,
        "says": None if metric.says is None else {"en": metric.says.en, "tr": metric.says.tr},
        "currency": plan.metric.currency,
        "phasing": plan.phasing.by,
        "ask": None if found.manager is None else spell("person", found.manager),
        "owner": plan.owner,
        "lines": [
            {
                "period": line.period,
                "value": shown(line.value),
                "before": shown(line.before),
                "origin": line.origin,
                "parent": line.parent,
                "parent_value": shown(line.parent_value),
                "floor": shown(line.floor),
                "stretch": shown(line.stretch),
                "months": [{"period": name, "value": shown(value)} for name, value in line.parts],
            }
            for line in found.lines
        ],
    }


__all__ = [
    "OPEN",
    "Letter",
    "LetterLine",
    "acknowledged_people",
    "letter",
    "letter_json",
    "letters",
    "letters_of",
    "published",
]
