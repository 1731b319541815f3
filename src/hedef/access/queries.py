"""Who somebody is, what they may do, and what they see."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from hedef.access.models import Read, Token, User
from hedef.access.rights import ALL_RIGHTS, MONEY_KINDS, SEES_EVERYTHING, rights_of
from hedef.access.services import get_user
from hedef.access.words import right_words
from hedef.kernel.errors import Forbidden
from hedef.kernel.scope import EVERYTHING, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `name` is what the ledger keeps: a username, or `local` for the owner of the data folder."""

    name: str
    rights: frozenset[str]
    user: User | None = None

    def can(self, right: str) -> bool:
        """True when one of the actor's roles gives `right`; ValueError for a right that does not exist."""
        if right not in ALL_RIGHTS:
            raise ValueError(f"there is no right {right}")
        return right in self.rights

    def must(self, right: str) -> None:
        """Forbidden, as a sentence, when the actor has not the right."""
        if not self.can(right):
            raise Forbidden(
                _('"%(name)s" may not do this: %(what)s.') % {"name": self.name, "what": right_words(right)},
                hint=_("Ask an admin for a role that has it."),
            )

    def scope(self, day: date) -> Scope:
        """What the actor sees on `day`."""
        return EVERYTHING if self.user is None else scope_of(self.user, day)


LOCAL = Actor("local", ALL_RIGHTS)
"""Whoever may read the data folder owns it: the command line without `--as`."""


def actor_of(user: User) -> Actor:
    """The actor that a signed-in user is."""
    return Actor(user.username, rights_of(user.roles), user)


def resolve_actor(username: str | None) -> Actor:
    """The actor of `--as USER`, or `local`. NotFound for an unknown user, Forbidden for a closed one."""
    if username is None:
        return LOCAL
    user = get_user(username)
    if not user.is_active:
        raise Forbidden(f'The user "{user.username}" is closed.', hint="hedef access user open lets it in again.")
    return actor_of(user)


def can(user: User, right: str) -> bool:
    """True when one of the user's roles gives `right`; ValueError for a right that does not exist."""
    return user.is_active and actor_of(user).can(right)


def scope_of(user: User, day: date) -> Scope:
    """What `user` sees on `day`: by role everything, or by the org tree of that day.

    A manager sees the teams and people led on that day, a rep only the own person; both see the totals
    of the teams above. Pay is read by finance everywhere and by everybody for the people in scope.
    """
    roles = set(user.roles)
    if not user.is_active or not roles:
        return Scope()
    if roles & SEES_EVERYTHING:
        return Scope(everything=True, company_total=True, may_read_pay="finance" in roles)
    if user.person is None:
        return Scope()
    return _own_scope(user.person, day, leads="manager" in roles)


def _own_scope(person: int, day: date, *, leads: bool) -> Scope:
    from hedef.records.queries import team_tree

    tree = team_tree(day)
    teams: set[int] = set()
    people = {person}
    if leads:
        led_teams, led_people = tree.led_by(person)
        teams |= set(led_teams)
        people |= set(led_people)
    home = tree.team_of(person)
    above = {team for start in (*teams, *([] if home is None else [home])) for team in tree.path(start)}
    return Scope(
        people=frozenset(people),
        teams=frozenset(teams),
        totals=frozenset(above - teams),
        company_total=True,
        may_read_pay=True,
    )


def list_users() -> list[User]:
    """Every user in the order of usernames."""
    return list(User.objects.order_by("username"))


def list_tokens(user: User | None = None) -> list[Token]:
    """Tokens of one user or of all, oldest first."""
    tokens = Token.objects.select_related("user").order_by("user__username", "pk")
    return list(tokens if user is None else tokens.filter(user=user))


def approvers(right: str = "approve") -> list[str]:
    """Usernames of the active users who have `right`."""
    return [user.username for user in list_users() if can(user, right)]


def approvers_of(kind: str) -> list[str]:
    """Who can be the second person for documents of `kind`: finance alone where money moves."""
    return approvers("approve_money" if kind in MONEY_KINDS else "approve")


def reads(*, last: int = 100, actor: str | None = None) -> list[Read]:
    """The newest exports of words, newest first."""
    rows = Read.objects.order_by("-pk")
    return list((rows.filter(actor=actor) if actor else rows)[:last])
