"""The log of reads: who took words out, what, when, how many rows."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from hedef.access.queries import reads
from hedef.call import Call, instant
from hedef.web.pages import page, show

_LAST, _SHOWN = 2_000, 50


@require_GET
@page(right="read_log")
def read_log(request: HttpRequest, call: Call) -> HttpResponse:  # noqa: ARG001 - the door needs it
    """The newest exports of words."""
    chosen = request.GET.get("user", "").strip()
    found = Paginator(reads(last=_LAST, actor=chosen or None), _SHOWN).get_page(request.GET.get("page"))
    rows = [{"read": one, "at": instant(one.at_us)} for one in found]
    return show(request, "access/reads.html", {"rows": rows, "page": found, "chosen": chosen})
