"""Rules M1-M12 of a metric document, collected as issues before a version is published."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hedef.kernel.issue import Issue, Level
from hedef.metrics.engine.cases import Case
from hedef.metrics.engine.expressions import ExpressionError, Node, parse
from hedef.metrics.engine.formulas import DAYS, parse_formula, terms_of
from hedef.metrics.engine.scans import DIMENSIONS
from hedef.metrics.engine.tables import CREDIT_TABLES, TABLES, FactTable
from hedef.metrics.engine.types import Finding, Typing, signed
from hedef.metrics.schema import MetricDocument


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


def _names(subject: Subject) -> Iterator[Issue]:
    """M1 for tables and parts, M5 for the language, M1 and M2 for columns and types."""
    document, fact = subject.document, subject.document.fact
    try:
        parts = part_names(document)
    except ExpressionError as fault:
        said = f'formula "{document.formula}", character {fault.at + 1}: {fault.message} (M5).'
        yield subject.issue("outside_language", said)
        return
    for part in parts:
        if part not in subject.others and part != document.id:
            yield subject.issue("unknown_metric", f'there is no metric "{part}" (M1).', _known(subject.others))
    if fact is None:
        return
    table = TABLES.get(fact.table)
    if table is None:
        yield subject.issue("unknown_table", f'there is no facts table "{fact.table}" (M1).', _known(TABLES))
        return
    reached = document.reached
    texts = [("value", fact.value, False), ("when", fact.when, True)]
    if reached is not None:
        texts += [("reached value", reached.value, False), ("reached when", reached.when, True)]
    for field, text, condition in texts:
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
    if document_counts(subject.document) and not condition:
        if kind not in {"ref", "code"}:
            yield subject.issue(
                "type_mismatch", f'{field} "{text}" is nothing to tell apart by (M2).', "Name a column."
            )
    elif condition != (kind == "bool"):
        wanted = "a condition" if condition else "a number"
        yield subject.issue("type_mismatch", f'{field} "{text}" must be {wanted} (M2).')
    elif not condition:
        yield from _value(subject, table, text, node, money=kind == "money")


def _value(subject: Subject, table: FactTable, text: str, node: Node, *, money: bool) -> Iterator[Issue]:
    document = subject.document
    share = document.calc == "cohort"  # money by money is a share
    if share and document.unit != "ratio":
        yield subject.issue("unit_mismatch", f"a cohort is a share: its unit is ratio, not {document.unit} (M2).")
    if not share and money != (document.unit == "money"):
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


def document_counts(document: MetricDocument) -> bool:
    """Whether different values are counted, so that the value is no number."""
    return document.calc == "distinct"


def part_names(document: MetricDocument) -> list[str]:
    """The metrics that a ratio or a formula names. ExpressionError for a formula outside its language."""
    if document.calc == "ratio":
        return [document.numerator or "", document.denominator or ""]
    if document.calc == "derived":
        return [one.metric for one in terms_of(parse_formula(document.formula or "")) if one.metric != DAYS]
    return []


def _part_names(document: MetricDocument) -> list[str]:
    try:
        return part_names(document)
    except ExpressionError:
        return []


def _parts(subject: Subject) -> list[MetricDocument]:
    return [subject.others[name] for name in _part_names(subject.document) if name in subject.others]


def _units(subject: Subject) -> Iterator[Issue]:
    """M2: money per money and count per count are ratios, money per count is money; what is counted is a count."""
    document = subject.document
    if document.calc == "distinct" and document.unit != "count":
        yield subject.issue(
            "unit_mismatch", f"different values are counted: the unit is count, not {document.unit} (M2)."
        )
    parts = _parts(subject)
    if document.calc != "ratio" or len(parts) < 2:
        return
    top, bottom = (part.unit for part in parts)
    wanted = "ratio" if top == bottom else top if bottom == "count" else "index"
    if wanted == "count" or document.unit == "index":
        return
    if document.unit != wanted:
        yield subject.issue("unit_mismatch", f"{top} by {bottom} has unit {wanted}, not {document.unit} (M2).")


def _formula(subject: Subject) -> Iterator[Issue]:
    """M2 for formulas: a mean belongs to a quantile, a state at the start to a stock."""
    document = subject.document
    if document.calc != "derived":
        return
    try:
        terms = terms_of(parse_formula(document.formula or ""))
    except ExpressionError:
        return
    wanted = {"mean": "quantile", "at_start": "stock"}
    for term in terms:
        other = subject.others.get(term.metric)
        if other and term.way and other.calc != wanted[term.way]:
            said = f"{term.way}({term.metric}): {term.metric} is a {other.calc}, not a {wanted[term.way]} (M2)."
            yield subject.issue("type_mismatch", said)


def _cycles(subject: Subject) -> Iterator[Issue]:
    """M3: a metric may not lead back to itself."""
    if subject.document.calc == "ratio":
        for part in _parts(subject):
            if part.calc in {"ratio", "derived", "cohort"}:
                said = f"its part {part.id} is a {part.calc} itself (M3)."
                yield subject.issue("ratio_of_ratio", said, "Name sums, stocks or counts, or write a formula.")
    found = _way_back(subject, subject.document.id, _part_names(subject.document), ())
    if found:
        way = " -> ".join((subject.document.id, *found))
        yield subject.issue("metric_cycle", f"it leads back to itself: {way} (M3).")


def _way_back(subject: Subject, start: str, names: list[str], above: tuple[str, ...]) -> tuple[str, ...] | None:
    for name in names:
        if name == start:
            return (*above, name)
        other = subject.others.get(name)
        if other and name not in above and (found := _way_back(subject, start, _part_names(other), (*above, name))):
            return found
    return None


def _mixing(subject: Subject) -> Iterator[Issue]:
    """M4: parts that cannot be added, parts credited differently, and credit or dimensions that rows do not have."""
    document, parts = subject.document, _parts(subject)
    for part in parts:
        if part.calc in {"distinct", "quantile"} and document.mixing != "ok":
            yield subject.issue("mixing", f"{part.id} is a {part.calc} (M4).", "Say mixing: ok if it is meant.")
    explicit = "credit" in document.model_fields_set
    held = {part.credit for part in parts if part.credit != "none" and _own_rows(part)}
    if len(held) > 1 and not explicit:
        yield subject.issue("credit_mismatch", "its parts are credited differently (M4).", "Write credit: split.")
    if document.calc in {"quantile", "distinct"} and document.credit == "split":
        yield subject.issue("credit_mismatch", f"a {document.calc} counts whole rows, not shares (M4).")
    for one in [document] if document.fact else parts if explicit and document.calc == "ratio" else []:
        if one is not document and one.credit == "none":
            continue
        if document.credit == "split" and one.fact and one.fact.table in TABLES and one.fact.table not in CREDIT_TABLES:
            yield subject.issue("credit_mismatch", f"{one.fact.table} has no split credit (M4).")
    yield from _dimensions(subject)


def _own_rows(document: MetricDocument) -> bool:
    return document.fact is not None


def _dimensions(subject: Subject) -> Iterator[Issue]:
    """M1: a dimension must be one of the rows'."""
    document = subject.document
    table = TABLES.get(document.fact.table) if document.fact else None
    known: frozenset[str] = table.dimensions() if table else frozenset(DIMENSIONS)
    for part in _parts(subject):
        known &= frozenset(part.dimensions)
    for one in document.dimensions:
        if one not in known and one not in {"person", "team"}:
            yield subject.issue(
                "unknown_dimension", f"its rows have no {one} (M1).", f"They have: {', '.join(sorted(known))}."
            )


def _times(subject: Subject) -> Iterator[Issue]:
    """M6: balances are not added over time. M7: a flow has a time column, a stock has none."""
    document, fact = subject.document, subject.document.fact
    table = TABLES.get(fact.table) if fact else None
    if fact is None or table is None:
        return
    if document.calc == "sum" and table.kind == "stock":
        yield subject.issue("sum_over_stock", f"{table.name} holds balances; a sum would add them (M6).", "calc: stock")
    if document.calc != "stock" and document.keep != "last":
        yield subject.issue("type_mismatch", "keep belongs to a stock (M2).")
    if document.calc == "stock" and table.kind == "flow":
        yield subject.issue("stock_over_flow", f"{table.name} holds events, not a state (M6).", "calc: sum")
    if table.kind == "state" or document.calc == "stock":
        if fact.time is not None:
            yield subject.issue("time_not_meant", f"{table.name} is read for a whole period: leave time out (M7).")
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


_EMPTY_IS_NONE = {"ratio", "quantile", "derived", "cohort"}


def _cases(subject: Subject) -> Iterator[Issue]:
    """M10: at least three cases; a ratio shows one without a denominator."""
    document, cases = subject.document, subject.cases
    if document.cases is None:
        yield subject.issue("cases_missing", "it names no file of cases (M10).", f"cases: {document.id}.cases.yaml")
    if cases is None:
        return
    if len(cases) < 3:
        yield subject.issue("cases_missing", f"{len(cases)} cases stand beside it, at least 3 are needed (M10).")
    if document.calc in _EMPTY_IS_NONE and all(case.expect is not None for case in cases):
        yield subject.issue("cases_missing", "no case has an empty denominator, expect: null (M10).")


def _same(subject: Subject) -> Iterator[Issue]:
    """M12: one number, one name."""
    meaning = _meaning(subject.document)
    for name, other in subject.others.items():
        if meaning is not None and meaning == _meaning(other):
            yield subject.issue("same_expression", f"{name} counts exactly the same (M12).", warning=True)


def _meaning(document: MetricDocument) -> object:
    fact = document.fact
    if fact is None and document.calc == "derived":
        return None if (tree := _tree(document)) is None else (tree, document.unit)
    if fact is None:
        return (document.numerator, document.denominator, document.credit)
    try:
        trees = (parse(fact.value), parse(fact.when) if fact.when else None)
    except ExpressionError:
        return None
    more = (document.quantile, document.keep, document.rate, document.reached, document.within, document.empty)
    return (document.calc, fact.table, trees, fact.time, document.credit, *more)


def _tree(document: MetricDocument) -> object:
    try:
        return parse_formula(document.formula or "")
    except ExpressionError:
        return None


def _known(names: Mapping[str, object]) -> str:
    return f"Known: {', '.join(sorted(names)) or 'none yet'}."


def _days(table: FactTable) -> str:
    return f"Days of {table.name}: {', '.join(name for name, one in table.columns.items() if one.type == 'day')}."


def _owner_now(subject: Subject) -> Iterator[Issue]:
    """M8: numbers that move when an account changes hands are no ground for targets and pay."""
    if subject.document.credit == "owner_now":
        said = "credit owner_now follows who owns a deal today: under a target or a pay plan it changes the past (M8)."
        yield subject.issue("owner_now", said, "Use owner_then or split where it is a promise.", warning=True)


_RULES: tuple[Callable[[Subject], Iterator[Issue]], ...] = (
    _names,
    _units,
    _formula,
    _owner_now,
    _cycles,
    _mixing,
    _times,
    _texts,
    _cases,
    _same,
)
