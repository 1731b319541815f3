"""The editor of a document: its text with every fault at its place, a form beside it, and what it would say.

One answer serves all: the whole page without script, and with it the parts that changed while somebody writes.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hedef.call import Call
from hedef.definitions import services
from hedef.definitions.editing import Looked, blank, form_values, look, merged, opening
from hedef.definitions.kinds import kind_named
from hedef.definitions.queries import get
from hedef.definitions.showing import Field, Section
from hedef.definitions.views.told import Fault, error_text, faults_of, kind_name, name_of, viewer_of
from hedef.kernel.errors import HedefError
from hedef.web.pages import is_part, page, show

LIMIT = 200_000  # characters of a text that is looked at while somebody writes


@require_http_methods(["GET", "HEAD", "POST"])
@page(right="write_definition")
def edit(request: HttpRequest, call: Call, kind: str, doc_id: str) -> HttpResponse:
    """The next version of a document, or its draft again."""
    newest = get(kind, doc_id)
    return _answer(request, call, kind, doc_id, name_of(newest))


@require_http_methods(["GET", "HEAD", "POST"])
@page(right="write_definition")
def new(request: HttpRequest, call: Call, kind: str) -> HttpResponse:
    """A new document of a kind."""
    kind_named(kind)
    return _answer(request, call, kind, None, "")


def _answer(request: HttpRequest, call: Call, kind: str, doc_id: str | None, name: str) -> HttpResponse:
    given = request.POST.get("text")
    written = _tidy(given) if given is not None else opening(kind, doc_id) if doc_id else blank(kind)
    text, fault = _with_form(request, written, kind)
    saving = request.POST.get("act") == "save" and not is_part(request)
    looked = look(text[:LIMIT], kind=kind, doc_id=doc_id, viewer=viewer_of(call))
    reason = request.POST.get("reason", "").strip()
    if saving and not fault and not looked.errors:
        try:
            made = services.add(text=text, actor=call.actor.name, reason=reason)
        except HedefError as refused:
            fault = error_text(refused)
        else:
            messages.success(request, _("Version %(number)s is kept as a draft.") % {"number": made.version})
            return HttpResponseRedirect(reverse("definitions:document", args=[kind, made.id]))
    context = _context(looked, kind, doc_id, name) | {"fault": fault, "reason": reason}
    if is_part(request):
        return _parts(request, context, written=written)
    return show(request, "definitions/edit.html", context, status=422 if saving else 200)


def _with_form(request: HttpRequest, written: str, kind: str) -> tuple[str, str]:
    """The text with what the form says otherwise, and what kept it from being so."""
    before = _tidy(request.POST.get("before", written))
    try:
        return merged(written, before=before, posted=_posted(request), kind=kind), ""
    except ValueError:
        return written, _("The form cannot change this text; change it in the text itself.")


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n")


def _posted(request: HttpRequest) -> dict[str, str | list[str]]:
    """The fields of the form by path: names begin with `f.`, lists with `m.` and are there even when empty."""
    found: dict[str, str | list[str]] = {}
    for name in request.POST:
        if name.startswith("f."):
            found[name[2:]] = request.POST.get(name, "")
        elif name.startswith("m."):
            found[name[2:]] = [one for one in request.POST.getlist(name) if one]
    return found


def _context(looked: Looked, kind: str, doc_id: str | None, name: str) -> dict[str, Any]:
    faults = faults_of(looked.issues, looked.text, kind)
    marks = {fault.line: fault.level for fault in reversed(faults) if fault.line}
    marks |= {fault.line: "error" for fault in faults if fault.line and fault.level == "error"}
    values = form_values(looked.sections, looked.data)
    return {
        "kind": kind,
        "kind_name": kind_name(kind),
        "id": doc_id,
        "name": name or _("New document"),
        "looked": looked,
        "text": looked.text,
        "faults": faults,
        "errors": sum(fault.level == "error" for fault in faults),
        "gutter": [(number, marks.get(number, "")) for number in range(1, looked.text.count("\n") + 2)],
        "sections": [
            (section.title, [_field(one, values, faults) for one in section.fields]) for section in looked.sections
        ],
        "shape": _shape(looked.sections),
        "passed": sum(proof.passed for proof in looked.proofs),
        "cases": [(proof, _line_of(looked, proof.path)) for proof in looked.proofs],
        "rows": looked.text.count("\n") + 2,
    }


def _line_of(looked: Looked, path: tuple[str | int, ...]) -> int | None:
    return looked.locate(path)[0] if path else None


def _field(one: Field, values: dict[str, str | list[str]], faults: list[Fault]) -> dict[str, Any]:
    """A field with what stands in it and what is wrong with it."""
    own = [
        fault for fault in faults if fault.path == one.path or fault.path.startswith((f"{one.path}.", f"{one.path}["))
    ]
    value = values.get(one.path, "")
    kept = list(one.choices)
    if one.input == "choice" and value not in {choice for choice, _label in kept}:
        kept.insert(0, (str(value), str(value)))
    return {
        "field": one,
        "dom": one.path.replace(".", "-"),
        "value": value,
        "en": values.get(f"{one.path}.en", ""),
        "tr": values.get(f"{one.path}.tr", ""),
        "choices": kept,
        "faults": own,
    }


def _shape(sections: tuple[Section, ...]) -> str:
    """Which fields a form has; while it stays the same, the form is not drawn again under somebody's hands."""
    return " ".join(one.path for section in sections for one in section.fields)


def _parts(request: HttpRequest, context: dict[str, Any], *, written: str) -> HttpResponse:
    """What changed while somebody writes: the findings always, text and form where they differ from what is shown."""
    looked: Looked = context["looked"]
    shown = _posted(request)
    values = form_values(looked.sections, looked.data)
    same = {name: _same(shown.get(name), value) for name, value in values.items()}
    context |= {
        "text_changed": looked.text != written,
        "form_changed": not looked.unread
        and (request.POST.get("shape", "") != context["shape"] or not all(same.values())),
        "part": True,
    }
    answer = render(request, "definitions/parts/look.html", context)
    answer.headers["Vary"] = "HX-Request, Cookie"
    return answer


def _same(shown: str | list[str] | None, value: str | list[str]) -> bool:
    if isinstance(value, list):
        return (shown or []) == value
    return isinstance(shown, str) and _tidy(shown).strip() == value.strip()
