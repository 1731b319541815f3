"""The cards above the table: the plan's metric against its target, and what feeds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from hedef.kernel.evidence import compare_shares
from hedef.metrics.engine.cells import Cell
from hedef.metrics.page.reasons import why_url
from hedef.metrics.page.shown import Fact, Figure, figure_of, in_words, same_days, span, weeks_to
from hedef.metrics.queries import Evaluation, Setting, evaluate
from hedef.metrics.queries.evaluate import scope_key
from hedef.metrics.schema import MetricDocument
from hedef.targets.page.asked import Asked
from hedef.targets.page.tree import Line

FEEDING = ("won_value", "new_pipeline", "win_rate", "open_pipeline")
COUNTS = {"won_value": "won_deals", "new_pipeline": "new_deals", "open_pipeline": "open_deals"}
CARDS = 4


@dataclass(frozen=True)
class Card:
    """One card. `verdict`: a word of `kernel.evidence` for a rate; `few`: too few cases to rank."""

    metric: str
    name: str
    figure: Figure
    why: str
    url: str
    beside: Figure | None = None
    part: Fraction | None = None
    whole: Fraction | None = None
    count: int | None = None
    line: Line | None = None
    weeks: tuple[Fraction | None, ...] = ()
    facts: tuple[Fact, ...] = ()
    verdict: str = ""
    few: bool = False


@dataclass(frozen=True)
class Feeding:
    """Cells of the feeding metrics for the focus: this period, the one before up to the same day, twelve weeks."""

    cells: Mapping[str, list[Cell]]
    documents: Mapping[str, MetricDocument]
    evaluation: Evaluation | None
    begun: bool


def feeding(asked: Asked, main: str | None, here: Setting | None = None) -> Feeding:
    """One question for all cards beside the plan's own."""
    names = [name for name in FEEDING if name != main][: CARDS - (main is not None)]
    wanted = [*names, *(COUNTS[name] for name in names if name in COUNTS)]
    period, calendar = asked.period, asked.calendar
    before = calendar.previous(period)
    until = same_days(period, before, asked.as_of, calendar)
    found = evaluate(
        wanted,
        by=scope_key(asked.focus, "person")[0],
        scopes=[asked.focus],
        periods=[period, span(before.start, until or before.start), *weeks_to(min(asked.as_of, period.end))],
        as_of=asked.call.as_of_us,
        known_at=asked.call.known_no,
        scope=asked.call.scope,
        pinned=asked.pin,
        at=here,
    )
    cells: dict[str, list[Cell]] = {}
    for cell in found:
        cells.setdefault(cell.metric, []).append(cell)
    documents = {recipe.document.id: recipe.document for recipe in found.recipes}
    return Feeding(cells, documents, found, until is not None)


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
        why=asked.address("/targets/why", scope=line.scope, field="actual", open="", by="", list=""),
        url=_metric_url(asked, board.metric.id),
        beside=of(line.target) if line.target is not None else None,
        line=line,
        weeks=line.weeks,
        facts=(
            Fact(_("Pace today"), of(line.expected), url=_why(asked, line, "expected")),
            Fact(_("Left"), of(line.left), url=_why(asked, line, "needed_per_day")),
            Fact(before, of(line.before)),
        ),
    )


def _why(asked: Asked, line: Line, field: str) -> str:
    return asked.address("/targets/why", scope=line.scope, field=field, open="", by="", list="")


def _metric_url(asked: Asked, metric: str) -> str:
    return asked.address(f"/metrics/{metric}/", scope=asked.focus, plan="", open="", by="", list="")


def feeding_cards(asked: Asked, feed: Feeding, before: str) -> list[Card]:
    """Cards of the metrics that have a version in force."""
    return [_card(asked, feed, name, before) for name in FEEDING if name in feed.cells]


def _card(asked: Asked, feed: Feeding, name: str, before: str) -> Card:
    now, past, *weeks = feed.cells[name]
    then = past.value if feed.begun else None  # before the first day there is no same day to compare with
    query = {key: asked.query.get(key, "") for key in ("period", "as_of", "known_at")}
    count = feed.cells.get(COUNTS.get(name, ""), [None])[0]
    facts = [Fact(before, figure_of(then, past.unit, past.currency))]
    if name == "win_rate":
        facts = [_range(now), *facts]
    elif count is not None:
        pair = feed.cells[COUNTS[name]]
        facts = [
            Fact(
                _("Deals"),
                figure_of(pair[0].value, "count", None),
                url=why_url(COUNTS[name], scope=asked.focus, **query),
            ),
            *facts,
        ]
    return Card(
        metric=name,
        name=in_words(feed.documents[name].name),
        figure=figure_of(now.value, now.unit, now.currency),
        why=why_url(name, scope=asked.focus, **query),
        url=_metric_url(asked, name),
        part=None if name != "win_rate" or now.numerator is None else Fraction(now.numerator),
        whole=None if name != "win_rate" or now.denominator is None else Fraction(now.denominator),
        weeks=tuple(figure_of(one.value, one.unit, one.currency).value for one in weeks),
        facts=tuple(facts),
        verdict=_verdict(past, now) if name == "win_rate" and feed.begun else "",
        few=now.interval is not None and Fraction(now.n) < 10,
    )


def _range(cell: Cell) -> Fact:
    if cell.interval is None:
        return Fact(_("95% range"), Figure(None, "ratio"))
    return Fact(_("95% range"), low=cell.interval.low, high=cell.interval.high)


def _verdict(before: Cell, now: Cell) -> str:
    """Whether the share has changed against the same days of the period before."""
    arms = (before.numerator, before.denominator, now.numerator, now.denominator)
    if not all(isinstance(one, int) for one in arms):
        return "not_enough_data"
    won, decided, won_now, decided_now = (int(one or 0) for one in arms)
    return (
        compare_shares((won, decided), (won_now, decided_now)).verdict if decided and decided_now else "not_enough_data"
    )
