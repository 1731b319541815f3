"""From metric documents to scans: one SQL text for all sums that read one facts table in one way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hedef.metrics.engine.expressions import Column, Compare, Constant, Logic, Node, columns_of, parse
from hedef.metrics.engine.render import sql_of
from hedef.metrics.engine.slices import Slices
from hedef.metrics.engine.sources import Source, owner_sql, source_of
from hedef.metrics.engine.tables import CREDIT_TABLES, TABLES, FactTable
from hedef.metrics.engine.types import Typing
from hedef.metrics.schema import Keep, MetricDocument

SHARES = 10_000
DIMENSIONS = ("process", "product", "source", "segment", "region")
_IN_TURN = 4  # tests of a row that are tried one after the other


type Param = int | date | list[int]


@dataclass(frozen=True)
class Measure:
    """One sum: `value` over rows for which `when` holds. A split count is in basis points (`value_scale`)."""

    table: FactTable
    reads: str  # the facts table behind it: closing, or closing_credit for split credit
    value: Node
    when: Node | None
    time: str | None
    money: bool
    histogram: bool
    keep: Keep = "last"
    by_day: bool = False  # amounts are converted at the rate of their own day
    now: bool = False  # rows belong to who owns the deal or account now

    @property
    def split(self) -> bool:
        return self.reads != self.table.name

    @property
    def row_scale(self) -> int:
        """By what the scan's count of rows is larger: a share of a deal is counted in basis points."""
        return SHARES if self.split else 1

    @property
    def value_scale(self) -> int:
        """By what the scan's sum is larger: counts as rows; the amounts of a credit table are shares already."""
        return SHARES if self.split and not self.money else 1

    @property
    def scan_key(self) -> tuple[object, ...]:
        """Measures with equal keys are answered by one scan; a histogram has one of its own."""
        return (self.reads, self.time, self.value if self.histogram else None, self.keep, self.by_day, self.now)


def measure_of(document: MetricDocument, credit: str | None = None) -> Measure:
    """The sum behind a checked document that names a fact; `credit` of a ratio replaces the document's own."""
    fact = document.fact
    assert fact is not None
    table = TABLES[fact.table]
    value = parse(fact.value)
    held = credit or document.credit
    split = held == "split" and table.name in CREDIT_TABLES
    return Measure(
        table=table,
        reads=CREDIT_TABLES[table.name] if split else table.name,
        value=value,
        when=parse(fact.when) if fact.when else None,
        time=fact.time,
        money=Typing(table).of(value) == "money",
        histogram=document.calc in {"quantile", "distinct"},
        keep=document.keep,
        by_day=document.rate == "day",
        now=held == "owner_now",
    )


def cohort_measures(document: MetricDocument, as_of: date, credit: str | None = None) -> tuple[Measure, ...]:
    """Members, those that can no longer change, and what these have reached."""
    members, reached = measure_of(document, credit), document.reached
    assert reached is not None
    mature = members.when
    if document.within is not None and members.time is not None:
        last = Constant(as_of - timedelta(document.within), 0)
        mature = _and(mature, Compare("<=", Column(members.time, 0), last, 0))
    arrived = _and(mature, parse(reached.when) if reached.when else None)
    value = parse(reached.value) if reached.value else members.value
    return (members, replace(members, when=mature), replace(members, when=arrived, value=value))


def _and(first: Node | None, second: Node | None) -> Node | None:
    if first is None or second is None:
        return first or second
    return Logic("and", first, second, 0)


@dataclass(frozen=True)
class Scan:
    """SQL text with its parameters. Columns: g_owner, where needed g_place, g_currency, g_dimension and g_value (what
    a group has in common), then a0, n0, x0, a1, ... : sum, rows and rows without a value of each measure."""

    name: str
    sql: str
    tables: tuple[str, ...]
    params: Mapping[str, Param]
    measures: tuple[Measure, ...]


def scans_of(measures: Iterable[Measure]) -> list[tuple[Measure, ...]]:
    """Measures that share a scan, in the order they were asked for."""
    groups: dict[object, dict[Measure, None]] = {}
    for measure in measures:
        groups.setdefault(measure.scan_key, {})[measure] = None
    return [tuple(group) for group in groups.values()]


def flow_scan(
    measures: Sequence[Measure],
    *,
    slices: Slices,
    movers: Iterable[int],
    as_of_us: int,
    known_no: int,
    files: Mapping[str, str],
    as_of: date | None = None,
    dimension: str | None = None,
    detail: bool = False,
    people: Sequence[int] | None = None,
) -> Scan:
    """Sums of events by owner, slice and currency; `files` are the texts of `sql/*.sql`.

    Rows of people who change team (`movers`) are cut at every slice, those of others at the edges of periods only.
    With `detail` by deal and day too (g_subject, g_day); `people` keeps the rows of these owners alone.
    """
    first = measures[0]
    time = f"t.{first.table.columns[first.time or ''].sql}"
    if first.table.undated and first.time != first.table.undated:
        time = f"coalesce({time}, t.{first.table.undated})"
    cuts = slices.cuts
    params: dict[str, Param] = {"as_of_us": as_of_us, "known_no": known_no, "from_day": cuts[0], "end_day": cuts[-1]}
    if first.table.file:
        params["as_of_day"] = as_of or cuts[-1] - timedelta(1)
    place = _slice_sql(time, _owner(first), slices, list(movers), params)
    where = [f"{time} >= :from_day", f"{time} < :end_day"]
    detailed = {"g_subject": f"t.{first.table.subject}", "g_day": time} if detail else {}
    return _scan(measures, place, where, params, files, dimension, detailed, people)


def stock_scan(
    measures: Sequence[Measure],
    *,
    instants: Sequence[int],
    known_no: int,
    files: Mapping[str, str],
    dimension: str | None = None,
    detail: bool = False,
    people: Sequence[int] | None = None,
) -> Scan:
    """Signed changes by owner and the first of the rising `instants` at or after them; `detail`: by deal too."""
    params: dict[str, Param] = {"as_of_us": instants[-1], "known_no": known_no}
    place = _place(f"t.{measures[0].table.effective}", instants[:-1], params)
    detailed = {"g_subject": f"t.{measures[0].table.subject}"} if detail else {}
    return _scan(measures, place, [], params, files, dimension, detailed, people)


@dataclass(frozen=True)
class Span:
    """A begun period: its first day, the day after its last counted one, and the instants of both ends."""

    from_day: date
    end_day: date
    from_us: int
    at_us: int
    as_of_us: int
    as_of_day: date
    until_day: date  # the day after the period's own last one
    known_no: int

    def params(self) -> dict[str, Param]:
        at_day = self.end_day - timedelta(1)
        return {
            "from_day": self.from_day,
            "end_day": self.end_day,
            "at_day": at_day,
            "from_us": self.from_us,
            "at_us": self.at_us,
            "as_of_us": self.as_of_us,
            "as_of_day": self.as_of_day,
            "until_day": self.until_day,
            "known_no": self.known_no,
        }


def state_scan(
    measures: Sequence[Measure],
    *,
    span: Span,
    files: Mapping[str, str],
    dimension: str | None = None,
    detail: bool = False,
    people: Sequence[int] | None = None,
) -> Scan:
    """Rows of a question that answers for one period; `span` are its days and instants."""
    params: dict[str, Param] = span.params()
    detailed = {"g_subject": f"t.{measures[0].table.subject}"} if detail else {}
    return _scan(measures, "", [], params, files, dimension, detailed, people)


def _slice_sql(time: str, owner: str, slices: Slices, movers: list[int], params: dict[str, Param]) -> str:
    """Number of the slice of a row, or of the first slice between two edges for who stays in one team."""
    places, edges = range(len(slices.cuts) - 1), slices.edges
    coarse = _cases(time, slices, edges, params)
    if len(edges) == len(places) or not movers:
        return coarse
    params["movers"] = sorted(movers)
    fine = _cases(time, slices, places, params)
    return f"case when {owner} in (select unnest(:movers)) then {fine} else {coarse or '0'} end"


def _cases(time: str, slices: Slices, places: Sequence[int], params: dict[str, Param]) -> str:
    if len(places) < 2:
        return ""
    params.update({f"cut_{place}_day": slices.cuts[place] for place in places[1:]})
    return _searched([f"{time} < :cut_{after}_day" for after in places[1:]], places)


def _place(column: str, edges: Sequence[int], params: dict[str, Param]) -> str:
    if not edges:
        return ""
    params.update({f"at_{place}_us": edge for place, edge in enumerate(edges)})
    return _searched([f"{column} <= :at_{place}_us" for place in range(len(edges))], range(len(edges) + 1))


def _searched(tests: Sequence[str], places: Sequence[int]) -> str:
    """The place of the first test that holds, else the last one; each test holds wherever a former one does.

    Many tests are halved again and again: 104 weeks cost a row seven comparisons, not a hundred.
    """
    if len(tests) <= _IN_TURN:
        whens = " ".join(f"when {test} then {place}" for test, place in zip(tests, places, strict=False))
        return f"case {whens} else {places[-1]} end" if tests else str(places[0])
    half = len(tests) // 2
    lower, upper = _searched(tests[:half], places[: half + 1]), _searched(tests[half + 1 :], places[half + 1 :])
    return f"case when {tests[half]} then {lower} else {upper} end"


def _scan(
    measures: Sequence[Measure],
    place: str,
    where: list[str],
    params: dict[str, Param],
    files: Mapping[str, str],
    dimension: str | None,
    detailed: Mapping[str, str],
    people: Sequence[int] | None,
) -> Scan:
    first = measures[0]
    source = source_of(
        first.table,
        first.reads,
        split=first.split,
        now=first.now,
        columns=_columns(measures),
        dimension=dimension,
        files=files,
    )
    owner = _owner(first)
    columns = {"g_owner": owner}
    if place:
        columns["g_place"] = place
    if any(measure.money for measure in measures):
        columns["g_currency"] = "t.currency"
    if first.by_day and first.time:
        columns["g_rate_day"] = f"t.{first.table.columns[first.time].sql}"
    if dimension:
        columns["g_dimension"] = source.dimension
    if first.histogram:
        columns["g_value"] = sql_of(first.value, first.table, "t")
    columns |= detailed
    if people is not None:
        params["people"] = list(people)
        where = [*where, f"{owner} in (select unnest(:people))"]
    alike = len({measure.when for measure in measures}) == 1  # then the condition of the rows says it all
    sums = [text for number, one in enumerate(measures) for text in _sums(one, number, source, tested=alike)]
    if not first.table.file:
        where = [*_known(first), *where]
    selected = ", ".join([*(f"{sql} as {name}" for name, sql in columns.items()), *sums])
    # only names of this room's tables and rendered expressions enter the text; values are parameters
    text = f"{source.with_text}select {selected} from {source.name} t{source.joins}"  # noqa: S608
    text += f" where {' and '.join([*where, _some(measures)])} group by {', '.join(columns)}"
    if detailed:
        text += f" order by {', '.join(reversed(columns))}"
    name = f"metrics/{first.reads}" + (f"_by_{dimension}" if dimension else "")
    return Scan(name, text, source.tables, params, tuple(measures))


def _owner(measure: Measure) -> str:
    return owner_sql(measure.table, split=measure.split, now=measure.now)


def _columns(measures: Iterable[Measure]) -> frozenset[str]:
    """Every column that the measures name."""
    nodes = [node for one in measures for node in (one.value, one.when) if node is not None]
    return frozenset(name for node in nodes for name in columns_of(node))


def _known(measure: Measure) -> list[str]:
    effective = measure.table.effective
    found = ["t.known_no <= :known_no"] + ([f"t.{effective} <= :as_of_us"] if effective else [])
    return found + (["t.kind = 'revenue'"] if measure.split else [])  # overlay credit never enters a total


def _sums(measure: Measure, number: int, source: Source, *, tested: bool) -> list[str]:
    value, weight = sql_of(measure.value, measure.table, "t"), f"t.{measure.table.weight}"
    if measure.value_scale != 1:
        value = f"({value} * t.share_bp)"
    if measure.row_scale != 1:
        weight = f"({weight} * t.share_bp)"
    if source.shared and not measure.histogram:  # a row cut into its products is still one row
        weight = f"(case when t.product_no = 1 then {weight} else 0 end)"
        value = value if measure.money else f"(case when t.product_no = 1 then {value} else 0 end)"
    when = sql_of(measure.when, measure.table, "t") if measure.when and not tested else None
    present = "0" if measure.histogram else value  # the value of a histogram is a group, not a sum
    parts = (("a", present, when), ("n", weight, when), ("x", weight, _both(when, f"{value} is null")))
    return [
        f"coalesce(cast(sum({f'case when {test} then {what} else 0 end' if test else what}) as bigint), 0)"
        f" as {letter}{number}"
        for letter, what, test in parts
    ]


def _some(measures: Sequence[Measure]) -> str:
    """Only rows that some measure counts: the others would make empty groups."""
    whens = [sql_of(measure.when, measure.table, "t") if measure.when else "" for measure in measures]
    return "(1 = 1)" if "" in whens else f"({' or '.join(dict.fromkeys(whens))})"


def _both(first: str | None, second: str) -> str:
    return f"{first} and {second}" if first else second
