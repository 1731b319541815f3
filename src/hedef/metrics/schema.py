"""The document of a metric: what is counted, how it rolls up, how it is shown and what to do about it."""

from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from hedef.kernel.definition import Document, Part, Words

type Unit = Literal["money", "count", "ratio", "days", "hours", "index"]
type Calc = Literal["sum", "stock", "distinct", "quantile", "ratio", "derived", "cohort"]
type Credit = Literal["split", "owner_then", "owner_now", "none"]
type Keep = Literal["last", "first", "average"]
type Dimension = Literal["person", "team", "process", "product", "source", "segment", "region"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Share = Annotated[str, StringConstraints(pattern=r"^0\.[0-9]{1,4}$")]


_OF_ROWS = {"sum", "stock", "quantile", "distinct", "cohort"}


_NEEDS = {
    **dict.fromkeys(_OF_ROWS, "a fact"),
    "ratio": "a numerator and a denominator",
    "derived": "a formula",
}


class Fact(Part):
    """Which rows of which facts table are meant: the value of a row, its condition and the day it belongs to."""

    model_config = ConfigDict(populate_by_name=True)

    table: Name = Field(alias="from")
    value: str = Field(min_length=1)
    when: str | None = Field(default=None, min_length=1)
    time: Name | None = None


class Reached(Part):
    """What a member of a cohort must have reached: a condition, and the value that then counts (the fact's without)."""

    value: str | None = Field(default=None, min_length=1)
    when: str | None = Field(default=None, min_length=1)


class MetricDocument(Document):
    """Kind `metric`. A ratio names its parts, a derived metric its formula, every other kind its fact; `quantile` is
    written like 0.5. A cohort is the share of its members (`fact`) that have `reached` something; `within` are the
    days after which a member can no longer change. `empty: none` says that without any row there is no number.

    `cases` are a list in the document, or the name of a file beside it (the library's way)."""

    kind: Literal["metric"]
    says: Words | None = None
    unit: Unit
    direction: Literal["up", "down", "band"]
    calc: Calc
    fact: Fact | None = None
    numerator: Name | None = None
    denominator: Name | None = None
    formula: str | None = Field(default=None, min_length=1)
    reached: Reached | None = None
    within: int | None = Field(default=None, ge=1, le=3660)
    empty: Literal["zero", "none"] = "zero"
    quantile: Share | None = None
    credit: Credit = "owner_then"
    keep: Keep = "last"
    rate: Literal["plan", "day"] = "plan"
    mixing: Literal["ok"] | None = None
    dimensions: tuple[Dimension, ...] = ()
    act: Words | None = None
    cases: str | tuple[dict[str, Any], ...] | None = None

    @field_validator("cases", mode="before")
    @classmethod
    def _a_file_or_a_list(cls, value: Any) -> Any:
        if isinstance(value, list) and not all(isinstance(one, dict) and one.get("name") for one in value):
            raise ValueError("each case has a name that says as a sentence what it proves, rows, ask and expect")
        if not isinstance(value, str | list | tuple | None):
            raise ValueError("cases are a list, or the name of a file beside this one")
        return value

    @property
    def cases_file(self) -> str | None:
        """The file beside the document that holds its cases; none where they stand in it, or where it has none."""
        return self.cases if isinstance(self.cases, str) else None

    @model_validator(mode="after")
    def _parts_fit_the_kind(self) -> Self:
        if self.calc == "ratio":
            if self.fact is not None or not (self.numerator and self.denominator):
                raise ValueError("a ratio names its numerator and denominator, and no fact of its own")
        elif self.numerator or self.denominator:
            raise ValueError(f"{self.calc} needs {_NEEDS[self.calc]}, and neither numerator nor denominator")
        if (self.calc in _OF_ROWS) != (self.fact is not None):
            raise ValueError(f"{self.calc} needs {_NEEDS[self.calc]}")
        if (self.calc == "derived") != (self.formula is not None):
            raise ValueError("a formula of other metrics belongs to calc derived, and only there")
        if (self.calc == "cohort") != (self.reached is not None) or (self.within and self.calc != "cohort"):
            raise ValueError("reached (and within) belong to calc cohort, and only there")
        if self.keep != "last" and self.calc != "stock":
            raise ValueError("keep: first or average belongs to calc stock, and only there")
        if (self.calc == "quantile") != (self.quantile is not None):
            raise ValueError("quantile: 0.5 belongs to calc quantile, and only there")
        return self

    @property
    def at(self) -> Fraction:
        """The quantile as an exact number (1/2 is the median)."""
        return Fraction(self.quantile or "0.5")
