"""What a metric would say while somebody writes it: its number for the company and by team in the current quarter."""

from fractions import Fraction

from django.utils.translation import gettext as _

from hedef.definitions.queries import Version
from hedef.definitions.showing import Block, Cell, Viewer
from hedef.facts.queries import calendar, pin
from hedef.kernel.money import exponent
from hedef.metrics.engine.cells import Cell as Number
from hedef.metrics.page.reasons import issue_text
from hedef.metrics.queries.evaluate import Evaluation, evaluate
from hedef.metrics.queries.listed import scope_names

SHOWN = 12  # teams in view


def preview(version: Version, viewer: Viewer) -> list[Block]:
    """The number of the quarter around `as_of`; the draft stands in the place of what is in force."""
    period = calendar().period_of(viewer.as_of, "quarter")
    found = evaluate(
        version.id,
        periods=[period],
        as_of=viewer.as_of_us,
        by=("company", "team"),
        known_at=viewer.known_no,
        scope=viewer.scope,
        pinned=pin(wait=False, known_no=viewer.known_no),
    )
    names = scope_names([one.scope for one in found])
    rows = tuple(_row(one, names) for one in list(found)[: SHOWN + 1])
    issues = dict.fromkeys(issue_text(one) for cell in found if cell.scope == "company" for one in cell.issues)
    head = (Cell(_("Scope")), Cell(period.id, unit="count"), Cell("n", unit="count"))
    notes = [*issues]
    if not any(cell.n for cell in found):
        notes.append(_("Nothing is counted in this quarter: look at the condition and the day."))
    return [Block(_number(found), head=head, rows=rows, notes=tuple(notes), trust=found.trust)]


def _number(found: Evaluation) -> str:
    return _("In %(period)s") % {"period": found[0].period.id} if len(found) else ""


def _row(cell: Number, names: dict[str, str]) -> tuple[Cell, ...]:
    name = _("Company") if cell.scope == "company" else names.get(cell.scope) or scope_word(cell.scope)
    return Cell(name), value_cell(cell), Cell(value=Fraction(cell.n), unit="count")


def scope_word(scope: str) -> str:
    return _("No owner or team") if scope == "unassigned" else scope


def value_cell(cell: Number) -> Cell:
    """A metric's value as the pages show it: money in major units."""
    value = None if cell.value is None else Fraction(cell.value)
    if value is not None and cell.unit == "money" and cell.currency:
        value /= 10 ** exponent(cell.currency)
    return Cell(value=value, unit=cell.unit, currency=cell.currency)
