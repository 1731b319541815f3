"""One way for every form: read it, do it, come back; or show it again with what is wrong and all that was typed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from hedef.kernel.errors import HedefError, NotFound
from hedef.records.views.forms import Form, filled

type Act = Callable[[dict[str, Any]], object]
type Again = Callable[[Form, int], HttpResponse]


def act(
    request: HttpRequest, forms: Mapping[str, Form], acts: Mapping[str, Act], verb: str, *, again: Again, back: str
) -> HttpResponse:
    """Do what the form `verb` asks for and go `back`; `again(form, status)` shows the page with the form as it was.

    An act may answer with a sentence for the person, or with an address to go to instead.
    """
    if verb not in forms:
        raise NotFound(f"There is no form {verb[:40]}.")
    form = filled(forms[verb], request.POST)
    if form.errors:
        return again(form, 422)
    try:
        said = acts[verb](form.values)
    except HedefError as fault:
        return again(replace(form, fault=fault), fault.http_status)
    if isinstance(said, str) and said.startswith("/"):
        return HttpResponseRedirect(said)
    messages.success(request, str(said))
    return HttpResponseRedirect(back)
