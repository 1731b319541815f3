"""All documents: what is in force, what comes next, what waits for the reader."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hedef.call import Call
from hedef.definitions.acts import waits_for
from hedef.definitions.engine import choose
from hedef.definitions.kinds import all_kinds, kind_named
from hedef.definitions.queries import Version, versions_of_kind
from hedef.definitions.views.told import STATES, TONES, kind_name, kind_names, name_of, sees_drafts
from hedef.web.pages import page, show


@dataclass(frozen=True)
class Row:
    """A document in the list."""

    kind: str
    kind_name: str
    id: str
    name: str
    owner: str
    now: Version | None
    next: Version | None
    state: str
    tone: str
    waits: str


@require_safe
@page()
def documents(request: HttpRequest, call: Call) -> HttpResponse:
    """Every document that the reader may see, by kind and name."""
    wanted, text = request.GET.get("kind", "").removeprefix("all"), request.GET.get("q", "").strip()
    if wanted:
        kind_named(wanted)
    rows = [row for kind in all_kinds() if wanted in ("", kind) for row in _rows(call, kind)]
    if text:
        rows = [row for row in rows if text.casefold() in f"{row.name} {row.id}".casefold()]
    context = {
        "rows": sorted(rows, key=lambda row: (row.kind_name, row.name.casefold(), row.id)),
        "waiting": [row for row in rows if row.waits],
        "kinds": kind_names(),
        "kind": wanted,
        "kind_name": kind_name(wanted) if wanted else "",
        "text": text,
        "may_write": call.actor.can("write_definition"),
    }
    return show(request, "definitions/documents.html", context)


def _rows(call: Call, kind: str) -> list[Row]:
    grouped: dict[str, list[Version]] = {}
    for one in versions_of_kind(kind):
        if one.approver or sees_drafts(call):
            grouped.setdefault(one.id, []).append(one)
    return [_row(call, group) for group in grouped.values()]


def _row(call: Call, group: list[Version]) -> Row:
    now = choose(group, call.as_of)
    living = [one for one in group if one.state != "retired"]
    newest = living[-1] if living else group[-1]
    coming = newest if newest.state in ("draft", "simulated", "approved") and newest != now else None
    told = now or newest
    state = "effective" if now else newest.state
    return Row(
        kind=newest.kind,
        kind_name=kind_name(newest.kind),
        id=newest.id,
        name=name_of(told),
        owner=str(told.body.get("owner") or ""),
        now=now,
        next=coming if sees_drafts(call) else None,
        state=str(STATES[state]),
        tone=TONES[state],
        waits=waits_for(coming, actor=call.actor.name, can=call.actor.can) if coming else "",
    )
