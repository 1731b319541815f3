"""The trust of a question: the worst of what it reads, in its slice, as known at a seal and asked at a moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hedef.facts.queries import calendar as company_calendar
from hedef.intake.checks import as_trust
from hedef.intake.models import ImportJob, TrustState
from hedef.intake.trust.freshness import Heard, by_object, freshness
from hedef.intake.trust.measures import Limits
from hedef.intake.trust.rules import NO_RULES, RulesOf, any_rules, rules_of
from hedef.intake.trust.states import kept_states, state_trust
from hedef.kernel.instants import to_us
from hedef.kernel.trust import UNKNOWN, WHOLE, Reason, Slice, Trust, worst_trust
from hedef.ledger.queries import batches

# objects under which files speak of a kind besides its own name
ALSO: Mapping[str, tuple[str, ...]] = {"deal": ("deal_history",)}
_JOBS = 2_000

type Names = tuple[str, ...] | None


def trust_of(
    sources: str | Sequence[str] | None = None,
    objects: str | Sequence[str] | None = None,
    *,
    slice: Slice = WHOLE,  # noqa: A002 - the word of the page
    known_no: int | None = None,
    asked_us: int | None = None,
    known: "Known | None" = None,
) -> Trust:
    """The worst level of the checks of what a question reads; `unknown` where none ran.

    `sources` and `objects` none: all of them. `asked_us` is the moment asked about (none: now, or with `known_no` the
    moment of that seal): freshness is measured there, and before the start of a history its reason says so. `known` is
    what was read before, for several questions at one seal.
    """
    read = (known or Known(known_no)).of(_listed(sources), _with_also(_listed(objects)), asked_us)
    if not read.checks:
        return UNKNOWN
    if slice.whole or not read.parted:
        return read.whole
    trusts = [state_trust(one, slice, limits) for one, limits in read.checks]
    return _with_starts(worst_trust([*trusts, *read.fresh]), read.starts)


def _with_starts(found: Trust, starts: tuple[Reason, ...]) -> Trust:
    return Trust(found.level, (*found.reasons, *starts)) if starts else found


@dataclass(frozen=True, slots=True)
class Meant:
    """What speaks of the same objects at a moment, whatever the slice. `parted`: one of the checks knows its rows."""

    checks: tuple[tuple[TrustState, Limits], ...]
    fresh: tuple[Trust, ...]
    starts: tuple[Reason, ...]
    whole: Trust
    parted: bool


class Known:
    """What the gate knows at a seal, each part read once, when it is first needed."""

    def __init__(self, known_no: int | None = None) -> None:
        self.known_no = known_no
        self._rules: dict[tuple[str, str], RulesOf] = {}
        self._meant: dict[tuple[Names, Names, int | None], Meant] = {}

    @cached_property
    def states(self) -> list[TrustState]:
        return kept_states(self.known_no)

    @cached_property
    def heard(self) -> Mapping[tuple[str, str], Heard]:
        return heard(None, None, self.known_no)

    @cached_property
    def moment(self) -> int:
        return _moment(self.known_no)

    def of(self, names: Names, kinds: Names, asked_us: int | None) -> Meant:
        """What speaks of some objects; rows of a board ask for the same ones, each for its own people."""
        key = (names, kinds, asked_us)
        if key not in self._meant:
            self._meant[key] = self._read(names, kinds, asked_us)
        return self._meant[key]

    def _read(self, names: Names, kinds: Names, asked_us: int | None) -> Meant:
        states = [one for one in self.states if _meant(one.source, one.object, names, kinds)]
        if not states:
            return Meant((), (), (), UNKNOWN, parted=False)
        moment = self.moment if asked_us is None else asked_us
        came = {key: one for key, one in self.heard.items() if _meant(*key, names, kinds)}
        checks = tuple((one, self.rules(one.source, one.object).limits) for one in states)
        told = tuple(as_trust(one) for one in fresh(came, asked_us=moment, rules=self.rules))
        starts = tuple(_history_starts(came, moment)) if asked_us is not None else ()
        whole = worst_trust([*(state_trust(one, WHOLE, limits) for one, limits in checks), *told])
        parted = any(one.level not in ("trusted", "unknown") and one.slices for one in states)
        return Meant(checks, told, starts, _with_starts(whole, starts), parted)

    @cached_property
    def _any(self) -> bool:
        return any_rules(known_no=self.known_no)

    def rules(self, source: str, object_: str) -> RulesOf:
        """The rules of an object; no question to the database where the home has none."""
        if not self._any:
            return NO_RULES
        if (source, object_) not in self._rules:
            self._rules[source, object_] = rules_of(source, object_, known_no=self.known_no)
        return self._rules[source, object_]


def _meant(source: str, object_: str, names: Names, kinds: Names) -> bool:
    return (names is None or source in names) and (kinds is None or object_ in kinds)


def _listed(names: str | Sequence[str] | None) -> Names:
    return None if names is None else (names,) if isinstance(names, str) else tuple(names)


def _with_also(objects: Names) -> Names:
    if objects is None:
        return None
    return tuple(dict.fromkeys(name for one in objects for name in (one, *ALSO.get(one, ()))))


def _moment(known_no: int | None) -> int:
    """Now, or when a seal was given."""
    from hedef.settings import now

    if known_no is not None:
        found = batches(last=1, after=known_no, upto=known_no + 1)  # what came next ends what was known then
        if found and found[0].recorded_at is not None:
            return to_us(found[0].recorded_at)
    return to_us(now())


def heard(
    sources: Sequence[str] | None, objects: Sequence[str] | None, known_no: int | None
) -> Mapping[tuple[str, str], Heard]:
    """When every object of some sources came, as known at a seal."""
    jobs = ImportJob.objects.filter(state=ImportJob.State.DONE, fixes=None).exclude(object="")
    if sources is not None:
        jobs = jobs.filter(source__in=sources)
    if objects is not None:
        jobs = jobs.filter(object__in=objects)
    if known_no is not None:
        jobs = jobs.filter(head_seal__lte=known_no)
    told = jobs.order_by("-pk").values_list("source", "object", "exported_us", "started_us")[:_JOBS]
    return by_object(
        (source, object_, min(exported or began, began)) for source, object_, exported, began in told.iterator()
    )


def fresh(
    came: Mapping[tuple[str, str], Heard], *, asked_us: int, rules: Callable[[str, str], RulesOf]
) -> list[Reason]:
    """The freshness of every object that has a rhythm."""
    if not came:
        return []
    calendar, found = company_calendar(), []
    for one in came.values():
        theirs = rules(one.source, one.object)
        bound = theirs.limits.bounds.get("freshness")
        told = freshness(one, asked_us=asked_us, rhythm=theirs.rhythm, calendar=calendar, bound=bound)
        found += [] if told is None else [told]
    return found


def freshness_now(*, asked_us: int, sources: Sequence[str] | None = None) -> list[Reason]:
    """The freshness of every object of some sources at a moment."""
    return fresh(heard(sources, None, None), asked_us=asked_us, rules=Known().rules)


def _history_starts(came: Mapping[tuple[str, str], Heard], asked_us: int) -> list[Reason]:
    """For moments before the first export of a snapshot source: its times of change are assumed there.

    A history file of the source tells them, so nothing is assumed where one was read.
    """
    calendar, found = company_calendar(), []
    for (source, object_), one in sorted(came.items()):
        first = min(one.moments)
        if object_ == "deal" and (source, "deal_history") not in came and asked_us < first:
            found.append(Reason("history_starts", "trusted", source, object_, day=calendar.day_of(first)))
    return found
