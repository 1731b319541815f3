"""The form of a metric: fields with the choices that exist, and only those that its way of counting needs."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hedef.definitions.queries import list_in_force
from hedef.definitions.showing import Field, Section
from hedef.metrics.engine.tables import TABLES
from hedef.metrics.schema import MetricDocument

_WORDS: dict[str, dict[str, Promise | str]] = {
    "calc": {
        "sum": _("sum: adds up over people and time"),
        "stock": _("stock: a state at the end of the period"),
        "distinct": _("distinct: each one counted once"),
        "quantile": _("quantile: a middle value, such as the median"),
        "ratio": _("ratio: one metric by another"),
        "derived": _("derived: a formula of other metrics"),
        "cohort": _("cohort: the share of a group that reached something"),
    },
    "unit": {
        "money": _("money"),
        "count": _("count"),
        "ratio": _("ratio"),
        "days": _("days"),
        "hours": _("hours"),
        "index": _("index"),
    },
    "direction": {"up": _("more is better"), "down": _("less is better"), "band": _("within a band")},
    "credit": {
        "split": _("shares of a split deal"),
        "owner_then": _("who held it then"),
        "owner_now": _("who holds it now"),
        "none": _("nobody: only the company has it"),
    },
    "keep": {"last": _("end of the period"), "first": _("begin of the period"), "average": _("average of the days")},
    "rate": {"plan": _("plan rate"), "day": _("rate of the day")},
    "empty": {"zero": "0", "none": _("no number")},
    "mixing": {"ok": _("meant")},
    "dimensions": {
        "person": _("person"),
        "team": _("team"),
        "process": _("process"),
        "product": _("product"),
        "source": _("source"),
        "segment": _("segment"),
        "region": _("region"),
    },
}
_LABELS: dict[str, Promise] = {
    "calc": _("How it counts"),
    "unit": _("Unit"),
    "direction": _("Direction"),
    "credit": _("Whose it is"),
    "keep": _("Which moment"),
    "rate": _("Currency rate"),
    "empty": _("Nothing there means"),
    "mixing": _("Parts that do not add up"),
    "dimensions": _("Can be split by"),
    "quantile": _("Which quantile (0.5 is the median)"),
    "numerator": _("What is counted (above the line)"),
    "denominator": _("Of how many (below the line)"),
    "formula": _("Formula of other metrics"),
    "within": _("Days until a member can no longer change"),
}
_HEAD = {"kind", "id", "version", "effective_from", "name", "owner", "notes", "says", "act", "cases"}
_ONLY: dict[str, frozenset[str]] = {
    "numerator": frozenset({"ratio"}),
    "denominator": frozenset({"ratio"}),
    "formula": frozenset({"derived"}),
    "quantile": frozenset({"quantile"}),
    "within": frozenset({"cohort"}),
    "keep": frozenset({"stock"}),
    "mixing": frozenset({"ratio", "derived"}),
    "empty": frozenset({"sum", "stock", "distinct"}),
}
_FIRST = ("calc", "unit", "direction")
_OF_ROWS = frozenset({"sum", "stock", "distinct", "quantile", "cohort"})


def form(body: Mapping[str, Any]) -> list[Section]:
    """Sections of a metric's form for what stands in the document now."""
    calc = str(body.get("calc") or "sum")
    found = [
        Section(_("What it is"), tuple(_what(body))),
        Section(_("How it counts"), tuple(_rules(_FIRST, body))),
    ]
    if calc in _OF_ROWS:
        found.append(Section(_("Which rows"), tuple(_fact(body, calc))))
    if calc == "cohort":
        found.append(Section(_("What was reached"), tuple(_reached())))
    rest = [
        name for name in _own_fields() if name not in ("calc", "unit", "direction") and calc in _ONLY.get(name, {calc})
    ]
    found.append(Section(_("Rules"), tuple(_rules(rest, body))))
    return found


def _what(body: Mapping[str, Any]) -> Iterable[Field]:
    if not body.get("version") or body.get("version") == 1:
        yield Field("id", _("Id"), "code", hint=_("Small letters, digits and _; it never changes."), required=True)
    yield Field("name", _("Name"), "words", required=True)
    yield Field("says", _("What it counts"), "words", required=True)
    yield Field("act", _("What to do when it is off"), "words", required=True)
    yield Field("owner", _("Owner"), required=True)
    yield Field("effective_from", _("First day"), "day", hint=_("Empty: for all days, past ones too."))


def _fact(body: Mapping[str, Any], calc: str) -> Iterable[Field]:
    fact = body.get("fact") or {}
    table = TABLES.get(str(fact.get("from") if isinstance(fact, Mapping) else ""))
    tables = tuple((name, name) for name in sorted(TABLES))
    columns = ", ".join(table.columns) if table else ""
    days = tuple((name, name) for name, one in table.columns.items() if one.type == "day") if table else ()
    yield Field("fact.from", _("Facts table"), "choice", tables, required=True)
    if calc != "stock":
        yield Field("fact.time", _("Day a row belongs to"), "choice", (("", "–"), *days))
    yield Field("fact.value", _("Value of a row"), "code", hint=columns, required=True)
    yield Field("fact.when", _("Only rows where"), "code", hint=_("Such as outcome = 'won'. Empty: every row."))


def _reached() -> Iterable[Field]:
    yield Field("reached.when", _("Members that reached it"), "code")
    yield Field("reached.value", _("Value that then counts"), "code", hint=_("Empty: the value above."))


def _own_fields() -> list[str]:
    """Fields of the schema that have a plain value; what the schema gets new appears by itself."""
    return [
        name
        for name, one in MetricDocument.model_fields.items()
        if name not in _HEAD and _plain(one.annotation) is not None
    ]


def _rules(names: Iterable[str], body: Mapping[str, Any]) -> Iterable[Field]:
    fields = MetricDocument.model_fields
    for name in names:
        one = fields[name]
        label = _LABELS.get(name, name.replace("_", " "))
        if name in ("numerator", "denominator"):
            yield Field(name, label, "choice", (("", "–"), *_metrics(body)))
        elif name == "dimensions":
            yield Field(name, label, "many", _choices(name, one.annotation))
        elif choices := _choices(name, one.annotation):
            yield Field(name, label, "choice", choices if one.is_required() else (("", "–"), *choices))
        else:
            number = _plain(one.annotation) is int
            yield Field(name, label, "number" if number else "code" if name == "formula" else "text")


def _metrics(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((one.id, one.id) for one in list_in_force("metric") if one.id != body.get("id"))


def _choices(name: str, annotation: Any) -> tuple[tuple[str, Promise | str], ...]:
    """The values of a closed list, in words where there are any."""
    words = _WORDS.get(name, {})
    return tuple((str(one), words.get(str(one), str(one))) for one in _literals(annotation))


def _literals(annotation: Any) -> list[Any]:
    """The values of a Literal, also behind an alias, an option or a tuple."""
    annotation = getattr(annotation, "__value__", annotation)
    found: list[Any] = []
    for one in get_args(annotation):
        if isinstance(one, str):
            found.append(one)
        elif one not in (type(None), Ellipsis) and not isinstance(one, type):
            found += _literals(one)
    return found


def _plain(annotation: Any) -> type | None:
    """`str` or `int` for a field with one plain value (a closed list is `str`); none for parts within parts."""
    if _literals(annotation):
        return str
    annotation = getattr(annotation, "__value__", annotation)
    kinds = [annotation, *get_args(annotation)]
    inner = [getattr(one, "__origin__", one) for one in kinds]
    return int if int in inner else str if str in inner else None


def blank() -> str:
    """The text of a new metric, with what each line is for."""
    return _BLANK


_BLANK = """\
kind: metric
id: new_metric
version: 1
name: {en: New metric, tr: Yeni ölçüt}
owner: operations
# what it counts, as a sentence
says: {en: "Deals won, by close date.", tr: "Kapanış tarihine göre kazanılan fırsatlar."}
unit: count
direction: up
calc: sum
fact: {from: closing, value: sign, when: "outcome = 'won'", time: close_on}
dimensions: [person, team]
# what to do when the number is off
act: {en: "Open the rows of this scope.", tr: "Bu kapsamın satırlarını aç."}
# what proves it: rows in view, a question, the number that must come out
cases:
  - name: deals won in the quarter are counted, lost ones are not
    rows:
      closing:
        - {deal: 1, owner: 1, outcome: won, close_on: 2017-07-03, amount: 100}
        - {deal: 2, owner: 1, outcome: lost, close_on: 2017-07-04, amount: 50}
    ask: {scope: company, period: 2017-Q3, as_of: 2017-09-30}
    expect: 1
  - name: deals of another quarter do not count
    rows:
      closing:
        - {deal: 1, owner: 1, outcome: won, close_on: 2017-04-03, amount: 100}
    ask: {scope: company, period: 2017-Q3, as_of: 2017-09-30}
    expect: 0
  - name: a quarter without deals has a count of zero
    rows: {closing: []}
    ask: {scope: company, period: 2017-Q3, as_of: 2017-09-30}
    expect: 0
"""
