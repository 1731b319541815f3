"""Records that may be one: side by side with the reasons; a person says merge, or not the same."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from hedef.call import Call
from hedef.kernel.errors import HedefError, NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.records import queries, services
from hedef.records.engine.kinds import KINDS
from hedef.records.queries import SUSPECTED, Suspect
from hedef.records.views.person_acts import digits
from hedef.records.views.shown import label, url_of, value_text
from hedef.web.pages import page, show

_PAGE = 10
KIND_NAMES = {
    "account": gettext_lazy("Accounts"),
    "contact": gettext_lazy("Contacts"),
    "person": gettext_lazy("People"),
    "lead": gettext_lazy("Leads"),
}
REASONS = {
    "same_email": gettext_lazy("same e-mail"),
    "same_domain": gettext_lazy("same web domain"),
    "same_name": gettext_lazy("same name"),
    "same_name_and_account": gettext_lazy("same name at the same account"),
    "same_name_and_company": gettext_lazy("same name at the same company"),
    "two_sources": gettext_lazy("known to different sources"),
}
_LEFT_OUT = ("created_us", "other_names")


@require_safe
@page(right="read_data")
def duplicates(request: HttpRequest, call: Call) -> HttpResponse:
    """Suspects of one kind, those with most reasons first, and what was merged lately."""
    return _page(request, call, _kind_of(request.GET.get("kind")))


def _kind_of(text: str | None) -> str:
    return text if text in SUSPECTED else "account"


def _page(
    request: HttpRequest, call: Call, kind: str, *, fault: HedefError | None = None, status: int = 200
) -> HttpResponse:
    found = queries.duplicates(kind, call.scope)
    pairs = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    context = {
        "kinds": [(one, words, one == kind) for one, words in KIND_NAMES.items()],
        "kind": kind,
        "count": len(found),
        "pairs": pairs,
        "shown": _shown(kind, list(pairs)),
        "merged": _merged(call),
        "may_edit": call.actor.can("edit_record"),
        "fault": fault,
    }
    return show(request, "records/duplicates.html", context, status=status)


def _shown(kind: str, pairs: list[Suspect]) -> list[dict[str, Any]]:
    entities = {one for pair in pairs for one in (pair.entity, pair.other)}
    rows = {row["entity"]: row for row in queries.rows(kind, entities=entities)}
    names = _refs(kind, list(rows.values()))
    return [_pair(pair, rows, names) for pair in pairs if pair.entity in rows and pair.other in rows]


def _refs(kind: str, rows: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for field in KINDS[kind].fields:
        if field.refers:
            wanted.setdefault(field.refers, set()).update(row[field.name] for row in rows if row[field.name])
    return {(of, one): name for of, some in wanted.items() for one, name in queries.names(some, kind=of).items()}


def _pair(pair: Suspect, rows: Mapping[int, dict[str, Any]], names: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    kind, left, right = pair.kind, rows[pair.entity], rows[pair.other]
    lines = []
    for name in KINDS[kind].names:
        if name in _LEFT_OUT or (left[name] is None and right[name] is None):
            continue
        ours, theirs = value_text(kind, name, left, names), value_text(kind, name, right, names)
        lines.append({"label": label(kind, name), "left": ours, "right": theirs, "differs": ours != theirs})
    shared = dict(pair.shared)
    return {
        "reasons": [(REASONS.get(one, one), shared.get(one, "")) for one in pair.reasons],
        "lines": lines,
        "sides": [_side(kind, row, sources) for row, sources in zip((left, right), pair.sources, strict=True)],
        "entity": pair.entity,
        "other": pair.other,
    }


def _side(kind: str, row: Mapping[str, Any], sources: tuple[str, ...]) -> dict[str, Any]:
    entity = row["entity"]
    name = row.get("name") or spell(kind, entity)
    return {"entity": entity, "id": spell(kind, entity), "name": name, "url": url_of(kind, entity), "sources": sources}


def _merged(call: Call) -> list[dict[str, Any]]:
    """The newest living merges that the viewer sees."""
    found = []
    for one in reversed(queries.merges()):
        if not queries.seen(one.kind, [one.survivor], call.scope):
            continue
        names = queries.names([one.loser, one.survivor], kind=one.kind)
        found.append(
            {
                "loser": one.loser,
                "loser_name": names[one.loser],
                "survivor_name": names[one.survivor],
                "url": url_of(one.kind, one.survivor),
                "batch": f"B-{one.batch}",
                "kind": KIND_NAMES.get(one.kind, one.kind),
            }
        )
        if len(found) == _PAGE:
            break
    return found


@require_POST
@page(right="edit_record")
def duplicate_act(request: HttpRequest, call: Call, verb: str) -> HttpResponse:
    """`merge` (the survivor is chosen), `apart` (not the same) or `split` (take a merge back)."""
    kind, told = _kind_of(request.POST.get("kind")), request.POST
    try:
        said = _do(verb, kind, told, call)
    except HedefError as fault:
        return _page(request, call, kind, fault=fault, status=fault.http_status)
    messages.success(request, said)
    return HttpResponseRedirect(f"{reverse('records:duplicates')}?kind={kind}")


def _do(verb: str, kind: str, told: Mapping[str, Any], call: Call) -> str:
    actor, reason = call.actor.name, str(told.get("reason", ""))
    if verb == "split":
        services.split(loser=digits(told.get("loser")), actor=actor, reason=reason or _("not the same"))
        return _("They are two again.")
    pair = [digits(told.get(name)) for name in ("entity", "other")]
    if set(pair) - queries.seen(kind, pair, call.scope):
        raise NotFound("There are no such records.")
    if verb == "apart":
        services.tell_apart(kind=kind, entity=pair[0], other=pair[1], actor=actor, said_at=call.now, reason=reason)
        return _("Kept as two. Nobody is asked about them again.")
    if verb != "merge":
        raise NotFound(f"There is no verb {verb[:40]}.")
    survivor = digits(told.get("survivor"))
    if survivor not in pair:
        raise WrongUse(_("Choose which of the two stays."))
    loser = next(one for one in pair if one != survivor)
    services.merge(kind=kind, loser=loser, survivor=survivor, actor=actor, reason=reason or _("the same"))
    return _("They are one now. History before today stays as it was.")
