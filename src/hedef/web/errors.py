"""Pages that say what went wrong and what to do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hedef.kernel.errors import Forbidden, HedefError, NotFound
from hedef.web.pages import is_part


def error_page(request: HttpRequest, fault: HedefError) -> HttpResponse:
    """The page of a refusal with the HTTP twin of its exit code."""
    if isinstance(fault, NotFound):
        return say(request, 404, symbol="target", title=_("Missed the target"), text=fault.message, hint=fault.hint)
    if isinstance(fault, Forbidden):
        return say(
            request, 403, symbol="lock", title=_("This door is closed for you"), text=fault.message, hint=fault.hint
        )
    return say(
        request,
        fault.http_status,
        symbol="warn",
        title=_("This did not work"),
        text=fault.message,
        hint=fault.hint,
        issues=fault.issues,
    )


def say(request: HttpRequest, status: int, *, back: bool = True, **words: Any) -> HttpResponse:
    """A page, or a part for htmx, with one sentence and a way on."""
    context = {"action": _("To the start") if back else "", "url": "/", **words}
    if is_part(request):
        return render(request, "web/parts/error.html", context, status=status)
    inside = getattr(getattr(request, "user", None), "is_authenticated", False)
    return render(request, "web/error.html" if inside else "web/alone.html", context, status=status)
