"""An independent fold in plain Python: what stood at (effective, known), without deltas. The judge of the engine."""

import json
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

FIELDS = (
    "process",
    "stage",
    "status",
    "owner",
    "amount_minor",
    "currency",
    "close_on",
    "category",
    "splits",
    "lost_reason",
)


@dataclass(frozen=True)
class Told:
    """One change as a test writes it down."""

    seal: int
    ord: int
    deal: int
    act: str
    us: int
    fields: dict = field(default_factory=dict)
    void: tuple[int, int] | None = None


def counting(told: list[Told], undoes: dict[int, int], known: int) -> list[Told]:
    """Changes that count at `known`: sealed by then, of no undone batch, named by no counting void."""
    dead_batches: set[int] = set()
    for seal in range(known, 0, -1):
        if seal in undoes and seal not in dead_batches:
            dead_batches.add(undoes[seal])
    here = [one for one in told if one.seal <= known and one.seal not in dead_batches]
    dead: set[tuple[int, int]] = set()
    for one in sorted(here, key=lambda one: (one.seal, one.ord), reverse=True):
        if one.act == "void" and (one.seal, one.ord) not in dead:
            dead.add(one.void)
    return [one for one in here if one.act != "void" and (one.seal, one.ord) not in dead]


def by_deal(told: list[Told], undoes: dict[int, int], known: int) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = {}
    for one in sorted(counting(told, undoes, known), key=lambda one: (one.us, one.seal, one.ord)):
        found.setdefault(one.deal, []).append(one)
    return found


def walk(changes: list[Told]):
    """(change, state after it, lives after it) one after the other."""
    state, lives = dict.fromkeys(FIELDS), True
    for one in changes:
        state = {**state, **one.fields}
        if one.act in ("end", "merge"):
            lives = False
        elif one.act == "revive":
            lives = True
        yield one, state, lives


def pipeline(told, undoes, *, us, known) -> Counter:
    """Deals and amounts that stand at (us, known), by everything that tells deals apart."""
    found: Counter = Counter()
    for deal, changes in by_deal(told, undoes, known).items():
        last = None
        for one, state, lives in walk(changes):
            if one.us <= us:
                last = state if lives else None
        if last is not None:
            found[(deal, last["process"], last["stage"], last["status"], last["owner"], last["close_on"],
                   last["currency"], last["amount_minor"])] += 1  # fmt: skip
    return found


def closings(told, undoes, *, us, known) -> dict[int, tuple]:
    """The closing that stands for each deal at (us, known)."""
    found = {}
    for deal, changes in by_deal(told, undoes, known).items():
        standing = None
        instants = sorted({one.us for one in changes if one.us <= us})
        for instant in instants:
            *_, (_, state, lives) = walk([one for one in changes if one.us <= instant])
            closed = lives and state["status"] in ("won", "lost")
            if not closed:
                standing = None
            elif standing is None or standing["outcome"] != state["status"]:
                standing = {"owner": state["owner"], "process": state["process"], "outcome": state["status"]}
            if standing is not None:
                reason = state["lost_reason"] if state["status"] == "lost" else None
                standing |= {"amount": state["amount_minor"], "currency": state["currency"]}
                standing |= {"close_on": state["close_on"], "reason": reason, "splits": state["splits"]}
        if standing is not None:
            found[deal] = standing
    return found


def closing_rows(told, undoes, *, us, known) -> Counter:
    names = ("outcome", "owner", "process", "close_on", "currency", "reason", "amount")
    found = closings(told, undoes, us=us, known=known)
    return Counter((deal, *(one[name] for name in names)) for deal, one in found.items())


def shared(amount: int | None, splits: str | None, owner: int | None) -> list[tuple]:
    """(person, kind, share, part) of each member, by hand: floor first, what is left to the largest remainders."""
    if splits is None:
        return [(owner, "revenue", 10_000, amount)]
    members = json.loads(splits)
    if amount is None:
        return [(one["person"], one["kind"], one["share_bp"], None) for one in members]
    revenue = [place for place, one in enumerate(members) if one["kind"] == "revenue"]
    total = sum(members[place]["share_bp"] for place in revenue)
    size, sign = abs(amount), (1 if amount >= 0 else -1)
    parts = {place: size * members[place]["share_bp"] // total for place in revenue}
    remainder = {place: Fraction(size * members[place]["share_bp"], total) - parts[place] for place in revenue}
    left = size - sum(parts.values())
    for place in sorted(revenue, key=lambda place: (-remainder[place], -members[place]["share_bp"], place))[:left]:
        parts[place] += 1
    found = []
    for place, one in enumerate(members):
        part = parts[place] if place in parts else (size * one["share_bp"] * 2 + 10_000) // 20_000
        found.append((one["person"], one["kind"], one["share_bp"], sign * part))
    return found


def credited_closings(told, undoes, *, us, known) -> Counter:
    return Counter(
        (deal, one["outcome"], *member)
        for deal, one in closings(told, undoes, us=us, known=known).items()
        for member in shared(one["amount"], one["splits"], one["owner"])
    )


def visits(told, undoes, *, known) -> set[tuple]:
    """(deal, process, stage, visit, entry, entered, left, left_to, owner, amount) of every visit as known."""
    found = set()
    for deal, changes in by_deal(told, undoes, known).items():
        runs: list[dict] = []
        for one, state, lives in walk(changes):
            place = (
                (state["process"], state["stage"])
                if lives and state["stage"] is not None
                else ("-", lives, state["process"])
            )
            if runs and runs[-1]["place"] == place:
                continue
            if runs:
                last = runs[-1]
                last["left"] = one.us
                last["to"] = (
                    "ended" if not lives else "moved" if state["process"] != last["process"] else state["stage"]
                )
            told_then = {"owner": state["owner"], "amount": state["amount_minor"]}
            real = lives and state["stage"] is not None
            runs.append(
                {"place": place, "process": state["process"], "stage": state["stage"], "in": one.us, "left": None}
            )
            runs[-1] |= {"to": None, "real": real, **told_then}
        entries: Counter = Counter()
        number = 0
        for run in runs:
            if run["real"]:
                number += 1
                entries[run["place"]] += 1
                found.add((deal, run["process"], run["stage"], number, entries[run["place"]], run["in"], run["left"],
                           run["to"], run["owner"], run["amount"]))  # fmt: skip
    return found


def living_deals(told, undoes, *, known) -> set[tuple]:
    """(deal, stage, status, owner, amount) after all known changes, whatever their dates."""
    found = set()
    for deal, changes in by_deal(told, undoes, known).items():
        *_, (_, state, lives) = walk(changes)
        if lives:
            found.add((deal, state["stage"], state["status"], state["owner"], state["amount_minor"]))
    return found
