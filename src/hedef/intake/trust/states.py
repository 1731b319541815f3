"""What was measured, newest first: states of checks, as known at a seal."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from fractions import Fraction

from django.db.models import Max, QuerySet

from hedef.intake.checks import BOUNDS, NEVER_BLOCKS, Slices, as_trust, capped, level_of, slices_of
from hedef.intake.models import TrustState
from hedef.intake.trust.measures import Limits
from hedef.intake.trust.rules import any_rules, limits_of, rules_of
from hedef.kernel.trust import WHOLE, Reason, Slice, Trust, TrustLevel
from hedef.ledger.queries import newest_of, undoings


def newest_states(
    *, sources: Sequence[str] | None = None, objects: Sequence[str] | None = None, known_no: int | None = None
) -> list[TrustState]:
    """The newest state of every check as known at a seal number (none: the newest)."""
    states = TrustState.objects.all()
    if sources is not None:
        states = states.filter(source__in=sources)
    if objects is not None:
        states = states.filter(object__in=objects)
    if known_no is not None:
        states = states.filter(seal_no__lte=known_no)
    found = _newest(states)
    while taken_back := _undone([one.batch for one in found if one.batch is not None], known_no):
        states = states.exclude(batch__in=taken_back)  # what was undone says nothing any more
        found = _newest(states)
    _under_rules(found, known_no)
    return found


def kept_states(known_no: int | None = None) -> list[TrustState]:
    """`newest_states` of everything, read again when something was measured or undone, rules changed or a day began."""
    from hedef.definitions.queries import today

    newest = TrustState.objects.order_by("-pk").values_list("pk", flat=True).first()
    rules = newest_of("definition")
    key = (rules, newest_of("undo"), newest, known_no, today())
    found = _kept.get(key) if rules[0] else None
    if found is None:
        found = newest_states(known_no=known_no)
        if len(_kept) >= _KEPT:
            _kept.clear()
        _kept[key] = found
    return found


_KEPT = 16
_kept: dict[Hashable, list[TrustState]] = {}


def _under_rules(states: Sequence[TrustState], known_no: int | None) -> None:
    """Levels under the limits of documents that came into force after the measurement, as known at a seal."""
    if not states or not any_rules(known_no=known_no):
        return
    limits: dict[tuple[str, str], Limits] = {}
    for one in states:
        key = (one.source, one.object)
        if key not in limits:
            limits[key] = rules_of(*key, known_no=known_no).limits
        one.level = judged_again(one, limits[key])


def _undone(numbers: Sequence[int], known_no: int | None) -> list[int]:
    told = undoings(numbers) if numbers else {}
    return [no for no, by in told.items() if known_no is None or (by.seal_no or 0) <= known_no]


def _newest(states: QuerySet[TrustState]) -> list[TrustState]:
    newest = states.values("source", "object", "check_name").annotate(newest=Max("pk")).values("newest")
    return list(TrustState.objects.filter(pk__in=newest).order_by("source", "object", "check_name"))


def trend(source: str, object_: str, check: str, *, last: int = 12) -> list[TrustState]:
    """The last measurements of one check, oldest first."""
    rows = TrustState.objects.filter(source=source, object=object_, check_name=check).order_by("-pk")[:last]
    return list(rows)[::-1]


def reason_of(state: TrustState) -> Reason:
    """A state as the reason of a level."""
    told: TrustLevel = state.level  # type: ignore[assignment]  # the gate writes the four words
    return Reason(
        state.check_name,
        told,
        state.source,
        state.object,
        state.what,
        state.rows,
        state.judged,
        state.measured,
        state.bound,
        state.batch,
        state.file_name,
    )


def _slices(state: TrustState) -> Slices | None:
    """The slices of a state, read once: every row of a board asks."""
    if "read_slices" not in state.__dict__:
        state.__dict__["read_slices"] = slices_of(state.slices)
    found: Slices | None = state.__dict__["read_slices"]
    return found


def state_trust(state: TrustState, part: Slice = WHOLE, limits: Limits | None = None) -> Trust:
    """One check as a trust with its reason; in a slice where the state knows which rows it found.

    `limits`: those in force for the source and object (none: they are looked up).
    """
    slices = None if part.whole or state.level in ("trusted", "unknown") else _slices(state)
    if slices is None:
        return as_trust(reason_of(state))
    found, judged = slices.of(part.people, part.months)
    if not found:
        return Trust("trusted")
    whole = reason_of(state)
    bound = (limits or limits_of(state.source, state.object)).bound(whole.key)
    level = level_of(Fraction(found * 10_000, judged), bound)
    measured = found * 10_000 // judged
    return as_trust(replace(whole, level=level, rows=found, judged=judged, measured=measured))


def judged_again(state: TrustState, limits: Limits) -> str:
    """The level that a kept measurement would have under other limits."""
    key = reason_of(state).key
    if key not in limits.bounds:
        return state.level
    share = state.check_name in ("domain", "uniqueness", "referential", "history") or key == "completeness"
    exact = Fraction(state.rows * 10_000, max(state.judged, 1)) if share else Fraction(state.measured)
    partial = key == "completeness.rows" and state.level == "caution" and level_of(exact, BOUNDS[key]) == "blocked"
    at_most: TrustLevel | None = "caution" if state.check_name in NEVER_BLOCKS or partial else None
    return capped(level_of(exact, limits.bounds[key]), at_most)
