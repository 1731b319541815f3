"""What every page knows: navigation, theme, the names of the user's roles."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hedef.access.queries import can
from hedef.access.services import THEMES
from hedef.web.roles import ROLE_NAMES

# namespace of a room's pages, its first page, icon, label, right it needs
_SECTIONS: tuple[tuple[str, str, str, Promise, str | None], ...] = (
    ("targets", "targets:scoreboard", "target", _("Performance"), None),
    ("process", "process:board", "deals", _("Deals"), None),
    ("intake", "intake:imports", "data", _("Data"), "read_data"),
)

_WITHIN = {
    "metrics": "targets",
    "ledger": "intake",
    "jobs": "intake",
}  # pages that belong to the section of another room

# the page brings its own style for what htmx shows, and errors are shown where the answer was expected
_HTMX = json.dumps(
    {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "historyRestoreAsHxRequest": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "[45]..", "swap": True, "error": True},
        ],
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    url: str
    icon: str
    label: Promise
    current: bool


def navigation(request: HttpRequest) -> list[Entry]:
    """The sections that exist in this home and that the user may open."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    room = request.resolver_match.namespace if request.resolver_match else ""
    here = _WITHIN.get(room, room)
    found = []
    for namespace, name, icon, label, right in _SECTIONS:
        url = _url(name)
        if url and user.roles and (right is None or can(user, right)):
            found.append(Entry(url, icon, label, here == namespace))
    return found


def _url(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def theme_of(request: HttpRequest) -> str:
    """The user's theme, or the one this browser keeps; `system` otherwise."""
    user = getattr(request, "user", None)
    chosen = user.theme if user is not None and user.is_authenticated else request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else "system"


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` of every template."""
    user = getattr(request, "user", None)
    roles = user.roles if user is not None and user.is_authenticated else []
    entries = navigation(request)
    return {
        "shell": {
            "navigation": entries,
            "theme": theme_of(request),
            "role_names": [ROLE_NAMES[role] for role in roles if role in ROLE_NAMES],
            "htmx_config": _HTMX,
            "data_url": next((entry.url for entry in entries if entry.icon == "data"), ""),
        }
    }
