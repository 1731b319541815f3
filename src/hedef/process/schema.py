"""The document of a sales process: its stages in order, what each means, and what must be true to leave it."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from hedef.kernel.definition import Document, Part, Words
from hedef.process.engine.conditions import ConditionError, read_condition

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=60)]


def written(value: object) -> object:
    """A whole number as it is written: YAML reads `1` as a number and `0.5` as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Share = Annotated[str, BeforeValidator(written), StringConstraints(pattern=r"^(0(\.[0-9]{1,4})?|1(\.0{1,4})?)$")]


def _is_condition(text: str) -> str:
    try:
        read_condition(text)
    except ConditionError as fault:
        raise ValueError(f"{fault} (character {fault.at + 1})") from fault
    return text


When = Annotated[str, AfterValidator(_is_condition)]
type Category = Literal["open", "hold", "won", "lost"]

OTHER = "other"


class Probability(Part):
    """Where a stage's chance comes from; `value` or `fallback` are fractions written with up to 4 decimals."""

    source: Literal["fixed", "history", "rep", "model"] = Field(alias="from")
    value: Share | None = None
    fallback: Share | None = None

    @model_validator(mode="after")
    def _fixed_has_a_value(self) -> Self:
        if (self.source == "fixed") != (self.value is not None):
            raise ValueError("value belongs to probability from fixed, and only there")
        return self


class Limit(Part):
    """The longest normal stay: `days` is over it, from `warn` on it is near. With the clock `hours` both are hours."""

    days: int | None = Field(default=None, ge=1)
    hours: int | None = Field(default=None, ge=1)
    warn: int | None = Field(default=None, ge=1)
    clock: Literal["working", "calendar", "hours"] = "working"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.days is None) == (self.hours is None):
            raise ValueError("a limit has either days or hours")
        if (self.hours is not None) != (self.clock == "hours"):
            raise ValueError("hours and clock: hours belong together")
        if self.warn is not None and self.warn > self.most:
            raise ValueError(f"warn ({self.warn}) comes after the limit of {self.most}")
        return self

    @property
    def most(self) -> int:
        """The limit, in days or hours as the clock says."""
        return self.days or self.hours or 0


class Criterion(Part):
    """What must be true before a deal leaves the stage: a filled field, or an answer to a question."""

    id: Code
    level: Literal["block", "warn"]
    require: str | None = None
    ask: Words | None = None
    evidence: Literal["link", "note"] | None = None
    when: When | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.require is None) == (self.ask is None):
            raise ValueError("a criterion has either require (a field) or ask (a question)")
        if self.evidence is not None and self.ask is None:
            raise ValueError("evidence belongs to a question (ask), not to a field")
        return self


class Doing(Part):
    """What ticks a step: so many activities of a kind, done while the deal stands in the stage."""

    activity: Code
    count: int = Field(default=1, ge=1, le=99)


class Step(Part):
    """One guided step; enablement owns its text."""

    id: Code
    do: Words
    done_by: Doing | None = None
    asset: str | None = None


class Stage(Part):
    """One stage. `order` rises from stage to stage; `next` none means any later stage, or lost."""

    id: Code
    name: Words
    order: int = Field(ge=0)
    category: Category
    counts_from: bool = False
    probability: Probability | None = None
    limit: Limit | None = None
    next: tuple[Code, ...] | None = None
    exit: tuple[Criterion, ...] = ()
    steps: tuple[Step, ...] = ()


class LostReason(Part):
    """One entry of the closed list; the reason `other` needs a sentence."""

    id: Code
    name: Words


class ProcessDocument(Document):
    """Kind `process`. `map` names the new stage of every stage that this version drops."""

    kind: Literal["process"]
    applies_to: Literal["deal", "lead", "renewal"] = "deal"
    chosen_when: When | None = None
    age_clock: Literal["keep", "restart"] = "restart"
    stages: tuple[Stage, ...] = Field(min_length=2)
    lost_reasons: tuple[LostReason, ...] = ()
    map: dict[Code, Code] | None = None

    def stage(self, code: str) -> Stage | None:
        """The stage with this id, or none."""
        return next((one for one in self.stages if one.id == code), None)

    @property
    def counts_order(self) -> int:
        """Order of the first stage that counts as pipeline: the one marked, else the first open one."""
        marked = [one.order for one in self.stages if one.counts_from]
        return min(marked or [one.order for one in self.stages if one.category == "open"], default=0)
