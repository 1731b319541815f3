"""Rules M1-M12 of a metric document, collected as issues before a version is published."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hedef.kernel.issue import Issue, Level
from hedef.metrics.engine.cases import Case
from hedef.metrics.engine.expressions import ExpressionError, Node, parse
from hedef.metrics.engine.tables import CREDIT_TABLES, TABLES, FactTable
from hedef.metrics.engine.types import Finding, Typing, signed
from hedef.metrics.schema import MetricDocument

BUILT = ("sum", "stock", "quantile", "ratio")


@dataclass(frozen=True)
class Subject:
    """A document under check, the other metrics in force, and its cases (none: not looked for)."""

    document: MetricDocument
    others: Mapping[str, MetricDocument]
    cases: Sequence[Case] | None = None

    def issue(self, code: str, message: str, hint: str | None = None, *, warning: bool = False) -> Issue:
        document = self.document
        level: Level = "warning" if warning else "error"
        return Issue(code, level, f"{document.id}@{document.version}: {message}", None, f"metric:{document.id}", hint)


def check_metric(
    document: MetricDocument, others: Mapping[str, MetricDocument], cases: Sequence[Case] | None = None
) -> list[Issue]:
    """All findings of one document; `others` are the metrics in force by id (the document itself is left out)."""
    subject = Subject(document, {name: one for name, one in others.items() if name != document.id}, cases)
    return [issue for rule in _RULES for issue in rule(subject)]


def _not_built(subject: Subject) -> Iterator[Issue]:
    document = subject.document
    if document.calc not in BUILT:
        yield subject.issue(
            "calc_not_built",
            f"metrics of calc {document.calc} cannot be computed yet.",
            f"This version computes {', '.join(BUILT)}.",
        )
    if document.credit == "owner_now":
        yield subject.issue("credit_not_built", "credit owner_now cannot be computed yet.", "Use owner_then or split.")
    if document.rate == "day":
        yield subject.issue("rate_not_built", "rate day cannot be computed yet.", "Use rate plan (budget rates).")
    if document.keep != "last":
        yield subject.issue("keep_not_built", f"keep {document.keep} cannot be computed yet.", "Use keep last.")


def _names(subject: Subject) -> Iterator[Issue]:
    """M1 for tables and parts, M5 for the language, M1 and M2 for columns and types."""
    document, fact = subject.document, subject.document.fact
    for part in (document.numerator, document.denominator):
        if part and part not in subject.others and part != document.id:
            yield subject.issue("unknown_metric", f'there is no metric "{part}" (M1).', _known(subject.others))
    if fact is None:
        return
    table = TABLES.get(fact.table)
    if table is None:
        yield subject.issue("unknown_table", f'there is no facts table "{fact.table}" (M1).', _known(TABLES))
        return
    for field, text, condition in (("value", fact.value, False), ("when", fact.when, True)):
        if text is not None:
            yield from _expression(subject, table, field, text, condition=condition)


def _expression(subject: Subject, table: FactTable, field: str, text: str, *, condition: bool) -> Iterator[Issue]:
    try:
        node = parse(text)
    except ExpressionError as fault:
        yield subject.issue("outside_language", f'{field} "{text}", character {fault.at + 1}: {fault.message} (M5).')
        return
    typing = Typing(table)
    kind = typing.of(node)
    for finding in typing.findings:
        yield _finding(subject, field, text, finding)
    if kind == "unknown":
        return
    if condition != (kind == "bool"):
        wanted = "a condition" if condition else "a number"
        yield subject.issue("type_mismatch", f'{field} "{text}" must be {wanted} (M2).')
    elif not condition:
        yield from _value(subject, table, text, node, money=kind == "money")


def _value(subject: Subject, table: FactTable, text: str, node: Node, *, money: bool) -> Iterator[Issue]:
    document = subject.document
    if money != (document.unit == "money"):
        what = "an amount of money" if money else "a number without currency"
        yield subject.issue("unit_mismatch", f'value "{text}" is {what}, the unit is {document.unit} (M2).')
    if document.calc != "quantile" and not signed(node, table):
        marks = " or ".join(name for name, column in table.columns.items() if column.signed)
        yield subject.issue(
            "sign_missing",
            f'value "{text}" must carry the sign of its row exactly once, or withdrawn rows stay in the sum (M2).',
            f"Write {marks} into the value, such as sign * amount.",
        )


def _finding(subject: Subject, field: str, text: str, finding: Finding) -> Issue:
    code = "unknown_column" if finding.rule == "M1" else "type_mismatch"
    message = f'{field} "{text}", character {finding.at + 1}: {finding.message} ({finding.rule}).'
    return subject.issue(code, message, finding.hint)


def _units(subject: Subject) -> Iterator[Issue]:
    """M2: money per money and count per count are ratios, money per count is money."""
    document = subject.document
    parts = [subject.others.get(part or "") for part in (document.numerator, document.denominator)]
    if document.calc != "ratio" or None in parts:
        return
    top, bottom = (part.unit for part in parts if part)
    wanted = "ratio" if top == bottom else top if bottom == "count" else "index"
    if document.unit != wanted:
        yield subject.issue("unit_mismatch", f"{top} by {bottom} has unit {wanted}, not {document.unit} (M2).")


def _cycles(subject: Subject) -> Iterator[Issue]:
    """M3: a metric may not lead back to itself; here ratios are made of sums and stocks alone."""
    document = subject.document
    for part in (document.numerator, document.denominator):
        other = subject.others.get(part or "")
        if part == document.id:
            yield subject.issue("metric_cycle", "it names itself as a part (M3).")
        elif other and other.calc == "ratio":
            yield subject.issue("ratio_of_ratio", f"its part {part} is a ratio itself (M3).", "Name sums or stocks.")


def _mixing(subject: Subject) -> Iterator[Issue]:
    """M4: parts that cannot be added, and parts credited differently."""
    document = subject.document
    names = (document.numerator or "", document.denominator or "")
    parts = [subject.others[name] for name in names if name in subject.others]
    for part in parts:
        if part.calc in {"distinct", "quantile"} and document.mixing != "ok":
            yield subject.issue("mixing", f"{part.id} is a {part.calc} (M4).", "Say mixing: ok if it is meant.")
    explicit = "credit" in document.model_fields_set
    if len({part.credit for part in parts}) > 1 and not explicit:
        yield subject.issue("credit_mismatch", "its parts are credited differently (M4).", "Write credit: split.")
    if document.calc == "quantile" and document.credit == "split":
        yield subject.issue("credit_mismatch", "a quantile counts whole rows, not shares (M4).")
    for part in parts if explicit and document.credit == "split" else [document] if document.credit == "split" else []:
        if part.fact and part.fact.table in TABLES and part.fact.table not in CREDIT_TABLES:
            yield subject.issue("credit_mismatch", f"{part.fact.table} has no split credit (M4).")


def _times(subject: Subject) -> Iterator[Issue]:
    """M6: balances are not added over time. M7: a flow has a time column, a stock has none."""
    document, fact = subject.document, subject.document.fact
    table = TABLES.get(fact.table) if fact else None
    if fact is None or table is None:
        return
    if document.calc == "sum" and table.kind == "stock":
        yield subject.issue("sum_over_stock", f"{table.name} holds balances; a sum would add them (M6).", "calc: stock")
    if document.calc == "stock" and table.kind == "flow":
        yield subject.issue("stock_over_flow", f"{table.name} holds events, not a state (M6).", "calc: sum")
    if document.calc == "stock":
        if fact.time is not None:
            yield subject.issue("time_not_meant", "a stock is read at an instant: leave time out (M7).")
    elif fact.time is None:
        yield subject.issue("time_missing", "name the day a row belongs to: time (M7).", _days(table))
    elif fact.time not in table.columns:
        yield subject.issue("unknown_column", f'{table.name} has no column "{fact.time}" (M1).', _days(table))
    elif table.columns[fact.time].type != "day":
        yield subject.issue("type_mismatch", f"time {fact.time} is no day (M2).", _days(table))


def _texts(subject: Subject) -> Iterator[Issue]:
    """M9: both languages, an owner, and what to do when the number is bad."""
    document = subject.document
    if document.says is None:
        yield subject.issue("text_missing", "say in both languages what it counts: says (M9).")
    if document.act is None:
        yield subject.issue("text_missing", "say in both languages what to do when it is off target: act (M9).")
    if not document.owner:
        yield subject.issue("owner_missing", "it has no owner (M9).")


def _cases(subject: Subject) -> Iterator[Issue]:
    """M10: at least three cases; a ratio shows one without a denominator."""
    document, cases = subject.document, subject.cases
    if document.cases is None:
        yield subject.issue("cases_missing", "it names no file of cases (M10).", f"cases: {document.id}.cases.yaml")
    if cases is None:
        return
    if len(cases) < 3:
        yield subject.issue("cases_missing", f"{len(cases)} cases stand beside it, at least 3 are needed (M10).")
    if document.calc in {"ratio", "quantile"} and all(case.expect is not None for case in cases):
        yield subject.issue("cases_missing", "no case has an empty denominator, expect: null (M10).")


def _same(subject: Subject) -> Iterator[Issue]:
    """M12: one number, one name."""
    meaning = _meaning(subject.document)
    for name, other in subject.others.items():
        if meaning is not None and meaning == _meaning(other):
            yield subject.issue("same_expression", f"{name} counts exactly the same (M12).", warning=True)


def _meaning(document: MetricDocument) -> object:
    fact = document.fact
    if fact is None:
        return (document.numerator, document.denominator, document.credit)
    try:
        trees = (parse(fact.value), parse(fact.when) if fact.when else None)
    except ExpressionError:
        return None
    return (document.calc, fact.table, trees, fact.time, document.credit, document.quantile)


def _known(names: Mapping[str, object]) -> str:
    return f"Known: {', '.join(sorted(names)) or 'none yet'}."


def _days(table: FactTable) -> str:
    return f"Days of {table.name}: {', '.join(name for name, one in table.columns.items() if one.type == 'day')}."


_RULES: tuple[Callable[[Subject], Iterator[Issue]], ...] = (
    _not_built,
    _names,
    _units,
    _cycles,
    _mixing,
    _times,
    _texts,
    _cases,
    _same,
)
