"""The document of a sales process: its stages in order, what each means, and what must be true to leave it."""

from collections import Counter
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from hedef.kernel.definition import Document, Part, Words

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=60)]
Share = Annotated[str, StringConstraints(pattern=r"^(0(\.[0-9]{1,4})?|1(\.0{1,4})?)$")]
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
    """The longest normal stay: `days` is over it, from `warn` on it is near."""

    days: int = Field(ge=1)
    warn: int | None = Field(default=None, ge=1)
    clock: Literal["working", "calendar"] = "working"

    @model_validator(mode="after")
    def _warns_before(self) -> Self:
        if self.warn is not None and self.warn > self.days:
            raise ValueError(f"warn ({self.warn}) comes after the limit of {self.days}")
        return self


class Criterion(Part):
    """What must be true before a deal leaves the stage: a filled field, or an answer to a question."""

    id: Code
    level: Literal["block", "warn"]
    require: str | None = None
    ask: Words | None = None
    evidence: str | None = None
    when: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.require is None) == (self.ask is None):
            raise ValueError("a criterion has either require (a field) or ask (a question)")
        return self


class Step(Part):
    """One guided step; enablement owns its text."""

    id: Code
    do: Words
    done_by: dict[str, Any] | None = None
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
    chosen_when: str | None = None
    age_clock: Literal["keep", "restart"] = "keep"
    stages: tuple[Stage, ...] = Field(min_length=2)
    lost_reasons: tuple[LostReason, ...] = ()
    map: dict[Code, Code] | None = None

    @model_validator(mode="after")
    def _stages_fit_together(self) -> Self:
        faults = [*_categories(self.stages), *_order(self.stages), *_names(self.stages), *_counting(self.stages)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def stage(self, code: str) -> Stage | None:
        """The stage with this id, or none."""
        return next((one for one in self.stages if one.id == code), None)

    @property
    def counts_order(self) -> int:
        """Order of the first stage that counts as pipeline: the one marked, else the first open one."""
        marked = [one.order for one in self.stages if one.counts_from]
        return min(marked or [one.order for one in self.stages if one.category == "open"], default=0)


def _categories(stages: tuple[Stage, ...]) -> list[str]:
    found = Counter(one.category for one in stages)
    return [f"there is no stage of category {need}" for need in ("open", "won", "lost") if not found[need]]


def _order(stages: tuple[Stage, ...]) -> list[str]:
    faults = []
    for before, after in pairwise(stages):
        if after.order <= before.order:
            faults.append(f"the order must rise, but {after.id} ({after.order}) follows {before.id} ({before.order})")
    closed = [one.order for one in stages if one.category in {"won", "lost"}]
    late = [one.id for one in stages if one.category in {"open", "hold"} and closed and one.order > min(closed)]
    return faults + [f"{name} is open but stands after a closing stage" for name in late]


def _names(stages: tuple[Stage, ...]) -> list[str]:
    counts = Counter(one.id for one in stages)
    faults = [f"the stage {name} occurs {times} times" for name, times in counts.items() if times > 1]
    for one in stages:
        faults += [f"{one.id}: next names {name}, which is no stage" for name in one.next or () if name not in counts]
        parts = Counter([*(part.id for part in one.exit), *(part.id for part in one.steps)])
        faults += [f"{one.id}: the id {name} occurs twice" for name, times in parts.items() if times > 1]
    return faults


def _counting(stages: tuple[Stage, ...]) -> list[str]:
    marked = [one for one in stages if one.counts_from]
    if len(marked) > 1:
        return [f"counts_from is true on {', '.join(one.id for one in marked)}; mark the first one only"]
    return [f"{one.id} counts as pipeline but is {one.category}" for one in marked if one.category != "open"]
