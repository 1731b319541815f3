"""The cards above the table: the plan's metric against its target, and what feeds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from django.utils.translation import gettext as _

from hedef.kernel.calendar import Period
from hedef.kernel.evidence import compare_shares
from hedef.kernel.trust import Trust, worst_trust
from hedef.metrics.engine.cells import Cell
from hedef.metrics.page.reasons import why_url
from hedef.metrics.page.shown import WEEKS, Fact, Figure, figure_of, in_words, same_days, span, weeks_to
from hedef.metrics.queries.evaluate import scope_key
from hedef.metrics.schema import MetricDocument
from hedef.targets.engine.board import Row
from hedef.targets.engine.units import from_steps
from hedef.targets.page.asked import Asked
from hedef.targets.page.boards import old_enough
from hedef.targets.page.tree import Line
from hedef.targets.queries import Scoreboard, scoreboard
from hedef.targets.queries.kept import Evaluated, evaluated

COUNTS = {"won_value": "won_deals", "new_pipeline": "new_deals", "open_pipeline": "open_deals"}
CARDS = 4  # shown unasked; all chosen ones are shown where the address names them
BESIDE = {"open": "", "by": "", "list": "", "with": "", "metrics": ""}  # of the board alone, not of its numbers


@dataclass(frozen=True, slots=True)
class Against:
    """How a number stands to its target."""

    attainment: Fraction | None
    due: Fraction | None
    points: Fraction | None
    band: str | None
    target: Figure
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card. `verdict`: a word of `kernel.evidence` for a rate; `few`: too few cases to rank."""

    metric: str
    name: str
    figure: Figure
    why: str
    url: str
    part: Fraction | None = None
    whole: Fraction | None = None
    line: Against | None = None
    weeks: tuple[Fraction | None, ...] = ()
    facts: tuple[Fact, ...] = ()
    verdict: str = ""
    few: bool = False
    act: str = ""
    change: Fraction | None = None  # relative to the same days beside which the card stands
    direction: str = "up"


@dataclass(frozen=True)
class Feeding:
    """Cells of the feeding metrics for the focus: this period, the one beside up to the same day, twelve weeks."""

    cells: Mapping[str, list[Cell]]
    documents: Mapping[str, MetricDocument]
    evaluations: tuple[Evaluated, ...]
    begun: bool
    standings: Mapping[str, Against] = field(default_factory=dict)

    @property
    def trust(self) -> Trust | None:
        return worst_trust([one.trust for one in self.evaluations]) if self.evaluations else None


def feeding(asked: Asked, names: Sequence[str]) -> Feeding:
    """One question for all cards beside the plan's own; metrics younger than the period beside have no past."""
    wanted = list(dict.fromkeys([*names, *(COUNTS[name] for name in names if name in COUNTS)]))
    period, before = asked.period, asked.versus
    until = None if before is None else same_days(period, before, asked.as_of, asked.calendar)
    start = before.start if before is not None else period.start
    past = span(start, until or start)
    weeks = weeks_to(min(asked.as_of, period.end))
    old, young = old_enough(asked, wanted, min(past.end, weeks[0].end))
    found = [_evaluated(asked, old, [period, past, *weeks]), _evaluated(asked, young, [period])]
    told = tuple(one for one in found if one is not None)
    cells: dict[str, list[Cell]] = {}
    for one in told:
        for cell in one.cells:
            cells.setdefault(cell.metric, []).append(cell)
    documents = {recipe.document.id: recipe.document for one in told for recipe in one.recipes}
    return Feeding(cells, documents, told, until is not None, standings(asked, names))


def _evaluated(asked: Asked, names: list[str], periods: Sequence[Period]) -> Evaluated | None:
    if not names:
        return None
    return evaluated(
        names,
        by=scope_key(asked.focus, "person")[0],
        scopes=[asked.focus],
        periods=periods,
        as_of=asked.as_of_us,
        known_at=asked.call.known_no,
        scope=asked.seen,
        pinned=asked.pin,
    )


def standings(asked: Asked, names: Sequence[str]) -> dict[str, Against]:
    """Metric -> how the focus stands to its target, for the other plans of the period."""
    found: dict[str, Against] = {}
    for choice in asked.plans:
        if choice.metric in names and choice.metric not in found and choice.id != asked.plan:
            board = other_board(asked, choice.id, by=asked.focus.partition(":")[0])
            row = next((one for one in (board.total, *board.rows) if one.scope == asked.focus), None)
            if row is not None and row.standing.target is not None:
                found[choice.metric] = against(board, row)
    return found


def other_board(asked: Asked, plan: str, *, by: str) -> Scoreboard:
    """The board of another plan for the same question."""
    return scoreboard(
        period=asked.period,
        as_of=asked.as_of_us,
        by=by,
        plan=plan,
        known_at=asked.call.known_no,
        scope=asked.seen,
        wait=False,
    )


def against(board: Scoreboard, row: Row) -> Against:
    """How a row stands to its target."""
    standing, unit, currency = row.standing, board.metric.unit, board.currency
    target = None if standing.target is None else from_steps(standing.target, unit, currency)
    due = standing.expected / Fraction(standing.target) if standing.expected is not None and standing.target else None
    return Against(
        attainment=standing.attainment,
        due=due,
        points=standing.points_to_pace,
        band=standing.band,
        target=Figure(target, unit, currency),
        plan=board.plan,
    )


def main_card(asked: Asked, line: Line, before: str) -> Card:
    """The plan's metric: actual of target, pace with its pin, what is left."""
    board = asked.board
    assert board is not None
    unit, currency = board.metric.unit, board.currency

    def of(value: Fraction | None) -> Figure:
        return Figure(value, unit, currency)

    return Card(
        metric=board.metric.id,
        name=in_words(board.metric.name),
        figure=of(line.actual),
        why=_why(asked, line, "actual"),
        url=_metric_url(asked, board.metric.id),
        line=Against(line.attainment, line.due, line.points, line.band, of(line.target), board.plan),
        weeks=line.weeks,
        facts=(
            Fact(_("Pace today"), of(line.expected), url=_why(asked, line, "expected")),
            Fact(_("Left"), of(line.left), url=_why(asked, line, "needed_per_day")),
            Fact(before, of(line.before)),
        ),
        act=in_words(board.metric.act),
    )


def _why(asked: Asked, line: Line, name: str) -> str:
    return asked.address("/targets/why", scope=line.scope, field=name, **BESIDE)


def _metric_url(asked: Asked, metric: str) -> str:
    return asked.address(f"/metrics/{metric}/", scope=asked.focus, plan="", **BESIDE)


def feeding_cards(asked: Asked, feed: Feeding, names: Sequence[str], before: str) -> list[Card]:
    """Cards of the metrics that have a version in force, in the order of the board."""
    return [_card(asked, feed, name, before) for name in names if name in feed.cells]


def _card(asked: Asked, feed: Feeding, name: str, before: str) -> Card:
    cells = feed.cells[name]
    now, past = cells[0], cells[1] if len(cells) > 1 else None
    then = past.value if past is not None and feed.begun else None  # before the first day there is no same day
    query = {key: asked.query.get(key, "") for key in ("period", "as_of", "known_at")}
    document, line = feed.documents[name], feed.standings.get(name)
    beside = Fact(before, figure_of(then, now.unit, now.currency))
    rate = now.interval is not None and now.numerator is not None
    return Card(
        metric=name,
        name=in_words(document.name),
        figure=figure_of(now.value, now.unit, now.currency),
        why=why_url(name, scope=asked.focus, **query),
        url=_metric_url(asked, name),
        part=Fraction(now.numerator or 0) if rate else None,
        whole=Fraction(now.denominator or 0) if rate else None,
        line=line,
        weeks=tuple(figure_of(one.value, one.unit, one.currency).value for one in cells[-WEEKS:] if past is not None),
        facts=(*_facts(asked, feed, name, now, query), beside),
        verdict=_verdict(past, now, document.direction) if _judged(feed, document, past) else "",
        few=now.interval is not None and Fraction(now.n) < 10,
        act=in_words(document.act),
        change=_change(then, now.value),
        direction=document.direction,
    )


def _facts(asked: Asked, feed: Feeding, name: str, now: Cell, query: Mapping[str, str]) -> list[Fact]:
    """What stands beside the number: its range, or the number of its deals."""
    count = COUNTS.get(name)
    if now.interval is not None or (name == "win_rate" and now.value is None):
        return [_range(now)]
    if count is None or count not in feed.cells:
        return []
    value = feed.cells[count][0].value
    return [Fact(_("Deals"), figure_of(value, "count", None), url=why_url(count, scope=asked.focus, **query))]


def _range(cell: Cell) -> Fact:
    if cell.interval is None:
        return Fact(_("95% range"), Figure(None, "ratio"))
    return Fact(_("95% range"), low=cell.interval.low, high=cell.interval.high)


def _change(then: int | Fraction | None, now: int | Fraction | None) -> Fraction | None:
    return None if then is None or now is None or then <= 0 else (Fraction(now) - then) / Fraction(then)


def _judged(feed: Feeding, document: MetricDocument, past: Cell | None) -> bool:
    """Rates of cases are judged by `kernel.evidence` where there is something to stand beside."""
    return feed.begun and past is not None and document.calc == "ratio" and document.unit == "ratio"


def _verdict(before: Cell | None, now: Cell, direction: str) -> str:
    """Whether the share has changed against the same days beside it."""
    if before is None:
        return "not_enough_data"
    arms = (before.numerator, before.denominator, now.numerator, now.denominator)
    if not all(isinstance(one, int) for one in arms):
        return "not_enough_data"
    won, decided, won_now, decided_now = (int(one or 0) for one in arms)
    if not decided or not decided_now or won > decided or won_now > decided_now:
        return "not_enough_data"
    better: Literal["up", "down"] = "down" if direction == "down" else "up"
    return compare_shares((won, decided), (won_now, decided_now), better=better).verdict
