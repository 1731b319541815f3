"""The screen on the wall: one slide after the other, company first, then each team with its people."""

from dataclasses import dataclass, replace

from django.core import signing
from django.core.signing import BadSignature

from hedef.access.models import User
from hedef.call import Call
from hedef.metrics.page.shown import in_words
from hedef.targets.page import asked as question
from hedef.targets.page.asked import Asked
from hedef.targets.page.cards import CARDS, Card, feeding, feeding_cards, main_card
from hedef.targets.page.tree import Line, lines_of, past_of

SALT = "targets.tv"
LINK_DAYS = 180
SECONDS = 20
ROWS = 12  # people or teams on one slide; more go on to the next one
AGAIN = 60  # seconds until a screen that has nothing to show looks again


@dataclass(frozen=True)
class Slide:
    """One picture: a scope with its rows. `place` of `count` slides."""

    asked: Asked
    line: Line
    rows: tuple[Line, ...]
    place: int
    count: int
    title: str
    metric: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class _Plan:
    line: Line
    rows: tuple[Line, ...]


def slide(call: Call, given: dict[str, str], number: int) -> Slide | None:
    """The n-th slide, round and round; none where no plan has targets for the period or nothing may be seen."""
    asked = question.read(call, {**given, "by": "tree"})
    board = asked.board
    if board is None:
        return None
    lines = lines_of(asked, board, past_of(asked, board))
    plans = [one for one in _plans(lines) if not given.get("scope") or one.line.scope == asked.focus]
    if not plans:
        return None
    place = number % len(plans)
    chosen = plans[place]
    return Slide(
        asked=asked,
        line=chosen.line,
        rows=chosen.rows,
        place=place,
        count=len(plans),
        title=chosen.line.name,
        metric=in_words(board.metric.name),
        cards=tuple(_cards(asked, chosen.line)),
    )


def _cards(asked: Asked, line: Line) -> list[Card]:
    about = replace(asked, focus=line.scope)
    assert asked.board is not None
    names = [one for one in ("new_pipeline", "win_rate", "open_pipeline") if one != asked.board.metric.id]
    return [main_card(about, line, ""), *feeding_cards(about, feeding(about, names), names, "")][:CARDS]


def _plans(lines: list[Line]) -> list[_Plan]:
    """The company with its teams, then each team with its people; a long team takes several slides."""
    company = next((one for one in lines if one.scope == "company"), None)
    teams = [one for one in lines if one.kind == "team"]
    found: list[_Plan] = []
    if company is not None:
        tops = tuple(one for one in teams if one.level == min((team.level for team in teams), default=2))
        found += [_Plan(company, part) for part in _parts(tops or _people(lines))]
    for team in teams:
        people = _below(lines, team)
        if people:
            found += [_Plan(team, part) for part in _parts(people)]
    return found


def _people(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(one for one in lines if one.kind == "person")


def _below(lines: list[Line], team: Line) -> tuple[Line, ...]:
    """The people of a team itself, in the order of the table."""
    start = lines.index(team) + 1
    found = []
    for one in lines[start:]:
        if one.level <= team.level:
            break
        if one.kind == "person" and one.level == team.level + 1:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.points is None, -(one.points or 0), one.name)))


def _parts(rows: tuple[Line, ...]) -> list[tuple[Line, ...]]:
    return [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)] or [()]


# --- a link for a screen that nobody signs in at


def make_key(user: User) -> str:
    """A key that opens the screen alone, with the eyes of `user`; a closed user or a new password ends it."""
    return signing.dumps([user.pk, user.get_session_auth_hash()[:16]], salt=SALT)


def user_of_key(key: str) -> User | None:
    """Whose eyes a key lends; none for a wrong, old or ended one."""
    try:
        number, digest = signing.loads(key, salt=SALT, max_age=LINK_DAYS * 86400)
    except (BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=number, is_active=True).first()
    return user if user is not None and user.get_session_auth_hash()[:16] == digest else None
