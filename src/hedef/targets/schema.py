"""The target plan: which metric, how lines are phased, split and read, and the bands of the board."""

from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from hedef.kernel.definition import Document, Part, Words
from hedef.kernel.periods import read_name

type Method = Literal["working", "calendar", "seasonal"]
type Level = Literal["team", "person"]


def _decimal(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("write the number as text, so that it stays exact")
    try:
        return Decimal(str(value))
    except InvalidOperation as fault:
        raise ValueError(f'"{value}" is no number such as 1000.00') from fault


def _period(value: Any) -> Any:
    """A period's spelling, checked; the plan's calendar gives it its days."""
    read_name(str(value))
    return str(value)


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else [value]


Exact = Annotated[Decimal, BeforeValidator(_decimal)]
Share = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1)]
PeriodName = Annotated[str, BeforeValidator(_period)]


class MetricUse(Part):
    """The metric with a target; `currency` where its unit is money; `band`: the edges of a band target."""

    metric: str = Field(alias="is", pattern=r"^[a-z][a-z0-9_]*(@[1-9][0-9]*)?$")
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")


class PeriodUse(Part):
    """The periods of the plan's own numbers; none: its lines bring theirs."""

    calendar: Literal["company"] = "company"
    periods: Annotated[tuple[PeriodName, ...], BeforeValidator(_one_or_many)] = Field(default=(), alias="is")


class PhasingUse(Part):
    """How a longer line falls on shorter periods; `values` are the parts of a manual phasing, in the metric's unit."""

    by: Literal["even", "working", "seasonal", "manual"] = "working"
    seasonal_from: Annotated[tuple[PeriodName, ...], BeforeValidator(_one_or_many)] = Field(default=(), max_length=8)
    values: dict[PeriodName, Exact] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.by == "manual" and not self.values:
            raise ValueError("manual phasing names its values: {2017-07: 300000.00, 2017-08: ...}")
        if self.by == "seasonal" and not self.seasonal_from:
            raise ValueError("seasonal phasing names the periods it is taken from: seasonal_from: [2017-Q2]")
        return self


class SplitUse(Part):
    """`weights`: a metric and period (`won_value@2017-Q2`), `equal`, `headcount`, `potential` (yearly revenue of the
    accounts that people and teams hold in their territories) or `manual` with the numbers of `manual`."""

    round_to: Exact = Decimal(1)
    over_assign: Share = Decimal(0)
    weights: str = "equal"
    no_history: Literal["median", "zero", "ask"] = "median"
    levels: tuple[Level, ...] = ("team", "person")
    manual: dict[str, Exact] = Field(default_factory=dict)  # team:T-2 or person:P-17 -> weight
    total: Exact | None = None

    @field_validator("round_to")
    @classmethod
    def _above_zero(cls, value: Decimal) -> Decimal:
        if value <= 0:
            raise ValueError("round_to is a step above 0, such as 1000.00")
        return value

    @field_validator("weights")
    @classmethod
    def _known_weights(cls, value: str) -> str:
        if value not in {"equal", "headcount", "potential", "manual"}:
            metric, at, period = value.partition("@")
            if not (metric and at and period):
                raise ValueError(f'weights: "{value}" is none of equal, headcount, potential, manual or METRIC@PERIOD')
            read_name(period)
        return value


class PeopleUse(Part):
    """Joiners, leavers and the ramp by month of service."""

    joiner: Literal["prorate", "full", "none"] = "prorate"
    leaver: Literal["team_keeps", "share_out"] = "team_keeps"
    ramp: tuple[Share, ...] = ()
    absence: Literal["keep", "prorate"] = "keep"


class BandUse(Part):
    """Values under `below` have this word; the last band is open."""

    below: Exact | None = None
    word: Literal["ahead", "on_pace", "watch", "behind"] = Field(alias="is")


class ChangeUse(Part):
    """Why this version, and from when its values count: the whole period, or the days from effective_from on (T8)."""

    reason: Words | None = None
    approved_by: tuple[str, ...] = ()
    applies: Literal["whole_period", "from_date"] = "whole_period"


class LinesUse(Part):
    """What is approved with the document: how many lines the version has, and the digest of them."""

    count: int = Field(ge=0)
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")


def _default_bands() -> tuple[BandUse, ...]:
    return tuple(
        BandUse.model_validate(band)
        for band in (
            {"below": "0.70", "is": "behind"},
            {"below": "0.90", "is": "watch"},
            {"below": "1.10", "is": "on_pace"},
            {"is": "ahead"},
        )
    )


class TargetPlan(Document):
    """Kind `target-plan`."""

    kind: Literal["target-plan"] = "target-plan"
    metric: MetricUse
    period: PeriodUse = Field(default_factory=PeriodUse)
    phasing: PhasingUse = Field(default_factory=PhasingUse)
    split: SplitUse = Field(default_factory=SplitUse)
    people: PeopleUse = Field(default_factory=PeopleUse)
    bands: tuple[BandUse, ...] = Field(default_factory=_default_bands, min_length=1)
    warn: tuple[Exact, Exact] = (Decimal(0), Decimal("0.15"))
    pace: Method | None = None
    change: ChangeUse = Field(default_factory=ChangeUse)
    lines: LinesUse | None = None

    @field_validator("bands")
    @classmethod
    def _rising(cls, bands: tuple[BandUse, ...]) -> tuple[BandUse, ...]:
        *lower, last = bands
        edges = [band.below for band in lower if band.below is not None]
        if last.below is not None or len(edges) != len(lower):
            raise ValueError("every band has a `below` except the last one")
        if any(left >= right for left, right in pairwise(edges)):
            raise ValueError("the bands rise: each `below` is larger than the one before")
        return bands

    @model_validator(mode="after")
    def _starts_with_a_date(self) -> Self:
        if self.change.applies == "from_date" and self.effective_from is None:
            raise ValueError("a version that applies from_date has an effective_from")
        return self


def plan_words(plan: TargetPlan) -> dict[str, str]:
    """The plan in plain words, English and Turkish, as definitions keep it beside each version."""
    periods = ", ".join(plan.period.periods)
    start = "" if plan.effective_from is None else _day(plan.effective_from)
    return {
        "en": f"{plan.name.en}: targets of {plan.metric.metric}{' for ' + periods if periods else ''}, "
        f"phased {_PHASED[plan.phasing.by][0]}, split by {plan.split.weights}"
        f"{', in force from ' + start if start else ''}.",
        "tr": f"{plan.name.tr}: {plan.metric.metric} hedefleri{' (' + periods + ')' if periods else ''}, "
        f"dönemlere yayma: {_PHASED[plan.phasing.by][1]}, dağıtım: {plan.split.weights}"
        f"{', yürürlük: ' + start if start else ''}.",
    }


_PHASED = {
    "even": ("evenly", "eşit"),
    "working": ("by working days", "iş günlerine göre"),
    "seasonal": ("by season", "mevsime göre"),
    "manual": ("by hand", "elle"),
}


def _day(day: date) -> str:
    return day.isoformat()
