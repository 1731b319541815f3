"""Words that pages show for codes of intake: objects, fields, checks, issues."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OBJECTS: dict[str, str | Promise] = {
    "person": _("People"),
    "team": _("Teams"),
    "membership": _("Memberships"),
    "manager_line": _("Managers"),
    "account": _("Accounts"),
    "contact": _("Contacts"),
    "lead": _("Leads"),
    "deal": _("Deals"),
    "deal_history": _("History of deals"),
    "deal_line": _("Lines of deals"),
    "order": _("Orders"),
    "order_line": _("Lines of orders"),
    "product": _("Products"),
    "price": _("Prices"),
    "activity": _("Activities"),
    "territory": _("Territories"),
    "territory_hold": _("Who holds a territory"),
    "stage": _("Stages"),
    "target_line": _("Targets"),
}

FIELDS: dict[str, str | Promise] = {
    "name": _("Name"),
    "account": _("Account"),
    "contact": _("Contact"),
    "owner": _("Owner"),
    "stage": _("Stage"),
    "process": _("Process"),
    "status": _("Status"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "close_on": _("Close date"),
    "closed_at": _("Closed at"),
    "created_at": _("Created at"),
    "category": _("Forecast category"),
    "probability": _("Probability"),
    "probability_bp": _("Probability"),
    "deal_type": _("Deal type"),
    "source": _("Source"),
    "campaign": _("Campaign"),
    "lost_reason": _("Lost reason"),
    "competitor": _("Competitor"),
    "next_step": _("Next step"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "job_title": _("Job title"),
    "company": _("Company"),
    "industry": _("Industry"),
    "country": _("Country"),
    "region": _("Region"),
    "segment": _("Segment"),
    "domain": _("Web domain"),
    "employees": _("Employees"),
    "revenue": _("Revenue"),
    "parent": _("Parent"),
    "rating": _("Rating"),
    "score": _("Score"),
    "product": _("Product"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "day": _("Day"),
    "number": _("Number"),
    "kind": _("Kind"),
    "subject": _("Subject"),
    "outcome": _("Outcome"),
}

_CHECKS: dict[str, str | Promise] = {
    "reconciliation": _("Sums: file = ledger + rejected"),
    "domain": _("Values that can be"),
    "referential": _("Names that are known"),
    "uniqueness": _("Keys that are single"),
    "history": _("History agrees with today"),
}

_ISSUES: dict[str, str | Promise] = {
    "bad_date": _("No calendar date"),
    "mixed_date_order": _("Dates in both orders"),
    "undecided_date_order": _("Day or month first?"),
    "date_far": _("A date far away"),
    "bad_money": _("No amount"),
    "too_many_decimals": _("More decimals than the currency has"),
    "currency_missing": _("No currency"),
    "currency_conflict": _("Two currencies in one amount"),
    "bad_percent": _("No percentage"),
    "bad_number": _("No number"),
    "bad_boolean": _("Neither yes nor no"),
    "required_missing": _("A needed value is missing"),
    "out_of_range": _("Out of range"),
    "unknown_person": _("Unknown person"),
    "unknown_stage": _("Unknown stage"),
    "unknown_account": _("Unknown account"),
    "unknown_contact": _("Unknown contact"),
    "unknown_product": _("Unknown product"),
    "unknown_deal": _("Unknown deal"),
    "key_missing": _("No key"),
    "duplicate_in_file": _("The same key twice"),
    "ragged_row": _("Too many or too few cells"),
    "id_reused": _("An id was used twice"),
    "id_damaged": _("A damaged id"),
    "plan_missing": _("Targets need a plan"),
    "close_before_create": _("Closed before it was created"),
    "won_without_amount": _("Won without an amount"),
    "lost_with_amount_zero": _("Lost with an amount of 0"),
    "history_disagrees": _("History and today disagree"),
    "kept_local_edit": _("A change made here was kept"),
    "overrode_local_edit": _("A change made here was replaced"),
    "encoding_guessed": _("The encoding was guessed"),
    "title_lines": _("Title lines were left out"),
    "not_data": _("Describes data, holds none"),
    "unclosed_quote": _("A quotation mark is not closed"),
    "ambiguous_hour": _("An hour that exists twice"),
}


def issue_words(code: str) -> str:
    """The short name of an issue; the code itself where none is known."""
    return str(_ISSUES.get(code, code.replace("_", " ")))


def check_words(name: str) -> str:
    """What a check looks at."""
    return str(_CHECKS.get(name, name))
