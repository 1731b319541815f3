"""Why a number of the board is what it is, in steps that add up."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hedef.kernel.errors import NotFound, WrongUse
from hedef.metrics import queries as metrics
from hedef.metrics.page.reasons import Definition, Step, definition_of, largest, left_out, rows_url, steps_of
from hedef.metrics.page.reasons import Line as Deal
from hedef.metrics.page.reasons import lines_of as deals_of
from hedef.metrics.page.shown import Figure
from hedef.metrics.queries import Drill
from hedef.targets.engine.board import Row
from hedef.targets.engine.units import from_steps
from hedef.targets.page.asked import Asked, row_of
from hedef.targets.page.tree import line_name
from hedef.targets.queries import Scoreboard
from hedef.targets.queries.lines import line_rows, related_periods
from hedef.targets.queries.show import pace_json
from hedef.targets.queries.why import FIELDS

SHOWN = 8


@dataclass(frozen=True)
class Reason:
    """Everything that a drawer says. `elapsed`: days gone and in all, or none for a curve."""

    field: str
    title: str
    name: str
    figure: Figure
    steps: tuple[Step, ...]
    plan: str
    elapsed: dict[str, object]
    notes: tuple[str, ...] = ()
    definition: Definition | None = None
    deals: tuple[Deal, ...] = ()
    more: int = 0
    rows_url: str = ""
    left_out: tuple[str, ...] = ()
    closed: bool = False


def reason(asked: Asked, board: Scoreboard, scope: str, field: str) -> Reason:
    """The reason of one number. WrongUse for a number that no board has, NotFound for a row not seen."""
    if field not in FIELDS:
        raise WrongUse(f'"{field}" is no number of the board.', hint=f"Known: {', '.join(FIELDS)}.")
    row = row_of(board, scope)
    made = _Making(asked, board, row)
    drill = made.drill() if field == "actual" else None
    steps = {
        "target": made.target,
        "actual": lambda: made.actual(drill),
        "expected": made.expected,
        "attainment": made.attainment,
        "pace": made.pace,
        "points_to_pace": made.points,
        "gap": made.gap,
        "needed_per_day": made.needed,
        "projection": made.projection,
    }[field]()
    query = {key: asked.query.get(key, "") for key in ("period", "as_of", "known_at")}
    return Reason(
        field=field,
        title=TITLES[field](),
        name=line_name(board, scope),
        figure=made.value(field),
        steps=tuple(steps),
        plan="" if board.version is None else f"{board.version.id}@{board.version.version}",
        elapsed=pace_json(board),
        notes=tuple(note_text(one) for one in row.notes),
        definition=definition_of(drill.recipe) if drill else None,
        deals=tuple(deals_of(drill, largest(drill, SHOWN))) if drill else (),
        more=max(len(drill.rows) - SHOWN, 0) if drill else 0,
        rows_url=rows_url(board.metric.id, scope=scope, by="team" if scope == "unassigned" else "", **query)
        if drill
        else "",
        left_out=tuple(left_out(drill.cell.issues)) if drill else (),
        closed=field == "actual" and drill is None,
    )


TITLES = {
    "target": lambda: _("Target"),
    "actual": lambda: _("Actual"),
    "expected": lambda: _("Where this should be today"),
    "attainment": lambda: _("Attainment"),
    "pace": lambda: _("Pace"),
    "points_to_pace": lambda: _("Against pace"),
    "gap": lambda: _("Gap to pace"),
    "needed_per_day": lambda: _("Needed per working day"),
    "projection": lambda: _("Straight projection, not the forecast"),
}


def note_text(note: str) -> str:
    """A word of the board's closed list of notes as a sentence."""
    told = {
        "summed": _("Sum of the lines of shorter periods."),
        "phased": _("Phased from the line of a longer period."),
        "partly_summed": _("Sum of lines that cover only a part of the period."),
        "rolled_up": _("Rolled up from the lines below."),
        "repeated": _("The target above holds here too: it is never divided."),
        "joined": _("Joined in the period: only the days present count."),
        "left": _("Left in the period: only the days present count."),
        "moved": _("Moved between teams in the period."),
        "ramp": _("Ramp: a lower target in the first months."),
        "changed": _("The target was changed in the period."),
    }
    return str(told.get(note, note))


@dataclass(frozen=True)
class _Making:
    """One row with the board around it; each method gives the steps of one number."""

    asked: Asked
    board: Scoreboard
    row: Row

    def of(self, value: int | Fraction | None) -> Figure:
        """Smallest steps as a figure of the metric's unit."""
        exact = None if value is None else from_steps(value, self.board.metric.unit, self.board.currency)
        return Figure(exact, self.board.metric.unit, self.board.currency)

    def value(self, field: str) -> Figure:
        standing = self.row.standing
        if field in {"attainment", "pace", "points_to_pace"}:
            return Figure(getattr(standing, field), "points" if field == "points_to_pace" else "ratio")
        return self.of(getattr(standing, field))

    def drill(self) -> Drill | None:
        """The rows behind the actual; none where the viewer sees the number alone."""
        try:
            return metrics.rows(
                self.board.metric.id,
                scope=self.row.scope,
                by="team" if self.row.scope == "unassigned" else None,
                period=self.asked.period,
                as_of=self.asked.as_of_us,
                known_at=self.asked.call.known_no,
                viewer=self.asked.call.scope,
                currency=self.board.currency,
                pinned=self.asked.pin,
            )
        except NotFound:
            return None

    def below(self, field: str) -> list[Row]:
        """Rows below with a number; one that is the whole of this row gives way to what stands below it."""
        found, scope = [self.row], self.row.scope
        while len(found) == 1:
            rows = [row for row in self.board.rows if row.parent == scope and getattr(row.standing, field)]
            if not rows:
                break
            found, scope = rows, rows[0].scope
        return [] if found == [self.row] else found

    def target(self) -> list[Step]:
        """The lines that make it: given, or those below, or those of other periods."""
        carried, standing = self.row.carried, self.row.standing
        if carried is None:
            return []
        closing = Step("=", _("Target"), self.of(standing.target), closes=True)
        if carried.how == "rolled_up":
            parts = self.below("target")
            found = [Step("+", line_name(self.board, row.scope), self.of(row.standing.target)) for row in parts]
            return [*found, *self._rest("target", parts), closing]
        lines = self._lines()
        sign = "+" if carried.how in {"summed", "given", "partly_summed"} else ""
        found = [Step(sign, "", self.of(one["value"]), period=one["period"]) for one in lines]
        if standing.target != carried.full:
            found.append(Step("=", _("Whole line"), self.of(carried.full)))
            share = self.board.clock.of(carried.country).carried(self.asked.period, carried.stays)
            found.append(Step("×", _("Share of the working days present"), Figure(share, "ratio")))
        elif carried.how == "phased":
            found.append(Step("", _("Part of it for this period, by the plan’s phasing"), self.of(standing.target)))
        return [*found, closing]

    def _lines(self) -> list[dict[str, Any]]:
        version = self.board.version
        if version is None:
            return []
        names = {one.id for one in related_periods(self.asked.period, self.asked.calendar)}
        mine = [
            one
            for one in line_rows(version.id, version.version)
            if one["scope"] == self.row.scope and one["period"] in names
        ]
        exact = [one for one in mine if one["period"] == self.asked.period.id]
        return exact or mine

    def _rest(self, field: str, parts: list[Row]) -> list[Step]:
        """What the rows below do not hold: people who moved, rows without owner, hidden rows."""
        whole = Fraction(getattr(self.row.standing, field) or 0)
        told = sum((Fraction(getattr(row.standing, field) or 0) for row in parts), Fraction(0))
        return [] if whole == told else [Step("+", _("Elsewhere or without an owner"), self.of(whole - told))]

    def actual(self, drill: Drill | None) -> list[Step]:
        """The rows below that add up to it; of a person or a lowest team its deals."""
        parts = self.below("actual")
        closing = Step("=", _("Actual"), self.of(self.row.standing.actual), closes=True)
        if parts:
            found = [Step("+", line_name(self.board, row.scope), self.of(row.standing.actual)) for row in parts]
            return [*found, *self._rest("actual", parts), closing]
        return steps_of(drill) if drill is not None else [closing]

    def expected(self) -> list[Step]:
        standing = self.row.standing
        share = None
        if standing.target and standing.expected is not None:
            share = standing.expected / Fraction(standing.target)
        return [
            Step("", _("Target"), self.of(standing.target)),
            Step("×", _("Share that should be there"), Figure(share, "ratio"), note=elapsed_text(self.board)),
            Step("=", _("Expected today"), self.of(standing.expected), closes=True),
        ]

    def attainment(self) -> list[Step]:
        standing = self.row.standing
        return [
            Step("", _("Actual"), self.of(standing.actual)),
            Step("÷", _("Target"), self.of(standing.target)),
            Step("=", _("Attainment"), Figure(standing.attainment, "ratio"), closes=True),
        ]

    def pace(self) -> list[Step]:
        standing = self.row.standing
        return [
            Step("", _("Actual"), self.of(standing.actual)),
            Step("÷", _("Expected today"), self.of(standing.expected), note=elapsed_text(self.board)),
            Step("=", _("Pace"), Figure(standing.pace, "ratio"), closes=True),
        ]

    def points(self) -> list[Step]:
        standing = self.row.standing
        due = None
        if standing.attainment is not None and standing.points_to_pace is not None:
            due = standing.attainment - standing.points_to_pace
        return [
            Step("+", _("Attainment"), Figure(standing.attainment, "ratio")),
            Step("−", _("Share that should be there"), Figure(due, "ratio"), note=elapsed_text(self.board)),
            Step("=", _("Against pace"), Figure(standing.points_to_pace, "points"), closes=True),
        ]

    def gap(self) -> list[Step]:
        standing = self.row.standing
        return [
            Step("+", _("Actual"), self.of(standing.actual)),
            Step("−", _("Expected today"), self.of(standing.expected), note=elapsed_text(self.board)),
            Step("=", _("Gap to pace"), self.of(standing.gap), closes=True),
        ]

    def needed(self) -> list[Step]:
        standing = self.row.standing
        carried, period = self.row.carried, self.board.asked.period
        clock = self.board.clock.of(None if carried is None else carried.country)
        left = clock.days_left(period) if carried is None else clock.days_left(period, carried.stays)
        return [
            Step("+", _("Target"), self.of(standing.target)),
            Step("−", _("Actual"), self.of(standing.actual)),
            Step("÷", _("Working days left"), Figure(left, "count")),
            Step("=", _("Needed per working day"), self.of(standing.needed_per_day), closes=True),
        ]

    def projection(self) -> list[Step]:
        standing = self.row.standing
        return [
            Step("", _("Pace"), Figure(standing.pace, "ratio")),
            Step("×", _("Target"), self.of(standing.target)),
            Step("=", _("Straight projection, not the forecast"), self.of(standing.projection), closes=True),
        ]


def elapsed_text(board: Scoreboard) -> str:
    """How the share was counted: `43 of 63 working days`."""
    told = pace_json(board)
    if told["method"] == "seasonal":
        return _("by the seasonal curve of the reference periods")
    gone, total = _local(told["elapsed"]), _local(told["total"])
    many = 1 if total == "1" else 2
    if told["method"] == "calendar":
        return ngettext("%(gone)s of %(total)s day", "%(gone)s of %(total)s days", many) % {
            "gone": gone,
            "total": total,
        }
    words = ngettext("%(gone)s of %(total)s working day", "%(gone)s of %(total)s working days", many)
    return words % {"gone": gone, "total": total}


def _local(days: object) -> str:
    """Half days with the comma of the language."""
    text = str(days)
    return text.replace(".", ",") if (get_language() or "en").startswith("tr") else text
