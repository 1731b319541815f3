"""A person's target of a period: the line, what of it the days carry, and where it belongs (T5, T6, T8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm

from hedef.kernel.calendar import Period
from hedef.kernel.money import largest_remainder, round_half_away
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Book, Deriver, Edition, Piece, Span
from hedef.targets.engine.presence import ALWAYS, Member, PeopleRules, Stays, present, vacancy, within

ZERO = Fraction(0)
type _Place = tuple[int | None, bool]  # team, and whether the days are a vacancy


@dataclass(frozen=True, slots=True)
class Carried:
    """A target of one scope: `full` as the lines say, `target` as the days carry it, `expected` by as_of (exact).

    `by_team` cuts target and expected by the team in which the days were spent (none: in no team); `vacant` is what a
    leaver left behind, `how` and `notes` say where the number comes from.
    """

    full: int
    target: int
    expected: Fraction
    how: str = "given"
    by_team: Mapping[int | None, tuple[int, Fraction]] = field(default_factory=dict)
    vacant: Mapping[int | None, tuple[int, Fraction]] = field(default_factory=dict)
    stays: Stays = ALWAYS
    notes: tuple[str, ...] = ()
    country: str | None = None  # whose holidays counted; none: the company's


def derive_all(
    scope: str, period: Period, editions: Sequence[Edition], deriver: Deriver, *, additive: bool
) -> tuple[list[tuple[Edition, Piece]], str]:
    """Pieces of every version that speaks for days of the period, and how those of the newest one were found."""
    found: list[tuple[Edition, Piece]] = []
    how = "none"
    for edition in editions:
        book = edition.books.get(scope)
        if book is None:
            continue
        derived = deriver.derive(book, period) if additive else deriver.level(book, period)
        found += [(edition, piece) for piece in derived.pieces]
        how = derived.how
    return found, how


@dataclass(frozen=True, slots=True)
class Shape:
    """What books with lines for the same periods have in common: which lines count, and how much of each is over.

    `elapsed[i] / denominator` is the share of line i that should be there by now. Most people of a big board share one.
    """

    how: str
    spans: tuple[Span, ...]
    elapsed: tuple[int, ...]
    denominator: int


def shape_of(book: Book, period: Period, deriver: Deriver, clock: Clock) -> Shape | None:
    """The shape of a book, or none where values must be cut to fit the period."""
    derived = deriver.derive(book, period)
    spans = tuple((piece.period.start, piece.period.end) for piece in derived.pieces)
    whole = all(book.get(span) == piece.value for span, piece in zip(spans, derived.pieces, strict=True))
    if not spans or derived.how == "phased" or not whole:
        return None
    shares = [clock.elapsed(piece.period) for piece in derived.pieces]
    denominator = lcm(*(share.denominator for share in shares))
    elapsed = tuple(share.numerator * (denominator // share.denominator) for share in shares)
    return Shape(derived.how, spans, elapsed, denominator)


def carry_simply(book: Book, shape: Shape, stays: Stays, country: str | None = None) -> Carried:
    """As `carry` for who is simply there: whole lines, no days to weigh."""
    values = [book[span] for span in shape.spans]
    target = sum(values)
    done = sum(value * share for value, share in zip(values, shape.elapsed, strict=True))
    expected = Fraction(done, shape.denominator)
    by_team = {stays[0].team: (target, expected)}
    return Carried(target, target, expected, shape.how, by_team, stays=stays, country=country)


def carry(pieces: Sequence[tuple[Edition, Piece]], how: str, stays: Stays, clock: Clock) -> Carried:
    """Value and expectation of the pieces over the stays; each line is rounded once, and its parts add up to it."""
    lines: dict[Period, list[tuple[Edition, Piece]]] = {}
    for edition, piece in pieces:
        lines.setdefault(piece.period, []).append((edition, piece))
    full = 0
    parts: dict[_Place, tuple[int, Fraction]] = {}
    for period, versions in lines.items():
        full += versions[-1][1].value
        for place, (value, expected) in _line(period, versions, stays, clock).items():
            had = parts.get(place, (0, ZERO))
            parts[place] = (had[0] + value, had[1] + expected)
    by_team = {team: part for (team, vacant), part in parts.items() if not vacant}
    return Carried(
        full=full,
        target=sum(value for value, _ in by_team.values()),
        expected=sum((expected for _, expected in by_team.values()), ZERO),
        how=how,
        by_team=by_team,
        vacant={team: part for (team, vacant), part in parts.items() if vacant},
        stays=tuple(stay for stay in stays if not stay.vacant),
    )


def _line(
    period: Period, versions: Sequence[tuple[Edition, Piece]], stays: Stays, clock: Clock
) -> dict[_Place, tuple[int, Fraction]]:
    """One line's period, cut by place: its versions each count on their own days (T8)."""
    exact: dict[_Place, Fraction] = {}
    done: dict[_Place, Fraction] = {}
    for edition, piece in versions:
        own = within(stays, edition.start, edition.end)
        for place in dict.fromkeys((stay.team, stay.vacant) for stay in own):
            mine = tuple(stay for stay in own if (stay.team, stay.vacant) == place)
            value = piece.value * clock.carried(period, mine)
            exact[place] = exact.get(place, ZERO) + value
            done[place] = done.get(place, ZERO) + value * clock.elapsed(period, mine)
    total = sum(exact.values(), ZERO)
    if not total:
        return dict.fromkeys(exact, (0, ZERO))
    parts = largest_remainder(round_half_away(total), [abs(value) for value in exact.values()])
    return {
        place: (part, part * done[place] / exact[place] if exact[place] else ZERO)
        for place, part in zip(exact, parts, strict=True)
    }


def carry_person(
    member: Member,
    pieces: Sequence[tuple[Edition, Piece]],
    how: str,
    *,
    period: Period,
    rules: PeopleRules,
    clock: Clock,
) -> Carried:
    """What a person carries of the lines; a leaver's rest stays with the last team as vacant under `team_keeps`."""
    stays = present(member, start=period.start, end=period.end, rules=rules)
    notes = _notes(stays, member, period)
    left = "left" in notes and rules.leaver == "team_keeps"
    rest = (vacancy(member, stays, period.start),) if left else ()
    return replace(carry(pieces, how, (*stays, *rest), clock), notes=notes, country=member.country)


def _notes(stays: Stays, member: Member, period: Period) -> tuple[str, ...]:
    if len(stays) == 1 and stays[0].factor == 1 and stays[0].start <= period.start and stays[0].end > period.end:
        return ()
    gone = not stays and member.left is not None and member.left < period.start
    notes = []
    if not gone and (not stays or stays[0].start > period.start):
        notes.append("joined")
    if gone or (stays and stays[-1].end <= period.end):
        notes.append("left")
    if len({stay.team for stay in stays}) > 1:
        notes.append("moved")
    if any(stay.factor < 1 for stay in stays):
        notes.append("ramp" if not member.times else "part_time")
    return tuple(notes)
