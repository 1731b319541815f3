"""Lists of accounts, contacts and leads, and a plain page for a record of any kind with what belongs to it."""

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from hedef.call import Call
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import spell
from hedef.records import queries
from hedef.records.engine.kinds import KINDS
from hedef.records.telling import kind_words
from hedef.records.views import editing
from hedef.records.views.acting import act
from hedef.records.views.doors import must_edit, visible
from hedef.records.views.forms import Form
from hedef.records.views.listing import sheet
from hedef.records.views.shown import PAGED, STATES, coded, label, own_fields, url_of, value_text
from hedef.web.files import file_answer, file_format
from hedef.web.pages import page, show

LISTS = {"accounts": "account", "contacts": "contact", "leads": "lead", "territories": "territory"}
TITLES = {
    "accounts": gettext_lazy("Accounts"),
    "contacts": gettext_lazy("Contacts"),
    "leads": gettext_lazy("Leads"),
    "territories": gettext_lazy("Territories"),
}
_COLUMNS = {
    "account": ("domain", "owner", "industry", "country", "segment"),
    "contact": ("account", "email", "job_title", "owner"),
    "lead": ("company", "email", "owner", "source", "status"),
    "territory": ("parent", "rule"),
}
_PAGE = 50
_RELATED = 20
# which kinds point to a record, and by which field
_POINTING: dict[str, tuple[tuple[str, str], ...]] = {
    "account": (
        ("account", "parent"),
        ("contact", "account"),
        ("deal", "account"),
        ("quote", "account"),
        ("contract", "account"),
    ),
    "contact": (("deal", "contact"),),
    "product": (("deal_line", "product"),),
    "order": (("order_line", "order"),),
    "invoice": (("invoice_line", "invoice"), ("payment", "invoice")),
    "territory": (("territory", "parent"),),
}


@require_safe
@page()
def listed(request: HttpRequest, call: Call, name: str) -> HttpResponse:
    """A list by name in the viewer's scope; a text finds words of a name in any case, or a part of an e-mail."""
    kind = LISTS[name]
    rows = queries.list_rows(kind, scope=call.scope, text=request.GET.get("q", ""))
    if (wanted := file_format(request)) is not None:
        every = list(rows.values())
        made = sheet(call, kind, str(TITLES[name]), every, _names(kind, every))
        return file_answer(call, made, wanted, what=f"list of {name}")
    shown = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    on_page: Any = shown.object_list
    told = list(on_page.values())
    names = _names(kind, told)
    context = {
        "kind": kind,
        "title": TITLES[name],
        "lists": [(one, words, one == name) for one, words in TITLES.items()],
        "columns": [label(kind, one) for one in _COLUMNS[kind]],
        "rows": [_row(kind, row, names) for row in told],
        "records": shown,
        "count": shown.paginator.count,
        "q": request.GET.get("q", ""),
        "address": request.get_full_path(),
    }
    return show(request, "records/list.html", context)


def _row(kind: str, row: Mapping[str, Any], names: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    return {
        "id": spell(kind, row["entity"]),
        "name": row["name"] or spell(kind, row["entity"]),
        "values": [value_text(kind, one, row, names) for one in _COLUMNS[kind]],
    }


def _names(kind: str, rows: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for field in KINDS[kind].fields:
        if field.refers:
            wanted.setdefault(field.refers, set()).update(row[field.name] for row in rows if row[field.name])
    return {(of, one): name for of, some in wanted.items() for one, name in queries.names(some, kind=of).items()}


@require_safe
@page()
def record(request: HttpRequest, call: Call, kind: str, entity: str) -> HttpResponse:
    """One record: every field that says something, its keys, and the records that point to it."""
    if kind not in PAGED:
        raise NotFound(f"There is no page for the kind {kind[:40]}.")
    return _page(request, call, kind, visible(kind, entity, call))


@require_POST
@page(right="read_data")
def record_act(request: HttpRequest, call: Call, kind: str, entity: str, verb: str) -> HttpResponse:
    """What a form of an account, contact, lead or territory asks for."""
    if kind not in editing.EDITED:
        raise NotFound(f"Records of the kind {kind[:40]} are not changed here.")
    number = visible(kind, entity, call)
    must_edit(call)
    (row,) = queries.rows(kind, entities=[number], ended=True)
    forms = editing.forms(call, kind, row)
    return act(
        request,
        forms,
        editing.acts(request, call, kind, number),
        verb,
        again=lambda form, status: _page(request, call, kind, number, forms | {verb: form}, status=status),
        back=reverse("records:record", args=[kind, entity]),
    )


def _page(
    request: HttpRequest,
    call: Call,
    kind: str,
    number: int,
    forms: Mapping[str, Form] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    entity = spell(kind, number)
    (row,) = queries.rows(kind, entities=[number], ended=True)
    names = _names(kind, [row])
    into = queries.survivor(number)
    context = {
        "kind": kind,
        "kind_name": kind_words(kind) or kind,
        "list_name": next((one for one, of in LISTS.items() if of == kind), None),
        "id": entity,
        "name": row.get("name") or row.get("number") or entity,
        "ended": row["ended_us"] is not None,
        "into": None if into == number else (url_of(kind, into), queries.names([into], kind=kind)[into]),
        "fields": [
            *(
                (label(kind, one), value_text(kind, one, row, names))
                for one in KINDS[kind].names
                if row[one] is not None and one != "extra"
            ),
            *own_fields(row.get("extra")),
        ],
        "links": [
            (label(kind, field.name), names[field.refers, row[field.name]], url)
            for field in KINDS[kind].fields
            if field.refers and row[field.name] and (url := url_of(field.refers, row[field.name]))
        ],
        "keys": queries.keys_of(number) if call.actor.can("read_data") else [],
        "forms": editing.forms(call, kind, row) if forms is None else forms,
        "holds": editing.holds(number, call) if kind == "territory" else None,
        "today": call.calendar.day_of(call.now_us),
        "related": [one for pointing in _POINTING.get(kind, ()) if (one := _related(*pointing, number, call))],
    }
    return show(request, "records/record.html", context, status=status)


def _related(kind: str, field: str, number: int, call: Call) -> dict[str, Any] | None:
    rows = queries.list_rows(kind, scope=call.scope, where=Q(**{field: number}))
    count = rows.count()
    if not count:
        return None
    told = list(rows[:_RELATED].values())
    names = _names(kind, told)
    return {
        "title": kind_words(kind) or kind,
        "count": count,
        "rows": [
            {
                "name": row.get("name") or row.get("number") or spell(kind, row["entity"]),
                "url": url_of(kind, row["entity"]),
                "text": _text(kind, row, names),
            }
            for row in told
        ],
        "more": count - len(told),
    }


def _known(kind: str, name: str, row: Mapping[str, Any], names: Mapping[tuple[str, int], str]) -> str:
    return coded(STATES, row[name]) if name == "status" else value_text(kind, name, row, names)


def _text(kind: str, row: Mapping[str, Any], names: Mapping[tuple[str, int], str]) -> str:
    wanted = ("stage", "status", "amount_minor", "email", "job_title", "role", "from_day")
    told = [_known(kind, one, row, names) for one in wanted if row.get(one) is not None]
    return ", ".join(told) or _("no details")
