"""Why a number is what it is: the currencies and rows that add up to it, its rule, and what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hedef.kernel.issue import Issue
from hedef.metrics.page.shown import Figure, figure_of, in_words
from hedef.metrics.queries import Drill, Row
from hedef.metrics.queries.documents import Recipe
from hedef.metrics.schema import Fact as Rule
from hedef.metrics.schema import MetricDocument
from hedef.records import queries as records


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a trace: its sign, what it is (a label, or a period), the number; `closes` sums the lines above."""

    sign: str
    label: str
    figure: Figure | None = None
    note: str = ""
    closes: bool = False
    period: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row behind a number, with the words that a person knows it by."""

    subject: str
    name: str
    url: str
    day: str | None
    owner: str
    team: str
    figure: Figure
    n: str
    part: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric as a person reads it."""

    id: str
    version: int
    name: str
    says: str
    act: str
    rule: str
    url: str
    self_approved: bool = False


def definition_of(recipe: Recipe) -> Definition:
    """The definition behind a number, in force on the period's last day."""
    version, document = recipe.version, recipe.document
    return Definition(
        id=document.id,
        version=version.version,
        name=in_words(document.name),
        says=in_words(document.says),
        act=in_words(document.act),
        rule=rule_text(recipe),
        url=f"/metrics/{document.id}/",
        self_approved=version.self_approved,
    )


def rule_text(recipe: Recipe) -> str:
    """The definition's own formula, as written in its document."""
    document = recipe.document
    if not recipe.children:
        return _sum(document)
    first = f"{document.numerator} / {document.denominator}" if document.calc == "ratio" else document.formula or ""
    return "\n".join([first, *(f"{leaf.document.id} = {_sum(leaf.document)}" for leaf in recipe.leaves)])


def _sum(document: MetricDocument) -> str:
    fact: Rule | None = document.fact
    if fact is None:
        return document.calc
    words = {"quantile": f"quantile {document.quantile} of", "distinct": "number of different", "cohort": "members by"}
    lines = [f"{words.get(document.calc, 'sum of')} {fact.value}", f"  from {fact.table}"]
    if fact.when:
        lines.append(f"  where {fact.when}")
    lines.append(f"  in the period by {fact.time}" if fact.time else f"  {_KEPT[document.keep]}")
    if document.reached is not None:
        lines.append(f"  reached: {document.reached.value or fact.value} where {document.reached.when or 'true'}")
    if document.within is not None:
        lines.append(f"  members count {document.within} days after {fact.time}")
    lines.append(f"  credit {document.credit}")
    return "\n".join(lines)


_KEPT = {"last": "at the end of the period", "first": "when the period began", "average": "on average of its day ends"}


def steps_of(drill: Drill) -> list[Step]:
    """Lines that add up to the number: one a currency, or numerator by denominator."""
    cell, recipe = drill.cell, drill.recipe
    shown = figure_of(cell.value, cell.unit, cell.currency)
    if recipe.document.calc == "ratio":
        part, whole = (child.document for child in recipe.children)
        return [
            Step("", in_words(part.name), figure_of(cell.numerator, part.unit, drill.setting.currency)),
            Step("÷", in_words(whole.name), figure_of(cell.denominator, whole.unit, drill.setting.currency)),
            Step("=", in_words(recipe.document.name), shown, closes=True),
        ]
    if recipe.document.calc == "cohort":
        unit, currency = recipe.sums[0].unit, drill.setting.currency
        return [
            Step("", _("Reached"), figure_of(cell.numerator, unit, currency)),
            Step("÷", _("Members that can no longer change"), figure_of(cell.denominator, unit, currency)),
            Step("=", in_words(recipe.document.name), shown, closes=True),
        ]
    if recipe.document.calc == "derived":
        told = [Step("", part.metric, figure_of(part.value, part.unit, part.currency)) for part in cell.parts]
        return [
            *told,
            Step("=", in_words(recipe.document.name), shown, note=recipe.document.formula or "", closes=True),
        ]
    if recipe.document.calc == "quantile":
        label = ngettext("%(n)s value", "%(n)s values", len(drill.rows)) % {"n": len(drill.rows)}
        return [Step("=", in_words(recipe.document.name), shown, note=label, closes=True)]
    found = [_currency_step(drill, one) for one in dict.fromkeys(row.currency for row in drill.rows)]
    if cell.unit != "money" or (len(found) < 2 and not any(step.note for step in found)):
        found = found[:1] if cell.unit == "money" else []
    return (
        [*found, Step("=", rows_label(drill), shown, closes=True)]
        if found
        else [Step("=", rows_label(drill), shown, closes=True)]
    )


def rows_label(drill: Drill) -> str:
    """How many deals (or rows of another kind) stand behind the number."""
    count = len({row.subject for row in drill.rows})
    if all(row.subject.startswith("D-") for row in drill.rows):
        return ngettext("%(n)s deal", "%(n)s deals", count) % {"n": count}
    return ngettext("%(n)s row", "%(n)s rows", count) % {"n": count}


def _currency_step(drill: Drill, currency: str | None) -> Step:
    """The rows of one currency: their sum, converted at the plan's rate where it is another one."""
    mine = [row for row in drill.rows if row.currency == currency]
    summed = sum((Fraction(row.value) for row in mine if row.value is not None), Fraction(0))
    cell = drill.cell
    count = len({row.subject for row in mine})
    label = f"{ngettext('%(n)s deal', '%(n)s deals', count) % {'n': count}}, {currency or '–'}"
    rate = None if currency is None else drill.setting.rates.rate(currency, cell.currency or "", cell.period.start)
    if currency == cell.currency or currency is None:
        return Step("+", label, figure_of(summed, "money", currency or cell.currency))
    if rate is None:
        return Step("+", label, None, note=_("no rate: left out"))
    exact = drill.setting.rates.convert(int(summed), currency, cell.currency or "", cell.period.start)
    own = figure_of(summed, "money", currency).value
    note = _("%(sum)s %(from)s at the plan rate %(rate)s") % {
        "sum": _plain(own),
        "from": currency,
        "rate": _rate(1 / rate if rate < 1 else rate),
    }
    return Step("+", label, figure_of(exact, "money", cell.currency), note=note)


def _plain(value: Fraction | None) -> str:
    return "–" if value is None else f"{round(value):,}".replace(",", "\u202f")


def _rate(rate: Fraction) -> str:
    whole = round(rate * 10_000)
    return f"{whole // 10_000}.{whole % 10_000:04d}".rstrip("0").rstrip(".")


def lines_of(drill: Drill, rows: Sequence[Row]) -> list[Line]:
    """Rows with names, in their order; one question a kind of name."""
    kind = "deal" if all(row.subject.startswith("D-") for row in rows) else None
    names = records.names((row.entity for row in rows), kind=kind) if rows else {}
    owners = records.names((row.owner for row in rows), kind="person") if rows else {}
    teams = records.names((row.team for row in rows), kind="team") if rows else {}
    units = {part.name: part.unit for part in drill.recipe.sums}
    return [
        Line(
            subject=row.subject,
            name=names.get(row.entity, row.subject),
            url=f"/process/deals/{row.subject}" if row.subject.startswith("D-") else "",
            day=None if row.day is None else row.day.isoformat(),
            owner=owners.get(row.owner or 0, ""),
            team=teams.get(row.team or 0, ""),
            figure=figure_of(row.value, units[row.part], row.currency),
            n=str(row.n),
            part=row.part,
        )
        for row in rows
    ]


def largest(drill: Drill, count: int) -> list[Row]:
    """The rows that weigh most: by value in the number's currency, ties by number."""

    def weight(row: Row) -> Fraction:
        if row.value is None:
            return Fraction(0)
        if row.currency is None or drill.cell.currency in (None, row.currency):
            return abs(Fraction(row.value))
        rate = drill.setting.rates.rate(row.currency, drill.cell.currency or "", drill.cell.period.start)
        return abs(Fraction(row.value) * (rate or 0))

    return sorted(drill.rows, key=lambda row: (-weight(row), row.entity))[:count]


def left_out(issues: Sequence[Issue]) -> list[str]:
    """What does not count, as sentences."""
    return [issue_text(issue) for issue in issues]


def issue_text(issue: Issue) -> str:
    """A sentence in the viewer's language; an issue without a translation says its own."""
    told = _TOLD.get(issue.code)
    if told is None:
        return issue.message
    return str(told) % {"object": issue.object or ""} if "%(object)s" in str(told) else str(told)


# a sentence for every code that a number can carry
_TOLD = {
    "amount_missing": gettext_lazy("Rows without an amount are left out; open the rows and fill them in."),
    "rate_missing": gettext_lazy("A rate is missing, so the sum cannot be shown; import the rates."),
    "period_not_started": gettext_lazy("The period has not begun."),
    "nothing_counted": gettext_lazy("There was nothing to count, so there is no number."),
    "definition_changed": gettext_lazy("The periods are computed by different versions of the definition."),
    "cohort_open": gettext_lazy("Some members can still change: they are not counted before their time is over."),
    "facts_not_published": gettext_lazy(
        "Not measured yet: needs the facts “%(object)s”, which no room publishes here."
    ),
    "owner_now": gettext_lazy(
        "Every row counts for who owns it on the day of the question, not for who owned it then."
    ),
    "no_target": gettext_lazy("No target is set for this scope and period."),
    "no_period": gettext_lazy("The company's calendar has no period like this one to compare with."),
    "week_53": gettext_lazy(
        "Week 53 has nothing like it in the year before: it stands beside the last week of that year."
    ),
}


def rows_url(metric: str, **query: str | int | None) -> str:
    """The page of the rows behind a number."""
    return address(f"/metrics/{metric}/rows", **query)


def why_url(metric: str, **query: str | int | None) -> str:
    """The page that explains a number."""
    return address(f"/metrics/{metric}/why", **query)


def address(path: str, **query: str | int | None) -> str:
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def scope_name(scope: str, names: dict[str, str]) -> str:
    """What a person calls a scope."""
    if scope == "company":
        return _("Company")
    if scope == "unassigned":
        return _("No owner or team")
    return names.get(scope, scope.partition(":")[2])
