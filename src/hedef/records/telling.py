"""Kinds and fields of the records in words, as the ledger's pages show them."""

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hedef.kernel.ids import spell
from hedef.kernel.scope import Scope
from hedef.ledger.telling import FieldWords
from hedef.records.engine.kinds import KINDS
from hedef.records.queries.people import names
from hedef.records.queries.state import seen

_KINDS: dict[str, Promise] = {
    "person": _("Person"),
    "team": _("Team"),
    "membership": _("Membership"),
    "manager_line": _("Manager"),
    "absence": _("Absence"),
    "territory": _("Territory"),
    "territory_hold": _("Hold of a territory"),
    "account": _("Account"),
    "contact": _("Contact"),
    "lead": _("Lead"),
    "deal": _("Deal"),
    "deal_line": _("Line of a deal"),
    "order": pgettext_lazy("sales", "Order"),
    "quote": _("Quote"),
    "order_line": _("Line of an order"),
    "product": _("Product"),
    "price": _("Price"),
    "activity": _("Activity"),
    "rate": _("Exchange rate"),
    "target_line": _("Target"),
    "acknowledgement": _("Acknowledgement"),
    "notice": _("Notice"),
}

_FIELDS: dict[str, Promise] = {
    "created_us": _("Created"),
    "name": _("Name"),
    "handle": _("Short name"),
    "other_names": _("Other names"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "job_title": _("Job title"),
    "employee_no": _("Employee number"),
    "hired_on": _("Hired on"),
    "left_on": _("Left on"),
    "time_zone": _("Time zone"),
    "country": _("Country"),
    "region": _("Region"),
    "segment": _("Segment"),
    "industry": _("Industry"),
    "currency": _("Currency"),
    "kind": _("Kind"),
    "parent": _("Parent"),
    "person": _("Person"),
    "team": _("Team"),
    "manager": _("Manager"),
    "line": _("Line"),
    "role": _("Role"),
    "share_bp": _("Share"),
    "primary": _("Main membership"),
    "from_day": _("From"),
    "to_day": _("Until"),
    "reason": _("Reason"),
    "rule": _("Rule"),
    "territory": _("Territory"),
    "domain": _("Web domain"),
    "owner": _("Owner"),
    "employees": _("Employees"),
    "revenue_minor": _("Revenue"),
    "account": _("Account"),
    "contact": _("Contact"),
    "lead": _("Lead"),
    "deal": _("Deal"),
    "order": pgettext_lazy("sales", "Order"),
    "product": _("Product"),
    "company": _("Company"),
    "source": _("Lead source"),
    "campaign": _("Campaign"),
    "status": _("Status"),
    "rating": _("Rating"),
    "score": _("Score"),
    "process": _("Process"),
    "stage": _("Stage"),
    "amount_minor": _("Amount"),
    "recurring_minor": _("Recurring amount"),
    "recurring_months": _("Recurring months"),
    "close_on": _("Close date"),
    "category": _("Forecast category"),
    "probability_bp": _("Probability"),
    "deal_type": _("Deal type"),
    "lost_reason": _("Lost reason"),
    "competitor": _("Competitor"),
    "next_step": _("Next step"),
    "closed_us": _("Closed"),
    "splits": _("Splits"),
    "record_type": _("Record type"),
    "won_reason": _("Won reason"),
    "customer_since": _("Customer since"),
    "email_allowed": _("E-mail allowed"),
    "left": _("Left the company"),
    "reject_reason": _("Why rejected"),
    "extra": _("Fields of your own"),
    "exit_checks": _("Exit criteria"),
    "exit_words": _("Evidence of exit criteria"),
    "quantity_e4": _("Quantity"),
    "unit_price_minor": _("Unit price"),
    "cost_minor": _("Cost"),
    "tax_minor": _("Tax"),
    "discount_bp": _("Discount"),
    "number": _("Number"),
    "code": _("Code"),
    "family": _("Product family"),
    "day": _("Day"),
    "due_on": _("Due on"),
    "valid_until": _("Valid until"),
    "due_us": _("Due at"),
    "done_us": _("Done at"),
    "subject": _("Subject"),
    "outcome": _("Outcome"),
    "metric": _("Metric"),
    "plan": _("Plan"),
    "period": _("Period"),
    "value_minor": _("Value"),
    "document": _("Document"),
    "digest": _("Digest"),
    "answer": _("Answer"),
    "sentence": _("Sentence"),
    "room": _("Room"),
    "scope": _("Scope"),
    "text_en": _("Text in English"),
    "text_tr": _("Text in Turkish"),
    "level": _("Level"),
    "object": _("About"),
    "value": _("Value"),
    "state": _("State"),
}


def kind_words(kind: str, /) -> Promise | None:
    """What a kind is called; none where it is no record."""
    return _KINDS.get(kind)


def field_words(kind: str, field: str, /) -> FieldWords | None:
    """What a field is called and how its value is read; none where the kind is no record."""
    if kind not in KINDS or field not in KINDS[kind].names:
        return None
    one = KINDS[kind].get(field)
    label = _FIELDS.get(field, field.replace("_", " "))
    return FieldWords(label, "money" if field.endswith("_minor") else one.type, one.refers)


def names_seen(kind: str, entities: Collection[int], scope: Scope, /) -> dict[int, str]:
    """Names of the entities of a kind that the scope sees; nothing for those without a name of their own."""
    if kind not in KINDS:
        return {}
    visible = set(entities) if scope.everything else seen(kind, list(entities), scope)
    return {one: name for one, name in names(visible, kind=kind).items() if name != spell(kind, one)}
