"""What a viewer may see. Every query takes one; only `access` makes them from users."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """`everything`, or own and led people with the teams whose totals may be shown (entity numbers)."""

    everything: bool = False
    people: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    totals: frozenset[int] = frozenset()  # teams above: their sums, not their members
    company_total: bool = False
    may_read_pay: bool = False

    def sees_person(self, person: int | None) -> bool:
        return self.everything or (person is not None and person in self.people)

    def sees_team(self, team: int | None) -> bool:
        return self.everything or (team is not None and (team in self.teams or team in self.totals))


EVERYTHING = Scope(everything=True, company_total=True, may_read_pay=True)
