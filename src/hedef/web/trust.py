"""Why a level of trust is what it is, in the reader's language; the keys are those of `kernel.trust.SENTENCES`."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hedef.kernel.trust import Reason
from hedef.web import numbers

_WORDS: dict[str, Promise] = {
    "uniqueness": _("{rows} of {judged} rows repeat a key"),
    "uniqueness.suspect": _("{rows} of {judged} rows may be somebody known already"),
    "referential": _("{rows} of {judged} references name nobody known"),
    "domain": _("{rows} of {judged} rows were rejected"),
    "domain.impossible": _("{rows} of {judged} rows hold a value that cannot be"),
    "history": _("{rows} of {judged} deals end in another stage than their history"),
    "completeness": _("{rows} of {judged} known records are missing in a full export and were not ended"),
    "completeness.filled": _("{field} is filled in {points} points fewer rows than usual"),
    "completeness.rows": _("{judged} rows came, {percent} % away from the usual number"),
    "reconciliation": _("file and ledger differ by {rows}"),
    "reconciliation.group": _("{field}: file and ledger differ by {rows}"),
    "reconciliation.control": _("{field}: the control total differs by {rows}"),
    "drift": _("{field} is spread otherwise than in the imports before (stability index {index})"),
    "freshness": _("nothing came since {day}; usually something comes every {usual} days"),
    "history_starts": _("before {day} the times of changes are assumed"),
}

LEVELS: dict[str, Promise] = {
    "trusted": _("Trusted"),
    "caution": _("Caution"),
    "blocked": _("Blocked"),
    "unknown": _("Not checked yet"),
}

CHECKS: dict[str, Promise] = {
    "freshness": _("Freshness"),
    "completeness": _("Completeness"),
    "uniqueness": _("Single keys"),
    "referential": _("Known names"),
    "domain": _("Possible values"),
    "reconciliation": _("Sums agree"),
    "history": _("History agrees with today"),
    "drift": _("Values as usual"),
}

OBJECTS: dict[str, Promise] = {
    "deal": _("Deals"),
    "deal_history": _("History of deals"),
    "account": _("Accounts"),
    "contact": _("Contacts"),
    "lead": _("Leads"),
    "person": _("People"),
    "team": _("Teams"),
    "activity": _("Activities"),
    "order": _("Orders"),
    "product": _("Products"),
    "target_line": _("Targets"),
}

FIELDS: dict[str, Promise] = {
    "owner": _("Owner"),
    "stage": _("Stage"),
    "amount": _("Amount"),
    "amount_minor": _("Amount"),
    "close_on": _("Close date"),
    "name": _("Name"),
    "account": _("Account"),
    "status": _("Status"),
    "due_us": _("Due date"),
    "day": _("Day"),
}


def reason_words(reason: Reason | str) -> str:
    """A reason as one sentence; what no table knows stays as it was said."""
    if isinstance(reason, str) or reason.key not in _WORDS:
        return str(reason)
    said = finding_words(reason)
    if not reason.source:
        return said
    return f"{OBJECTS.get(reason.object, reason.object)}, {reason.source}: {said}"


def finding_words(reason: Reason) -> str:
    """What the check found, without naming source and object."""
    language = get_language() or "en"
    told = dict(reason.params)
    told["rows"], told["judged"] = numbers.number(reason.rows, language), numbers.number(reason.judged, language)
    told["day"] = numbers.day(reason.day, language)
    field = str(told["field"])
    told["field"] = str(FIELDS.get(field, field))
    for name in ("points", "percent", "index", "usual"):
        told[name] = str(told[name]).replace(".", ",") if language.startswith("tr") else told[name]
    return str(_WORDS[reason.key]).format(**told)


def level_word(level: str) -> str:
    return str(LEVELS.get(level, level))


def check_name(code: str) -> str:
    return str(CHECKS.get(code, code))


def object_name(code: str) -> str:
    return str(OBJECTS.get(code, code))
