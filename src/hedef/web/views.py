"""Pages of the shell itself: the start, sign-in and sign-out, language and theme, errors."""

from dataclasses import dataclass

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hedef.access.models import User
from hedef.access.queries import list_users
from hedef.access.rights import ROLES
from hedef.access.services import set_preferences
from hedef.call import Call
from hedef.kernel.errors import NotFound
from hedef.web.context import navigation
from hedef.web.errors import say
from hedef.web.pages import page
from hedef.web.roles import ROLE_NAMES

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_YEAR = 365 * 24 * 3600


@require_GET
@page()
def start(request: HttpRequest, call: Call) -> HttpResponse:  # noqa: ARG001
    """The first page that the user may open."""
    entries = navigation(request)
    return redirect(entries[0].url) if entries else render(request, "web/nothing.html")


# --- sign-in ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guest:
    """A user of the invented company whom a visitor may be, with one click."""

    username: str
    name: str
    initials: str
    role: Promise


def guests() -> list[Guest]:
    """One user per role, in a demo home; nobody elsewhere."""
    if not settings.HEDEF.demo:
        return []
    first: dict[str, User] = {}
    for user in list_users():
        if user.is_active and user.roles:
            first.setdefault(user.roles[0], user)
    return [
        Guest(first[role].username, first[role].name, first[role].initials, ROLE_NAMES[role])
        for role in ROLES
        if role in first
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; five wrong passwords lock a name for a while (the lockout page is axes')."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(_next(request))
        return _sign_in_page(request)
    typed = request.POST.get("username", "")
    username = _canonical(typed)
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if user is None:
        return _sign_in_page(request, username=typed, error=_wrong(request, username), status=403)
    return _let_in(request, user, remember="remember" in request.POST)


def _canonical(typed: str) -> str:
    """The username behind what was typed, so that a lockout counts all spellings of one user together."""
    try:
        return User.objects.get_by_natural_key(typed).username
    except User.DoesNotExist:
        return typed.strip().lower()[:150]


def _wrong(request: HttpRequest, username: str) -> str:
    failures = AxesProxyHandler.get_failures(request, {"username": username})
    left = max(settings.AXES_FAILURE_LIMIT - failures, 0)
    return ngettext(
        "Name or password is wrong. You have %(left)s try left.",
        "Name or password is wrong. You have %(left)s tries left.",
        left,
    ) % {"left": left}


def _sign_in_page(request: HttpRequest, *, username: str = "", error: str = "", status: int = 200) -> HttpResponse:
    context = {"guests": guests(), "username": username, "error": error, "next": _next(request)}
    return render(request, "web/sign_in.html", context, status=status)


@require_POST
def sign_in_guest(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the guests; refused outside a demo home."""
    wanted = request.POST.get("username", "")
    if wanted not in {guest.username for guest in guests()}:
        raise NotFound("Nobody signs in without a password here.")
    return _let_in(request, User.objects.get_by_natural_key(wanted), remember=False)


def _let_in(request: HttpRequest, user: User, *, remember: bool) -> HttpResponse:
    login(request, user, backend=_BACKEND)
    if not remember:
        request.session.set_expiry(0)
    answer = redirect(_next(request))
    if user.language:
        _keep_language(answer, user.language)
    return answer


def _next(request: HttpRequest) -> str:
    """Where the visitor wanted to go, when it is an address of this home."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("web:sign_in")


# --- language and theme -----------------------------------------------------------------------------------------------


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keeps the language in a cookie, and with the user when somebody is signed in."""
    answer = HttpResponseRedirect(_next(request))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        _keep_language(answer, wanted)
        if request.user.is_authenticated:
            set_preferences(user=request.user, language=wanted)
    return answer


def _keep_language(answer: HttpResponse, wanted: str) -> None:
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=_YEAR, samesite="Lax", secure=settings.HEDEF.https)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the theme with the user, or in a cookie for whoever is signed out."""
    wanted = request.POST.get("theme", "system")
    answer: HttpResponse = HttpResponse(status=204)
    if request.headers.get("X-Requested-With") != "fetch":
        answer = redirect(_referer(request))
    if request.user.is_authenticated:
        set_preferences(user=request.user, theme=wanted)
    answer.set_cookie("theme", wanted, max_age=_YEAR, samesite="Lax", httponly=True, secure=settings.HEDEF.https)
    return answer


def _referer(request: HttpRequest) -> str:
    """The page that the form stood on."""
    page_before = request.headers.get("Referer", "")
    return page_before if url_has_allowed_host_and_scheme(page_before, {request.get_host()}) else "/"


# --- errors -----------------------------------------------------------------------------------------------------------


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form that came without its token, or after a sign-in in another tab."""
    return say(
        request,
        403,
        symbol="lock",
        title=_("This form is too old"),
        text=_("Nothing was changed. Go back, reload the page and send it again."),
    )


@requires_csrf_token
def wrong_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return say(request, 400, symbol="warn", title=_("This request makes no sense"), text="")


@requires_csrf_token
def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return say(request, 403, symbol="lock", title=_("This door is closed for you"), text="")


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return say(
        request,
        404,
        symbol="target",
        title=_("Missed the target"),
        text=_("Nothing lives at this address. It may have been a record that was merged."),
    )


@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    """The page of a fault: it may not need anything that could be broken, such as the database."""
    return render(
        request,
        "web/alone.html",
        {
            "symbol": "warn",
            "title": _("Something broke inside Hedef"),
            "text": _("Your data is as it was before. The fault is in the server’s log; please report it."),
            "action": _("To the start"),
            "url": "/",
        },
        status=500,
    )
