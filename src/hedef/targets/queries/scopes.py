"""Scopes and people: whose target a text means (ids, e-mails, handles, confirmed aliases and exact names; never a
similar name), what a scope is called, and who sees its line."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hedef.kernel.ids import parse
from hedef.kernel.scope import Scope
from hedef.records.engine.names import normalise
from hedef.records.queries import columns_of, every_alias, every_key
from hedef.records.queries import names as names_of
from hedef.targets.engine.rollup import person_scope, team_scope


def scope_names(scopes: Iterable[str]) -> dict[str, str]:
    """The names of teams and people, by scope; other scopes have none."""
    entities: dict[str, dict[int, str]] = {"team": {}, "person": {}}
    for scope in scopes:
        kind, _, name = scope.partition(":")
        if kind in entities:
            entities[kind][parse(name)[1]] = scope
    told: dict[str, str] = {}
    for kind, wanted in entities.items():
        texts = names_of(wanted, kind=kind) if wanted else {}
        told |= {scope: texts[number] for number, scope in wanted.items()}
    return told


def sees_scope(viewer: Scope, scope: str) -> bool:
    """Whether a viewer sees the line of a scope: own people and teams, totals of the teams above."""
    kind, _, name = scope.partition(":")
    if kind == "person":
        return viewer.sees_person(parse(name)[1])
    if kind == "team":
        return viewer.sees_team(parse(name)[1])
    return viewer.company_total and kind != "unassigned"


@dataclass
class _Spellings:
    """Spelling -> entities it may mean, the strongest first: a weaker one never overrules it."""

    levels: list[dict[str, set[int]]] = field(default_factory=list)

    def add(self, pairs: Iterable[tuple[str | None, int]]) -> None:
        found: dict[str, set[int]] = defaultdict(set)
        for text, entity in pairs:
            if text:
                found[text].add(entity)
        self.levels.append(found)

    def get(self, *keys: str) -> set[int]:
        return next((level[key] for level in self.levels for key in keys if key in level), set())


@dataclass(frozen=True)
class Who:
    """Everybody by every spelling, read once a file."""

    people: _Spellings
    teams: _Spellings
    living: frozenset[int]

    def scope(self, by: str, text: str) -> str | None:
        """`company`, `team:T-2` or `person:P-17`; none for nobody, or for a spelling of several."""
        wanted = text.strip()
        kind, _, rest = wanted.partition(":")
        if wanted.casefold() in {"company", "şirket", "sirket"}:
            return "company"
        if kind in {"team", "person"} and rest:
            return self._one(kind, rest)
        if by in {"team", "person"}:
            return self._one(by, wanted)
        return self._one("person", wanted) or self._one("team", wanted)

    def _one(self, kind: str, text: str) -> str | None:
        spell = person_scope if kind == "person" else team_scope
        try:
            of, number = parse(text)
        except ValueError:
            spellings = self.people if kind == "person" else self.teams
            found = spellings.get(text, text.casefold(), normalise(text))
            return spell(next(iter(found))) if len(found) == 1 else None
        return spell(number) if of in (None, kind) and number in self.living else None


def everybody(source: str | None = None) -> Who:
    """Spellings of people and teams; keys of `source` count before those of other sources."""
    people, teams = _Spellings(), _Spellings()
    for kind, spellings in (("person", people), ("team", teams)):
        told = every_key(kind)
        spellings.add((text, entity) for text, entity, name in told if name == source)
        spellings.add((text, entity) for text, entity, _ in told)
        spellings.add((text.casefold(), entity) for text, entity, _ in told)
    persons = _living("person", "email", "handle", "employee_no", "name_key")
    people.add((_plain(email), entity) for entity, email, *_ in persons)
    people.add((_plain(handle), entity) for entity, _, handle, *_ in persons)
    people.add((number, entity) for entity, _, _, number, _ in persons)
    people.add(every_alias("person"))
    people.add((key, entity) for entity, *_, key in persons)
    groups = _living("team", "handle", "name_key")
    teams.add((_plain(handle), entity) for entity, handle, _ in groups)
    teams.add(every_alias("team"))
    teams.add((key, entity) for entity, *_, key in groups)
    return Who(people, teams, frozenset(entity for entity, *_ in (*persons, *groups)))


def _living(kind: str, *columns: str) -> list[tuple[Any, ...]]:
    return [(row[0], *row[2:]) for row in columns_of(kind, ("entity", "ended_us", *columns)) if row[1] is None]


def _plain(text: str | None) -> str | None:
    return text.casefold() if text else None
