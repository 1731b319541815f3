"""The board on a wall: full screen, large, one scope after the other, by itself. It shows numbers, takes no orders."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hedef.access.queries import actor_of
from hedef.call import Call
from hedef.kernel.errors import Forbidden
from hedef.settings import now
from hedef.targets.page.reasons import elapsed_text
from hedef.targets.page.tv import AGAIN, LINK_DAYS, SECONDS, make_key, slide, user_of_key
from hedef.web.pages import is_part, page, show

_KEPT = ("period", "plan", "scope", "as_of", "slide", "seconds", "key", "lang", "theme", "grain")
_GRAINS = ("year", "quarter", "month", "week")


@require_GET
def tv(request: HttpRequest) -> HttpResponse:
    """For a signed-in user, or with the key of a link. The clock says which slide is shown, so the page asks again;
    `slide` holds one, `scope` a team."""
    key = request.GET.get("key", "")
    if not key:
        return _signed_in(request)
    user = user_of_key(key)
    if user is None:
        raise Forbidden(_("This link for a screen has ended."), hint=_("Make a new one on the Performance page."))
    call = Call(now=now(), username=user.username, as_of_text=request.GET.get("as_of"))
    call.actor = actor_of(user)
    return _slide(request, call)


@page()
def _signed_in(request: HttpRequest, call: Call) -> HttpResponse:
    return _slide(request, call)


def _slide(request: HttpRequest, call: Call) -> HttpResponse:
    language = request.GET.get("lang", "")
    if language in {"en", "tr"}:
        with translation.override(language):
            return _answer(request, call)
    return _answer(request, call)


def _answer(request: HttpRequest, call: Call) -> HttpResponse:
    given = request.GET.dict()
    grain = given.get("grain", "")
    if "period" not in given and grain in _GRAINS:
        given["period"] = call.calendar.period_of(call.as_of, grain).id  # type: ignore[arg-type]  # one of its kinds
    seconds = max(min(int(given["seconds"]), 600), 5) if given.get("seconds", "").isdigit() else SECONDS
    turn = int(call.now.timestamp()) // seconds
    found = slide(call, given, int(given["slide"]) if given.get("slide", "").isdigit() else turn)
    kept = {name: request.GET[name] for name in _KEPT if request.GET.get(name)}
    context = {
        "slide": found,
        "call": call,
        "board": None if found is None else found.asked.board,
        "elapsed": "" if found is None or found.asked.board is None else elapsed_text(found.asked.board),
        "again": f"{request.path}?{urlencode(kept)}",
        "seconds": seconds if found is not None else AGAIN,
        "tv_theme": given.get("theme") if given.get("theme") in {"light", "dark"} else "",
    }
    name = "targets/tv.html#screen" if is_part(request) else "targets/tv.html"
    answer = render(request, name, context)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"  # the key of a link stays here
    return answer


@require_POST
@page()
def link(request: HttpRequest, call: Call) -> HttpResponse:
    """A link that opens the screen without a sign-in, with the viewer's own eyes."""
    if call.actor.user is None:
        raise Forbidden(_("A link for a screen belongs to a user."))
    kept = {name: request.GET[name] for name in ("plan", "grain") if request.GET.get(name)}
    query = urlencode({**kept, "key": make_key(call.actor.user)})
    address = request.build_absolute_uri(f"/targets/tv?{query}")
    return show(request, "targets/tv_link.html", {"address": address, "days": LINK_DAYS})
