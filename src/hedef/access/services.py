"""Users, roles and tokens: the write verbs. Every one takes `now`; none reads a clock."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.db import transaction

from hedef.access.models import KeptAnswer, Read, Token, User
from hedef.access.rights import ROLES
from hedef.kernel.errors import NotFound, Refused, WrongUse

TOKEN_PREFIX = "hedef_"  # noqa: S105 - a mark by which scanners find lost tokens, not a secret
THEMES = ("system", "light", "dark")


def _known_roles(roles: Iterable[str]) -> list[str]:
    wanted = set(roles)
    unknown = sorted(wanted - set(ROLES))
    if unknown:
        raise WrongUse(f'There is no role "{unknown[0]}".', hint=f"Roles: {', '.join(ROLES)}.")
    return [role for role in ROLES if role in wanted]


def create_user(
    *,
    username: str,
    name: str,
    roles: Iterable[str],
    now: datetime,
    password: str | None = None,
    email: str | None = None,
    person: int | None = None,
    language: str = "",
) -> User:
    """A new user; without a password it can work by token or `--as` only. WrongUse when the name is taken."""
    username, email = username.strip().lower(), (email or "").strip().lower() or None
    if not username or username == "local" or any(letter.isspace() for letter in username):
        raise WrongUse(f'"{username}" cannot be a username.', hint="Write one word, such as defne; local is taken.")
    if "@" in username:
        raise WrongUse(f'"{username}" is an e-mail address, not a username.', hint="Give it with --email.")
    if User.objects.filter(username=username).exists():
        raise WrongUse(f'There is already a user "{username}".', hint="hedef access user list shows everybody.")
    if email and User.objects.filter(email=email).exists():
        raise WrongUse(f'The e-mail address "{email}" belongs to another user.')
    _check_password(password)
    return User.objects.create(
        username=username,
        email=email,
        name=name.strip() or username,
        roles=_known_roles(roles),
        person=person,
        language=language,
        password=make_password(password),
        created_at=now,
    )


def _check_password(password: str | None) -> None:
    if password is None:
        return
    try:
        validate_password(password, password_validators=[MinimumLengthValidator(8), CommonPasswordValidator()])
    except ValidationError as fault:
        raise WrongUse(" ".join(fault.messages), hint="Choose another password.") from fault


def set_password(*, username: str, password: str) -> User:
    """A new password; other sessions of the user end with it."""
    _check_password(password)
    user = get_user(username)
    user.password = make_password(password)
    user.save(update_fields=["password"])
    return user


def get_user(username: str) -> User:
    """The user by username or e-mail; NotFound with what to do when there is none."""
    try:
        return User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        raise NotFound(f'There is no user "{username}".', hint="hedef access user list shows everybody.") from None


def set_roles(*, username: str, roles: Iterable[str]) -> User:
    """The roles the user has from now on; the last active admin cannot lose that role."""
    wanted = _known_roles(roles)
    with transaction.atomic():
        user = get_user(username)
        if "admin" in user.roles and "admin" not in wanted:
            _refuse_last_admin(user)
        user.roles = wanted
        user.save(update_fields=["roles"])
    return user


def set_person(*, username: str, person: int | None) -> User:
    """Which person record the user stands for."""
    user = get_user(username)
    user.person = person
    user.save(update_fields=["person"])
    return user


def follow_merge(loser: int, survivor: int) -> list[str]:
    """Users who stand for a merged person stand for the survivor; answers their usernames."""
    users = User.objects.filter(person=loser)
    names = list(users.order_by("username").values_list("username", flat=True))
    users.update(person=survivor)
    return names


def follow_split(username: str, person: int) -> None:
    """A user who followed a merge stands for the person of before again."""
    User.objects.filter(username=username).update(person=person)


def set_active(*, username: str, active: bool) -> User:
    """Opens or closes the door for a user; closing also ends the tokens."""
    with transaction.atomic():
        user = get_user(username)
        if not active:
            if "admin" in user.roles:
                _refuse_last_admin(user)
            user.tokens.all().delete()
        user.is_active = active
        user.save(update_fields=["is_active"])
    return user


def _refuse_last_admin(user: User) -> None:
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if not any("admin" in other.roles for other in others):
        raise Refused(
            f'"{user.username}" is the last admin: nobody could manage users any more.',
            hint="Give another user the role admin first.",
        )


def set_preferences(*, user: User, language: str | None = None, theme: str | None = None) -> None:
    """The language and theme that pages keep for the user."""
    if language is not None:
        user.language = language
    if theme is not None:
        if theme not in THEMES:
            raise WrongUse(f'"{theme}" is no theme.', hint=f"Themes: {', '.join(THEMES)}.")
        user.theme = theme
    user.save(update_fields=["language", "theme"])


def digest_of(plain: str) -> str:
    """What is kept of a token. It is random and long, so a plain SHA-256 suffices."""
    return hashlib.sha256(plain.encode()).hexdigest()


def make_token(*, username: str, name: str, now: datetime, days: int | None = 365) -> tuple[Token, str]:
    """A token and its plain text, which nobody can read again. `days` none: it never expires."""
    user = get_user(username)
    if not name.strip():
        raise WrongUse("A token needs a name that says where it is used.", hint="Example: nightly-import")
    if user.tokens.filter(name=name).exists():
        raise WrongUse(f'"{user.username}" already has a token "{name}".', hint="Revoke it, or choose another name.")
    if days is not None and days < 1:
        raise WrongUse(f"A token cannot live {days} days.", hint="At least 1.")
    plain = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name.strip(),
        digest=digest_of(plain),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    return token, plain


def revoke_token(*, username: str, name: str) -> None:
    """Ends a token at once; NotFound when the user has none of that name."""
    deleted, _ = get_user(username).tokens.filter(name=name).delete()
    if not deleted:
        raise NotFound(f'"{username}" has no token "{name}".', hint="hedef access token list shows them.")


def use_token(plain: str, *, now: datetime) -> User | None:
    """The active user behind a token that has not expired; remembers the day of its last use."""
    token = Token.objects.select_related("user").filter(digest=digest_of(plain), user__is_active=True).first()
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=10):
        Token.objects.filter(pk=token.pk).update(last_used_at=now)  # not on every call: reads stay reads
    return token.user


def begin_call(*, actor: str, key: str, body_hash: str, now: datetime) -> KeptAnswer | None:
    """Claims an idempotency key: none when it is new, the kept answer when the same call was made before.

    Refused when the key was used with another body, or when the first call is still at work.
    """
    kept, is_new = KeptAnswer.objects.get_or_create(
        actor=actor, key=key, defaults={"body_hash": body_hash, "made_at": now}
    )
    if is_new:
        return None
    if kept.body_hash != body_hash:
        raise Refused(
            f'The Idempotency-Key "{key}" was already used for another call.', hint="Use a new key for a new call."
        )
    if kept.status is None:
        raise Refused(f'The first call with the Idempotency-Key "{key}" is still at work.', hint="Ask again later.")
    return kept


def finish_call(*, actor: str, key: str, status: int, answer: bytes, content_type: str) -> None:
    """Keeps the answer of a claimed call; a failed one (5xx) frees the key instead."""
    calls = KeptAnswer.objects.filter(actor=actor, key=key)
    if status >= 500:
        calls.delete()
    else:
        calls.update(status=status, answer=answer, content_type=content_type)


def note_read(*, actor: str, what: str, format_: str, rows: int, way: str, at_us: int, scope: str = "") -> None:
    """Remember that somebody took words out of Hedef. `way` is page, command or api."""
    Read.objects.create(
        actor=actor[:150], what=what[:200], format=format_, rows=rows, way=way, at_us=at_us, scope=scope[:200]
    )
