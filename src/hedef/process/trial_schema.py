"""The document of a trial: a change of a process, what it should better, how it is tested and until when."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hedef.kernel.definition import Document, Part, Reference, Words, reference
from hedef.process.schema import Code, Share, written


def _names_a_version(text: str) -> str:
    found = reference(text)
    if found.kind not in (None, "process") or found.version is None or found.part is not None:
        raise ValueError(f'"{text}" names no version of a process; write it as new-business@4')
    return text


class Outcome(Part):
    """What is measured: how many that reached the first stage reached the second in time, or days in one stage."""

    convert: Annotated[tuple[Code, ...], Field(min_length=2, max_length=2)] | None = None
    within_days: int | None = Field(default=None, ge=1, le=730)
    time_in: Code | None = None
    better: Literal["up", "down"]

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.convert is None) == (self.time_in is None):
            raise ValueError("an outcome is either convert (two stages) or time_in (one stage)")
        if (self.convert is None) != (self.within_days is None):
            raise ValueError("within_days belongs to convert, and only there")
        return self


class Design(Part):
    """`split`: both ways at once, the arm drawn from a hash of trial and unit; `before_after`: one after the other."""

    kind: Literal["split", "before_after"]
    unit: Literal["deal", "person"] = "deal"
    share: Share = "0.5"

    @model_validator(mode="after")
    def _both_arms_have_some(self) -> Self:
        if self.kind == "split" and not 0 < Fraction(self.share) < 1:
            raise ValueError("the share of the new way lies between 0 and 1, or one arm is empty")
        return self


class ProcessTrial(Document):
    """Kind `process-trial`. `dates` are its first and its last day; `smallest_effect` a share, or days of time_in."""

    kind: Literal["process-trial"]
    hypothesis: Words
    change: Annotated[str, AfterValidator(_names_a_version)]
    outcome: Outcome
    design: Design
    dates: Annotated[tuple[date, ...], Field(min_length=2, max_length=2)]
    smallest_effect: Annotated[str, BeforeValidator(written), Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4})?$")]

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the last day ({self.last}) comes before the first ({self.first})")
        if not self.effect:
            raise ValueError("smallest_effect is 0: then every difference would matter")
        return self

    @property
    def first(self) -> date:
        return self.dates[0]

    @property
    def last(self) -> date:
        return self.dates[1]

    @property
    def effect(self) -> Fraction:
        return Fraction(self.smallest_effect)

    @property
    def process(self) -> str:
        """The process whose version is tried."""
        return reference(self.change).id

    @property
    def changed(self) -> Reference:
        return reference(self.change)
