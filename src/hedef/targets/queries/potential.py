"""Territory potential as a weight (T2): the yearly revenue of the accounts that somebody holds, by share."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from hedef.records import queries as records
from hedef.targets.engine.rollup import person_scope, team_scope
from hedef.targets.engine.split import Node

WHOLE_BP = 10_000


def potentials(root: Node, day: date) -> dict[str, Fraction | None]:
    """Scope -> revenue of the accounts held on `day`; a team counts what it and everybody below it hold. None: nothing.

    Only holds that name an account count; revenues of different currencies are compared as they stand.
    """
    held: dict[str, Fraction] = defaultdict(Fraction)
    for hold in records.rows("territory_hold"):
        begun = hold["from_day"] is None or hold["from_day"] <= day
        if not begun or (hold["to_day"] is not None and hold["to_day"] <= day) or hold["account"] is None:
            continue
        revenue = sum(row["revenue_minor"] or 0 for row in records.rows("account", entities=[hold["account"]]))
        share = Fraction(hold["share_bp"] if hold["share_bp"] is not None else WHOLE_BP, WHOLE_BP)
        for scope in filter(None, (_person(hold["person"]), _team(hold["team"]) if hold["person"] is None else None)):
            held[scope] += revenue * share
    found: dict[str, Fraction | None] = {}

    def total(node: Node) -> Fraction:
        own = held.get(node.scope, Fraction(0)) + sum((total(child) for child in node.children), Fraction(0))
        found[node.scope] = own or None
        return own

    total(root)
    return found


def _person(number: int | None) -> str | None:
    return None if number is None else person_scope(number)


def _team(number: int | None) -> str | None:
    return None if number is None else team_scope(number)
