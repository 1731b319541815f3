"""Users and tokens in the words of the faces."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hedef.kernel.instants import iso

if TYPE_CHECKING:
    from hedef.access.models import Read, Token, User

SCHEMA = "hedef.access/1"


def user_json(user: "User") -> dict[str, Any]:
    """One user as faces show it; never the password."""
    return {
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "roles": user.roles,
        "person": user.person,
        "is_active": user.is_active,
    }


def token_json(token: "Token") -> dict[str, Any]:
    """One token as faces show it; never its plain text."""
    return {
        "user": token.user.username,
        "name": token.name,
        "created_at": _instant(token.created_at),
        "last_used_at": _instant(token.last_used_at),
        "expires_at": _instant(token.expires_at),
    }


def read_json(read: "Read") -> dict[str, Any]:
    """One export of words."""
    return {
        "actor": read.actor,
        "what": read.what,
        "format": read.format,
        "rows": read.rows,
        "way": read.way,
        "scope": read.scope or None,
        "at": iso(read.at_us),
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
