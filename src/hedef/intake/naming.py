"""Words that pages show for codes of intake: objects, fields, checks, issues, questions."""

import re

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hedef.intake.refusing import in_words

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
    "contact_history": _("History of contacts"),
    "deal_line": _("Lines of deals"),
    "order": _("Orders"),
    "quote": _("Quotes"),
    "invoice": _("Invoices"),
    "order_line": _("Lines of orders"),
    "product": _("Products"),
    "price": _("Prices"),
    "activity": _("Activities"),
    "territory": _("Territories"),
    "territory_hold": _("Who holds a territory"),
    "stage": _("Stages"),
    "target_line": _("Targets"),
}

KINDS: dict[str, str | Promise] = {
    "person": _("Person"),
    "product": _("Product"),
    "team": _("Team"),
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
    "valid_until": _("Valid until"),
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
    "recurring": _("Recurring amount"),
    "won_reason": _("Won reason"),
    "record_type": _("Record type"),
    "custom": _("A field of its own"),
    "extra": _("Fields of your own"),
    "exit_checks": _("Exit criteria"),
    "exit_words": _("Evidence of exit criteria"),
    "lead": _("Lead"),
    "deal": _("Deal"),
    "team": _("Team"),
    "person": _("Person"),
    "manager": _("Manager"),
    "role": _("Role"),
    "handle": _("Short name"),
    "employee_no": _("Employee number"),
    "time_zone": _("Time zone"),
    "code": _("Code"),
    "family": _("Product family"),
    "due_on": _("Due on"),
    "due_at": _("Due at"),
    "done": _("Done"),
    "done_at": _("Done at"),
    "seconds": _("Duration"),
    "direction": _("Direction"),
    "about": _("What it is about"),
    "tax": _("Tax"),
    "rate": _("Exchange rate"),
    "converted_at": _("Converted at"),
    "converted_deal": _("Converted to the deal"),
    "converted_account": _("Converted to the account"),
    "converted_contact": _("Converted to the contact"),
    "key": _("Key"),
    "value": _("Value"),
    "metric": _("Metric"),
    "period": _("Period"),
    "primary": _("Main membership"),
    "price": _("Price"),
    "list": _("Price list"),
    "territory": _("Territory"),
    "start": _("From"),
    "end": _("Until"),
}

USES: dict[str, str | Promise] = {
    "key": _("Key of the record"),
    "currency": _("Currency of the amounts"),
    "time": _("Time of a change"),
    "compared": _("Compared, not kept"),
    "field": _("Used by the reader of this export"),
}

_CHECKS: dict[str, str | Promise] = {
    # as `web.trust` calls them: one name for a check on every page
    "reconciliation": _("Sums agree"),
    "domain": _("Possible values"),
    "referential": _("Known names"),
    "uniqueness": _("Single keys"),
    "history": _("History agrees with today"),
    "completeness": _("Completeness"),
    "freshness": _("Freshness"),
    "drift": _("Values as usual"),
    "completeness.filled": _("Needed fields are filled"),
    "completeness.rows": _("As many rows as usual"),
    "uniqueness.suspect": _("Nobody stands there twice"),
    "domain.impossible": _("Possible values"),
}

_ISSUES: dict[str, str | Promise] = {
    "bad_date": _("No calendar date"),
    "mixed_date_order": _("Dates in both orders"),
    "undecided_date_order": _("Day or month first?"),
    "date_far": _("A date far away"),
    "bad_money": _("Not an amount"),
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
    "duplicate_suspect": _("A name that somebody has already"),
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
    "empty_file": _("The file is empty"),
    "column_new": _("A new column"),
    "header_repeated": _("A column name twice"),
    "row_too_large": _("A cell is too large"),
    "ending_mismatch": _("The ending says another format"),
    "unsafe_file": _("The file is not opened"),
    "unsafe_archive": _("The archive is not opened"),
    "formula_without_value": _("Formulas without a value"),
    "formula_error": _("Cells that show an error"),
    "sheet_hidden": _("Hidden sheets were left out"),
    "key_repeated": _("A key twice in one record"),
    "entry_left_out": _("Files of an archive were left out"),
    "unknown_team": _("Unknown team"),
    "unknown_lead": _("Unknown lead"),
    "unknown_order": _("Unknown order"),
    "unknown_territory": _("Unknown territory"),
    "unknown_about": _("It is about nobody known"),
    "unknown_object": _("An unknown kind of file"),
    "overlap_membership": _("Memberships that overlap"),
    "gone": _("No longer in the export"),
    "gone_too_many": _("Too many no longer in the export"),
    "not_reconciled": _("File and ledger differ"),
    "control_total": _("A control total differs"),
    "stage_order": _("Stages out of order"),
    "status_conflict": _("Status and stage disagree"),
    "probability_conflict": _("Probability and stage disagree"),
    "check_conflict": _("Two columns disagree"),
    "merged": _("Made one record in the source"),
    "split_sum": _("Shares are not the whole deal"),
    "manager_cycle": _("A circle of managers"),
    "history_left_out": _("Former values were left out"),
    "ambiguous_hour": _("An hour that exists twice"),
    "column_missing": _("A mapped column is missing"),
    "control_chars": _("Control characters were dropped"),
    "hidden_null": _("A word that means nothing"),
    "stage_before_create": _("A stage before it was created"),
    "text_cut": _("A text was cut"),
    "too_large": _("Too large"),
}


# what a check found: how many of how many
_FOUND: dict[str, str | Promise] = {
    "uniqueness": _("%(rows)s of %(judged)s rows repeat a key"),
    "referential": _("%(rows)s of %(judged)s references name nobody known"),
    "domain": _("%(rows)s of %(judged)s rows were rejected"),
    "history": _("%(rows)s of %(judged)s deals end in another stage than their history"),
    "completeness": _("%(rows)s of %(judged)s known records are missing in a full export and were not ended"),
}

# how a row is mended, where the sentence of the reader is English only
_CURES: dict[str, str | Promise] = {
    "bad_date": _("This is no calendar date. Write it as 2026-10-31."),
    "undecided_date_order": _("Nothing says whether the day or the month comes first. Write it as 2026-10-31."),
    "bad_money": _("This is no amount. Write it as 1234.56."),
    "bad_number": _("This is no number. Write it with digits only."),
    "bad_percent": _("This is no percentage. Write it as 25%."),
    "bad_boolean": _("Write yes or no."),
    "currency_missing": _("No currency is known for this amount."),
    "out_of_range": _("The value is too large or too small."),
    "required_missing": _("The row needs this value."),
    "key_missing": _("Without a key the row cannot be told from others. Fill the key column."),
    "ragged_row": _("The row has another number of cells than the header. Look for a separator without quotes."),
    "unknown_stage": _("The sales process has no such stage."),
    "unknown_person": _("Import the people first, or correct the spelling."),
    "unknown_account": _("Import the accounts first, or correct the spelling."),
    "unknown_contact": _("Import the contacts first, or correct the spelling."),
    "unknown_product": _("Import the products first, or correct the spelling."),
    "unknown_deal": _("Import the deals first, or correct the key."),
    "id_damaged": _("A spreadsheet rounded this id. Export again and open the file as text."),
    "duplicate_in_file": _("The newest row of the key counts, else the last one in the file."),
    "duplicate_suspect": _("Both count as people of their own. If it is one person, keep to one list of people."),
    "close_before_create": _("Counted as closed when it was made. Correct one of the two dates."),
    "won_without_amount": _("Add its amount."),
    "lost_with_amount_zero": _("Read as no amount."),
    "too_many_decimals": _("Rounded to what the currency has."),
    "ambiguous_hour": _("Clocks went back: the first of the two hours was taken."),
    "column_missing": _("Add the column to the export again, or give its field another one."),
    "column_new": _("It is not imported until you give it a field."),
    "control_chars": _("Nothing is to be done; the rest of the text was kept."),
    "currency_conflict": _("The mark of the amount and the currency column differ. Correct one of them."),
    "date_far": _("Look at the year."),
    "empty_file": _("Export it again; at least a header line is needed."),
    "gone": _("Marked; the next full export that misses it ends it."),
    "gone_too_many": _("Nothing was ended. Was the export filtered?"),
    "header_repeated": _("The second one is called “#2”; give the columns different names."),
    "hidden_null": _("Read as empty."),
    "id_reused": _("Counted as a second life of the same record."),
    "kept_local_edit": _("Correct it in the CRM too, so that both say the same."),
    "overlap_membership": _("A person has one main team on a day. Correct one of the two dates."),
    "overrode_local_edit": _("The value of the source counts. Set it again if yours was right."),
    "row_too_large": _("Shorten the cell in the source."),
    "not_reconciled": _("Take the import back, then import the file again."),
    "control_total": _("Look whether the export is whole and the total is the one of this file."),
    "stage_before_create": _("Counted from the day it was created on."),
    "stage_order": _("Each counts on its date. Correct the dates in the source if the order is wrong."),
    "status_conflict": _("The stage decides. Correct the flag in the source, or what its stages mean here."),
    "probability_conflict": _("The process gives the probability of its stages; that of the row is not used."),
    "check_conflict": _("The figure that the source worked out itself is not used. Look which of the two is right."),
    "merged": _("They are one record here too. Taking the merge back parts them again."),
    "split_sum": _("The deal keeps the shares it had. Make them add up to 100 per cent."),
    "manager_cycle": _("The line was left out. Say who really leads whom."),
    "history_left_out": _("The present values are imported."),
    "text_cut": _("Shorten the text in the source."),
    "title_lines": _("They stand above the header and hold no records."),
    "unclosed_quote": _("Read literally. Close the quotation mark in the source."),
    "unknown_about": _("Import who or what it is about first."),
    "plan_missing": _("Import targets on the command line, with the plan they belong to."),
    "not_data": _("The file describes data; it holds no records."),
    "ending_mismatch": _("The content counts, whatever the file is called."),
    "formula_without_value": _("Open the file in a spreadsheet program, let it compute, and save it."),
    "formula_error": _("Read as blank. Correct the formulas and save the file."),
    "sheet_hidden": _("Show the sheet in the file, if its rows belong to the import."),
    "key_repeated": _("The last value counts."),
    "entry_left_out": _("They hold no records."),
    "encoding_guessed": _("Look at names with special letters. Export as UTF-8 to be sure."),
    "mixed_date_order": _("Dates stand in both orders; each was read by its own proof."),
    "history_disagrees": _("The history counts. Export both files at the same time."),
}

# why a file was not read, and what to do
_FAULTS: dict[str, tuple[Promise, Promise]] = {
    "empty_file": (_("The file is empty."), _("Export it again; at least a header line is needed.")),
    "not_data": (_("The file holds no records that can be read."), _("Export it again as CSV and import that.")),
    "unsafe_archive": (
        _("The archive is not safe: it unpacks to far more than it should, or holds things that are no files."),
        _("Unpack it yourself and import the files you trust."),
    ),
    "unsafe_file": (
        _("The file is not safe: it holds a program, a macro, or more depth than data has."),
        _("Export the records as CSV and import that."),
    ),
    "too_large": (
        _("The file is larger than the limits of this home allow."),
        _("Export fewer columns or a shorter time."),
    ),
    "unknown_object": (
        _("The columns fit no export that Hedef knows."),
        _("Say what the file holds."),
    ),
    "column_missing": (
        _("Columns that the saved mapping names are not in the file."),
        _("Export them again, or change what the columns become."),
    ),
    "interrupted": (
        _("The import stopped in the middle. Nothing is lost."),
        _("Make room on the disk; it goes on by itself."),
    ),
    "no_room": (
        _("There is no room left on the disk. Nothing was imported."),
        _("Make room, then import the file again."),
    ),
    "broken_off": (_("The import was broken off before its end."), _("Import the file again.")),
    "forbidden": (_("You may look at this, but not change it."), _("Ask sales operations.")),
}

_QUESTIONS: dict[str, str | Promise] = {
    "date_order": _("“%(column)s”: does the day or the month come first?"),
    "decimal_mark": _("“%(column)s”: how are the decimals written?"),
    "scale": _("“%(column)s”: is 0.5 half a per cent or half of the whole?"),
    "key": _("Which column is different in every row, so that the record is known again?"),
    "alias": _("“%(column)s”: who or what is meant?"),
    "process": _("“%(column)s”: in which order do the stages follow each other?"),
    "sheet": _("Several sheets of the file hold records. Which one is meant?"),
    "list": _("The file holds several kinds of records. Which ones are meant?"),
    "copies": _("Some rows agree in every column. Are they copies of one record, or several records?"),
}

WHAT: dict[str, str | Promise] = {
    "date_order": _("order of the date"),
    "decimal_mark": _("decimal mark"),
    "scale": _("percent or fraction"),
    "precision": _("day or time"),
    "boolean": _("yes and no"),
    "process": _("sales process"),
    "alias": _("spelling"),
    "key": _("key"),
    "currency": _("currency"),
    "time_zone": _("time zone"),
    "lost_by": _("what closes a deal"),
    "same_instant": _("order within one instant"),
    "column": _("column"),
    "scope": _("whole or part"),
    "source": _("source"),
    "exported_at": _("exported at"),
    "copies": _("equal rows"),
    "sheet": _("sheet"),
    "list": _("kind of records"),
    "late": _("filled after the first contact"),
}

BY: dict[str, str | Promise] = {
    "evidence": _("by evidence"),
    "mapping": _("saved before"),
    "person": _("by a person"),
    "default": _("by default"),
    "suggestion": _("suggested"),
}

_VALUES: dict[str, str | Promise] = {
    "d/m": _("day/month/year"),
    "m/d": _("month/day/year"),
    ".": "1,234.56",
    ",": "1.234,56",
    "percent": _("per cent"),
    "fraction": _("fraction"),
    "day": _("day"),
    "instant": _("day and time"),
    "blank_is_false": _("blank means no"),
    "not stored": _("not stored"),
    "partial": _("a part of the records"),
    "full": _("all records"),
    "none": _("nobody of these"),
    "yes": _("yes"),
    "no": _("no"),
    "equal": _("copies of one record"),
    "apart": _("several records"),
    "not for scoring": _("not for scoring"),
}


def value_words(value: object) -> str:
    """A value of a decision as a person reads it."""
    return "" if value is None else str(_VALUES.get(str(value), value))


def cure(code: str, hint: str | None) -> str:
    """How a finding is mended: the reader's own sentence in English, in other languages the general one.

    A sentence for the command line is none for a page.
    """
    own = "" if hint is None or "--" in hint else hint
    if (get_language() or "en").startswith("en"):
        return own or str(_CURES.get(code, ""))
    return str(_CURES.get(code, own))


def fault_words(code: str, message: str, hint: str | None) -> tuple[str, str]:
    """Why something was refused, and what to do: the own sentence in English and where the reader's is known in the
    language of the page, else the general one for its code.
    """
    if (get_language() or "en").startswith("en"):
        return message, hint or ""
    told, cure_ = _FAULTS.get(code, (message, hint or ""))
    said = in_words(message)
    if said is None:
        return str(told), str(cure_)
    return said, (in_words(hint) if hint else None) or str(cure_)


def question_words(what: str, column: str, message: str | None) -> str:
    """A question as the page asks it."""
    known = _QUESTIONS.get(what)
    return message or column if known is None else str(known) % {"column": column.partition(":")[2] or column}


def own_process_words(column: str, message: str | None) -> str:
    """The question whether the deals of a second source stand in a process that is there."""
    if (get_language() or "en").startswith("en") and message:
        return message
    told = _(
        "The process %(process)s knows few stages of this source. Do its deals stand in it, or in one of their own?"
    )
    return str(told) % {"process": column.partition(":")[2] or column}


def found_words(check: str, detail: str) -> str:
    """What a check found; the numbers stand in the sentence that was kept with it."""
    numbers = re.findall(r"\d+", detail)
    if check not in _FOUND or len(numbers) != 2:
        return detail
    return str(_FOUND[check]) % {"rows": numbers[0], "judged": numbers[1]}


def issue_words(code: str) -> str:
    """The short name of an issue; the code itself where none is known."""
    return str(_ISSUES.get(code, code.replace("_", " ")))


def check_words(name: str) -> str:
    """What a check looks at."""
    return str(_CHECKS.get(name, name))
