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
    ("plans", "targets:plans", "flag", _("Targets"), None),
    ("metrics", "metrics:list", "compare", _("Metrics"), None),
    ("me", "targets:me", "star", _("My page"), None),
    ("process", "process:board", "deals", _("Deals"), None),
    ("intake", "intake:imports", "data", _("Data"), "read_data"),
    ("definitions", "definitions:documents", "list", _("Definitions"), None),
)

_PLANS = frozenset(f"targets:{name}" for name in ("plans", "split", "plan", "adjust", "phase", "publish", "letter"))

_WITHIN = {
    "ledger": "intake",
    "jobs": "intake",
    "records": "intake",
    "facts": "intake",
}  # pages that belong to the section of another room

# pages of the Data section: name and argument of the address, label, right, what other addresses belong to it
_DATA: tuple[tuple[str, tuple[str, ...], Promise, str | None, tuple[str, ...]], ...] = (
    ("intake:imports", (), _("Imports"), "read_data", ()),
    ("intake:sources", (), _("Sources"), "read_data", ()),
    ("intake:mappings", (), _("Mappings"), "read_data", ("/intake/mappings/",)),
    ("jobs:jobs", (), _("Jobs"), "read_data", ("/jobs/",)),
    ("ledger:batches", (), _("Ledger"), "read_data", ("/ledger/",)),
    ("records:people", (), _("People"), None, ("/records/person/",)),
    ("records:teams", (), _("Teams"), None, ("/records/team/",)),
    ("records:list", ("accounts",), _("Accounts"), None, ("/records/",)),
    ("records:products", (), _("Products"), "read_data", ("/records/product/",)),
    ("records:currencies", (), _("Currencies"), "read_data", ()),
    ("facts:calendars", (), _("Calendars"), "read_data", ("/facts/calendars/",)),
    ("records:duplicates", (), _("Duplicates"), "read_data", ()),
)

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
    if request.resolver_match and request.resolver_match.view_name == "targets:me":
        here = "me"
    if request.resolver_match and request.resolver_match.view_name in _PLANS:
        here = "plans"
    found = []
    for namespace, name, icon, label, right in _SECTIONS:
        url = _url(name)
        if namespace == "me" and user.person is None:
            continue  # goals belong to people
        if url and user.roles and (right is None or can(user, right)):
            found.append(Entry(url, icon, label, here == namespace))
    people = _url("records:people")  # who leads a team sees it, without the rest of the data
    if people and "manager" in user.roles and not can(user, "read_data"):
        found.append(Entry(people, "data", _("People"), here == "intake"))
    return found


def data_pages(request: HttpRequest) -> list[Entry]:
    """The pages of the Data section that the user may open, on a page of that section."""
    user = getattr(request, "user", None)
    room = request.resolver_match.namespace if request.resolver_match else ""
    if user is None or not user.is_authenticated or _WITHIN.get(room, room) != "intake":
        return []
    found: list[tuple[str, Promise]] = []
    here, fit = -1, 0
    for name, args, label, right, others in _DATA:
        url = _url(name, *args)
        if not url or not user.roles or (right is not None and not can(user, right)):
            continue
        own = max(len(one) if request.path.startswith(one) else 0 for one in (url, *others))
        here, fit = (len(found), own) if own > fit else (here, fit)
        found.append((url, label))
    return [Entry(url, "", label, place == here) for place, (url, label) in enumerate(found)]


def _url(name: str, *args: str) -> str | None:
    try:
        return reverse(name, args=args)
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
            "data_pages": data_pages(request),
            "theme": theme_of(request),
            "role_names": [ROLE_NAMES[role] for role in roles if role in ROLE_NAMES],
            "htmx_config": _HTMX,
            "data_url": next((entry.url for entry in entries if entry.icon == "data"), ""),
        }
    }
