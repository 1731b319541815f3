"""A table of a page as a file: what it rests on in the reader's language, the read remembered."""

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hedef.access.services import note_read
from hedef.call import Call
from hedef.exports.sheet import Head, Sheet
from hedef.exports.writing import FORMATS, TYPES, Format, written
from hedef.kernel.errors import WrongUse
from hedef.kernel.trust import Trust
from hedef.web import numbers
from hedef.web.trust import level_word, reason_words

_WORDS: dict[str, Promise] = {
    "definition": _("Definition"),
    "as_of": _("As of"),
    "known_at": _("Known at seal"),
    "trust": _("Trust"),
    "reason": _("Reason"),
    "override": _("Override"),
    "fingerprint": _("Fingerprint"),
    "made_by": _("Made by"),
    "made_at": _("Made at"),
}


def file_format(request: HttpRequest) -> Format | None:
    """The format that the address asks for; none for a page. WrongUse for one that nobody writes."""
    asked = request.GET.get("format", "")
    if not asked:
        return None
    for one in FORMATS:
        if one == asked:
            return one
    raise WrongUse(f'format: "{asked}" is none of {", ".join(FORMATS)}.')


def head_of(
    call: Call, trust: Trust, *, fingerprint: str | None = None, definition: str | None = None, known: int | None = None
) -> Head:
    """What a table of a page rests on."""
    language = get_language() or "en"
    return Head(
        as_of=call.as_of.isoformat(),
        known_at=known if known is not None else call.known_no,
        level=trust.level,
        trust=level_word(trust.level),
        reasons=tuple(reason_words(one) for one in trust.reasons),
        fingerprint=fingerprint,
        definition=definition,
        made_by=call.actor.name,
        made_at=numbers.moment(call.now, call.calendar.time_zone, language),
        words={name: str(word) for name, word in _WORDS.items()},
    )


def file_answer(call: Call, sheet: Sheet, format_: Format, *, what: str) -> HttpResponse:
    """The file as an answer. `what` is how the read log names it. WrongUse for more rows than the format takes."""
    try:
        data = written(sheet, format_)
    except ValueError as fault:
        raise WrongUse(f"{fault}.") from fault
    scope = "" if call.scope.everything else ", ".join(sorted(f"person {one}" for one in call.scope.people))
    rows, name = sheet.count, call.actor.name
    note_read(actor=name, what=what, format_=format_, rows=rows, way="page", at_us=call.now_us, scope=scope)
    answer = HttpResponse(data, content_type=TYPES[format_])
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(sheet.name)}.{format_}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _file_name(text: str) -> str:
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_.@") else "-" for one in text)[:100]
