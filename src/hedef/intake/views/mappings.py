"""Pages of saved mappings: which columns fill which fields, what words mean, every version, and the way back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hedef.call import Call
from hedef.definitions.queries import Version
from hedef.intake import mapped, saying
from hedef.intake.naming import FIELDS, OBJECTS
from hedef.kernel.errors import HedefError
from hedef.web.pages import page, show

_SHOWN = 12  # changes of one version


@page(right="read_data")
def mappings(request: HttpRequest, call: Call) -> HttpResponse:
    """The mapping that each source's files are read with."""
    lines = [_line(one) for one in mapped.mappings()]
    return show(request, "intake/mappings.html", {"mappings": lines, "may_map": call.actor.can("map")})


@page(right="read_data")
def mapping(request: HttpRequest, call: Call, id: str) -> HttpResponse:  # noqa: A002 - the word of the path
    """One mapping: columns, words for stages, versions. POST changes the words, as a new version."""
    if request.method == "POST":
        call.actor.must("map")
        return _given(request, id, actor=call.actor.name)
    versions = mapped.history(id)
    newest = next((one for one in versions if one.state == "effective"), versions[0])
    inside = mapped.mapping_of(newest)
    pairs = zip(versions, [*versions[1:], None], strict=True)
    context = {
        "id": id,
        "line": _line(newest),
        "columns": [_field(name, specs) for name, specs in sorted(inside.fields.items())],
        "stages": mapped.stage_lines(inside),
        "choices": mapped.stage_choices() if "stage" in inside.fields else [],
        "versions": [{**_line(one), "changes": mapped.changes(one, former)[:_SHOWN]} for one, former in pairs],
        "may_map": call.actor.can("map"),
        "may_undo": call.actor.can("map") and sum(one.state in ("effective", "approved") for one in versions) > 0,
    }
    return show(request, "intake/mapping.html", context)


@require_POST
@page(right="map")
def undo_mapping(request: HttpRequest, call: Call, id: str) -> HttpResponse:  # noqa: A002 - the word of the path
    """The newest version is taken back."""
    try:
        made = mapped.undo(id, actor=call.actor.name)
    except HedefError as fault:
        saying.tell_fault(request, fault)
    else:
        told = _("The former mapping counts again, as version %(version)s. Files that were read stay as they are.")
        messages.success(request, told % {"version": made.version})
    return HttpResponseRedirect(reverse("intake:mapping", args=[id]))


def _given(request: HttpRequest, id: str, *, actor: str) -> HttpResponse:  # noqa: A002 - the word of the path
    told = {
        name.removeprefix("stage:"): str(value)
        for name, value in request.POST.items()
        if name.startswith("stage:") and str(value) != request.POST.get(f"was-{name}", "")
    }
    process, _slash, stage = str(request.POST.get("new-stage", "")).partition("/")
    if word := str(request.POST.get("new-word", "")).strip():
        told[f"{process}:{word}"] = stage
    try:
        mapped.give_stages(id, told, actor=actor)
    except HedefError as fault:
        saying.tell_fault(request, fault)
    else:
        messages.success(request, _("Kept. The next file of this source is read so; what was read stays as it is."))
    return HttpResponseRedirect(reverse("intake:mapping", args=[id]))


def _line(one: Version) -> dict[str, Any]:
    body = one.body
    return {
        "version": one,
        "source": body["source"],
        "object": OBJECTS.get(body["object"], body["object"]),
        "fields": len(body["mapping"].get("fields", {})),
    }


def _field(name: str, specs: Any) -> dict[str, Any]:
    columns = [column for one in specs for column in (*one.column, *one.join)]
    return {"words": FIELDS.get(name, name), "columns": list(dict.fromkeys(columns)), "type": specs[0].type}
