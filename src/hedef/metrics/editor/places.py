"""Where a rule's finding stands in the text of a metric, and what it says in the language of who reads."""

import re
from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hedef.kernel.issue import Issue, Source
from hedef.kernel.yaml_source import Locate, Path, spell_path

_OF_CODE: dict[str, Path] = {
    "unknown_table": ("fact", "from"),
    "table_missing": ("fact", "from"),
    "unit_mismatch": ("unit",),
    "credit_mismatch": ("credit",),
    "owner_now": ("credit",),
    "sign_missing": ("fact", "value"),
    "sum_over_stock": ("calc",),
    "stock_over_flow": ("calc",),
    "time_not_meant": ("fact", "time"),
    "time_missing": ("fact", "time"),
    "owner_missing": ("owner",),
    "cases_missing": ("cases",),
    "mixing": ("mixing",),
    "ratio_of_ratio": ("numerator",),
    "metric_cycle": ("numerator",),
    "same_expression": ("fact", "value"),
}
_NAMED = re.compile(r'^(value|when|time|formula|reached(?:\.\w+)?)\b(?: "(?P<text>.*?)", character (?P<at>\d+))?')
_IN_FACT = {"value", "when", "time"}


def placed(issue: Issue, locate: Locate, file: str | None) -> Issue:
    """The issue with the line and column of the field that it is about."""
    if issue.source is not None or not locate.values:
        return issue
    said = said_alone(issue)
    path, shift = _path(issue, said, locate)
    line, column = locate(path)
    return replace(issue, source=Source(file, line, str(column + shift)), object=spell_path(path) or issue.object)


def said_alone(issue: Issue) -> str:
    """The sentence without `id@version:` before it."""
    return re.sub(r"^[a-z0-9_]+@\d+: ", "", issue.message)


def _path(issue: Issue, said: str, locate: Locate) -> tuple[Path, int]:
    """The path of the field, and how many characters into its text the finding stands."""
    found = _NAMED.match(said)
    if found is not None:
        name = found[1]
        path = ("fact", name) if name in _IN_FACT else tuple(name.split("."))
        return path, int(found["at"]) - 1 if found["at"] else 0
    if issue.code == "unknown_metric":
        named = re.findall(r'"([^"]*)"', said)
        fields = [key for key in ("numerator", "denominator", "formula") if (key,) in locate.values]
        return (fields[0] if len(fields) == 1 or not named else _which(fields, issue),), 0
    if issue.code == "text_missing":
        return (("act",) if "act (" in said else ("says",)), 0
    return _OF_CODE.get(issue.code, ()), 0


def _which(fields: list[str], issue: Issue) -> str:
    return next((one for one in fields if one in issue.message), fields[-1] if fields else "calc")


_TURKISH: dict[str, Callable[[], str]] = {
    "unknown_metric": lambda: _("There is no such metric in force: %(names)s."),
    "unknown_table": lambda: _("There is no such facts table: %(names)s."),
    "unknown_column": lambda: _("The facts table has no such column: %(names)s."),
    "outside_language": lambda: _("This is outside the language of expressions: %(names)s."),
    "type_mismatch": lambda: _("The types do not fit together: %(names)s."),
    "unit_mismatch": lambda: _("The unit does not fit what is counted."),
    "sign_missing": lambda: _("The value must carry the sign of its row exactly once, such as sign * amount."),
    "sum_over_stock": lambda: _("The table holds balances; a sum would add them up. Use stock."),
    "stock_over_flow": lambda: _("The table holds events, not a state. Use sum."),
    "time_missing": lambda: _("Name the day a row belongs to."),
    "time_not_meant": lambda: _("A stock is read at an instant: leave the day out."),
    "text_missing": lambda: _("Write this text in both languages."),
    "cases_missing": lambda: _("At least 3 cases are needed, one of them with nothing to count."),
    "same_expression": lambda: _("Another metric counts exactly the same."),
    "metric_cycle": lambda: _("A metric may not lead back to itself."),
    "credit_mismatch": lambda: _("The credits of its parts do not fit together."),
}


def tell(issue: Issue) -> str | None:
    """A finding of the rules in the reader's language; none for what the definitions room says itself."""
    if issue.code not in _TURKISH:
        return said_alone(issue) if issue.code.startswith("case_") else None
    if (get_language() or "en").startswith("en"):
        alone = re.sub(r'^\w+(\.\w+)? ".*?", character \d+: ', "", said_alone(issue))
        return re.sub(r" \(M\d+\)\.$", ".", alone[:1].upper() + alone[1:])
    names = ", ".join(re.findall(r'"([^"]*)"', said_alone(issue))[-1:])
    return _TURKISH[issue.code]() % {"names": names}
