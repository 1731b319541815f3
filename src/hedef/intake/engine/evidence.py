"""What the texts of one column prove: date order, decimal mark, per cent or fraction, day or instant, yes/no.

A file may be looked at in parts: `merged` puts the proofs of two parts together as if they had been one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from hedef.intake.engine.values.clean import trim, without_nulls

_NUMERIC_DATE = r"^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})(?:[T ,].*)?$"
_MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
_PLAIN_POINT = r"^[^\d.,]*\d+(?:\.(?:\d{1,2}|\d{4,}))?$"
_MIDNIGHT = r"(?i)[T ,](?:00:00(?::00(?:\.0+)?)?|12:00(?::00(?:\.0+)?)? ?a\.?m\.?)\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"


@dataclass(frozen=True, slots=True)
class Proof:
    """Counts for each answer; `open` counts texts that could be either.

    `examples`: answer -> the first different texts that prove it, with their rows (from 1); `either`: texts that
    leave a decimal mark open. `words`: the different texts of a yes/no column, none when there are more than three.
    """

    counts: dict[str, int]
    open: int = 0
    shapes: frozenset[str] = frozenset()
    examples: dict[str, dict[str, int]] = field(default_factory=dict)
    words: frozenset[str] | None = None
    blanks: int = 0

    @property
    def rows(self) -> dict[str, list[int]]:
        return {answer: list(rows.values()) for answer, rows in self.examples.items()}

    @property
    def needed(self) -> bool:
        """False when the column holds nothing that an answer would change."""
        return bool(self.open or any(self.counts.values()))

    @property
    def answers(self) -> list[str]:
        return [answer for answer, count in self.counts.items() if count]


_EXAMPLES = 5
_WORDS = 3


def merged(first: Proof, then: Proof) -> Proof:
    """The proof of two parts of a file, in their order; the same as the proof of both in one."""
    counts = {answer: first.counts[answer] + then.counts[answer] for answer in first.counts}
    words = None if first.words is None or then.words is None else _few(first.words | then.words)
    blanks = first.blanks + then.blanks
    if "blank_is_false" in counts:
        counts = {"blank_is_false": blanks if _lone(words) else 0}
    examples = {
        answer: _first_of(first.examples.get(answer, {}), then.examples.get(answer, {}))
        for answer in (*first.examples, *(one for one in then.examples if one not in first.examples))
    }
    return Proof(counts, first.open + then.open, first.shapes | then.shapes, examples, words, blanks)


def _first_of(first: Mapping[str, int], then: Mapping[str, int]) -> dict[str, int]:
    both = {**first, **{text: row for text, row in then.items() if text not in first}}
    return dict(list(both.items())[:_EXAMPLES])


def counted(texts: pl.Series, more_nulls: tuple[str, ...] = ()) -> pl.DataFrame:
    """Distinct trimmed texts with their counts (`text`, `n`) and the first row (`row`, from 1)."""
    plain, _ = without_nulls(trim(texts), None, more_nulls)
    frame = pl.DataFrame({"text": plain, "row": pl.int_range(1, len(plain) + 1, eager=True)}).drop_nulls("text")
    return frame.group_by("text", maintain_order=True).agg(n=pl.len().cast(pl.Int64), row=pl.col("row").first())


def prove_date_order(texts: pl.Series, more_nulls: tuple[str, ...] = ()) -> Proof:
    """`d/m` where the first part is over 12 and a real day, `m/d` where the second is; shapes like `/4`."""
    found = (
        counted(texts, more_nulls)
        .with_columns(pl.col("text").str.extract_groups(_NUMERIC_DATE).alias("part"))
        .select(
            "n",
            "row",
            "text",
            first=pl.col("part").struct[0].cast(pl.Int64),
            sign=pl.col("part").struct[1],
            second=pl.col("part").struct[2].cast(pl.Int64),
            year=pl.col("part").struct[3],
        )
        .drop_nulls("first")
    )
    if not found.height:
        return Proof({"d/m": 0, "m/d": 0})
    day_first = (pl.col("first") > 12) & _real(pl.col("first"), pl.col("second"))
    month_first = (pl.col("second") > 12) & _real(pl.col("second"), pl.col("first"))
    either = (
        pl.col("first").is_between(1, 12) & pl.col("second").is_between(1, 12) & (pl.col("first") != pl.col("second"))
    )
    found = found.with_columns(dm=day_first, md=month_first, either=either)
    shapes = found.select(shape=pl.col("sign") + pl.col("year").str.len_bytes().cast(pl.String))["shape"].unique()
    return Proof(
        {"d/m": _sum(found, "dm"), "m/d": _sum(found, "md")},
        _sum(found, "either"),
        frozenset(shapes.to_list()),
        {"d/m": _first_rows(found, "dm"), "m/d": _first_rows(found, "md")},
    )


def _real(day: pl.Expr, month: pl.Expr) -> pl.Expr:
    """Whether the calendar has this day: 31/11 and 29/02 of a common year are none and prove nothing."""
    longest = month.replace_strict(list(range(1, 13)), _MONTH_DAYS, default=0, return_dtype=pl.Int64)
    number = pl.col("year").cast(pl.Int64)  # of two digits it is as leap as its century's: 2000 was leap
    leap = (number % 4 == 0) & ((number % 100 != 0) | (number % 400 == 0))
    return (day >= 1) & (day <= longest - ((month == 2) & ~leap).cast(pl.Int64))


def _sum(found: pl.DataFrame, name: str) -> int:
    return int(found.filter(pl.col(name))["n"].sum())


def _first_rows(found: pl.DataFrame, name: str) -> dict[str, int]:
    return dict(found.filter(pl.col(name)).select("text", "row").head(_EXAMPLES).iter_rows())


def prove_decimal_mark(texts: pl.Series, more_nulls: tuple[str, ...] = ()) -> Proof:
    """The vectorised form of `values.mark_proof` over all texts of a column."""
    found = counted(texts, more_nulls).filter(pl.col("text").str.contains("[.,]") & pl.col("text").str.contains(r"\d"))
    if not found.height:
        return Proof({".": 0, ",": 0})
    simple = found["text"].str.contains(_PLAIN_POINT)
    points = int(found.filter(simple)["n"].sum())
    odd = found.filter(~simple)
    if not odd.height:
        return Proof({".": points, ",": 0})
    odd = odd.with_columns(proof=_mark(odd["text"]))
    rest = {mark: odd.filter(pl.col("proof") == mark) for mark in (".", ",", "either")}
    return Proof(
        {".": points + int(rest["."]["n"].sum()), ",": int(rest[","]["n"].sum())},
        int(rest["either"]["n"].sum()),
        examples={"either": dict(rest["either"].select("text", "row").head(_EXAMPLES).iter_rows())},
    )


def _mark(texts: pl.Series) -> pl.Series:
    body = pl.col("text").str.replace_all(r"[^\d.,]", "")
    begins = pl.col("text").str.contains(r"^[.,]")
    frame = pl.DataFrame({"text": texts}).select(body=pl.when(begins).then(body).otherwise(body.str.strip_chars(".,")))
    body = pl.col("body")
    both = body.str.contains(r"\.") & body.str.contains(",")
    last = pl.when(body.str.contains(r"\.[^.,]*$")).then(pl.lit(".")).otherwise(pl.lit(","))
    other = pl.when(last == ".").then(pl.lit(",")).otherwise(pl.lit("."))
    marks = body.str.count_matches(r"[.,]")
    either = body.str.contains(r"^[1-9]\d{0,2}[.,]\d{3}$")
    proof = (
        pl.when(marks == 0).then(None)
        .when(both).then(last)
        .when(marks > 1).then(other)
        .when(either).then(pl.lit("either"))
        .otherwise(last)
    )  # fmt: skip
    return frame.select(proof=proof)["proof"]


def prove_scale(texts: pl.Series, more_nulls: tuple[str, ...] = ()) -> Proof:
    """`percent` where a sign or a value over 1 stands; 0 to 1 leaves it open, 0 alone needs nothing."""
    found = counted(texts, more_nulls)
    sign = found["text"].str.contains("%", literal=True)
    above = found["text"].str.contains(r"^\+?0*(?:[2-9]|[1-9]\d+|1[.,]\d*[1-9])")
    zero = found["text"].str.contains(r"^[-+]?0*(?:[.,]0*)?%?$")
    percent = sign | above
    return Proof(
        {"percent": int(found.filter(percent)["n"].sum()), "fraction": 0},
        int(found.filter(~percent & ~zero)["n"].sum()),
    )


def prove_precision(texts: pl.Series, more_nulls: tuple[str, ...] = ()) -> Proof:
    """`day` counts texts without a time of day or at midnight, `instant` the others."""
    filled, _ = without_nulls(trim(texts), None, more_nulls)
    wall = filled.str.contains(_MIDNIGHT)
    bare = ~filled.str.contains(r"\d:\d{2}")
    midnight = (wall | bare).fill_null(False) & filled.is_not_null()
    days = int(midnight.sum())
    return Proof({"day": days, "instant": int(filled.is_not_null().sum()) - days})


def prove_boolean(texts: pl.Series, more_nulls: tuple[str, ...] = ()) -> Proof:
    """`blank_is_false` when the column holds only `x` or only `1` beside blanks."""
    found = counted(texts, more_nulls)
    words = _few(frozenset(found["text"].head(_WORDS + 1).to_list()))
    blanks = len(texts) - int(found["n"].sum())
    return Proof({"blank_is_false": blanks if _lone(words) else 0}, words=words, blanks=blanks)


def _few(words: frozenset[str]) -> frozenset[str] | None:
    return words if len(words) <= _WORDS else None


def _lone(words: frozenset[str] | None) -> bool:
    folded = {text.casefold() for text in words or ()}
    return len(folded) == 1 and folded <= {"x", "1"}
