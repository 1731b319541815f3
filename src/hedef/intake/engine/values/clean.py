"""What all readers share: trimming, hidden nulls, and reading odd texts once per distinct text."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from hedef.intake.engine.shapes import FINDING_SCHEMA
from hedef.kernel.issue import Level

COMMON_NULLS: tuple[str, ...] = (
    "", "-", "--", "n/a", "null", "none", "(none)", "tbd", "tba", "#n/a", "000000000000000aaa", "000000000000000",
)  # fmt: skip
_TOLD = ("tbd", "tba")  # common nulls a person typed: worth telling; the others are how programs write blank
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]")
_SPACE = re.compile(r"\s+")
_GUARD = re.compile(r"^'(?='*[=+\-@\t\r＝＋－＠])")  # as exports.safe writes it; wide forms too
# a text that needs no cleaning: printable ASCII with single inner spaces
_NEEDS_CARE = r"[^\x20-\x7e]|  |^'+[=+\-@]"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a text is wrong or was changed; `hint` is a sentence that also says the cure."""

    code: str
    level: Level
    hint: str


def trim(texts: pl.Series) -> pl.Series:
    """Outer space off; the row is null where nothing is left."""
    stripped = texts.cast(pl.String).str.strip_chars(" \t\r\n\x00\xa0\ufeff\u2007\u202f")
    return stripped.set(stripped == "", None)


def without_nulls(
    texts: pl.Series, hidden: Sequence[str] | None = None, more: Iterable[str] = ()
) -> tuple[pl.Series, pl.DataFrame]:
    """Hidden nulls become null: the common list and `more`, or only `hidden` where a column says so itself.

    Texts a person typed (`TBD`, `Select`) are told as `hidden_null`; `null`, `-`, `#N/A` are not.
    """
    told = {text.casefold() for text in (hidden if hidden is not None else (*_TOLD, *more))}
    words = told | (set() if hidden is not None else set(COMMON_NULLS))
    longest = max(map(len, words), default=0)
    short = texts.str.len_bytes() <= longest
    if not short.any():
        return texts, no_trouble()
    lower = texts.set(~short.fill_null(False), None).str.to_lowercase()
    hit = lower.is_in(list(words)).fill_null(False)
    if not hit.any():
        return texts, no_trouble()
    loud = lower.is_in(list(told)).fill_null(False)
    note = Trouble("hidden_null", "info", "Read as blank. Map the column with `hidden_nulls: []` if it is a value.")
    return texts.set(hit, None), troubles(texts, loud, note)


def tidy(text: str) -> str:
    """Trim, NFC, runs of space to one, control characters and direction marks dropped, one export guard `'` off."""
    plain = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    return _GUARD.sub("", _SPACE.sub(" ", plain).strip())


def tidy_column(texts: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """`tidy` for trimmed texts, only where a text needs it; dropped control characters are told."""
    care = texts.str.contains(_NEEDS_CARE).fill_null(False)
    if not care.any():
        return texts, no_trouble()
    quick = texts.set(care, None)
    return spread(texts, quick, _tidied, pl.String)


def _tidied(text: str) -> tuple[str | None, Trouble | None]:
    clean = tidy(text)
    if _CONTROL.search(unicodedata.normalize("NFC", text)):
        return clean or None, Trouble("control_chars", "warning", "Control characters were dropped.")
    return clean or None, None


# --- findings ------------------------------------------------------------------------------------------------------


_NO_TROUBLE = pl.DataFrame(schema=FINDING_SCHEMA)


def no_trouble() -> pl.DataFrame:
    """No findings."""
    return _NO_TROUBLE


def troubles(texts: pl.Series, where: pl.Series, trouble: Trouble) -> pl.DataFrame:
    """The same finding for every row where `where` is true."""
    rows = where.arg_true()
    return findings_table(rows, texts.gather(rows), trouble.code, trouble.level, trouble.hint)


def findings_table(rows: pl.Series, values: pl.Series, code: Any, level: Any, hint: Any) -> pl.DataFrame:
    """Findings of row indexes from 0; code, level and hint are one text or a Series each."""
    count = len(rows)
    if not count:
        return no_trouble()
    return pl.DataFrame(
        {
            "row": rows.cast(pl.Int64) + 1,
            "column": pl.Series([None] * count, dtype=pl.String),
            "field": pl.Series([None] * count, dtype=pl.String),
            "code": _repeat(code, count),
            "level": _repeat(level, count),
            "value": values.cast(pl.String),
            "hint": _repeat(hint, count),
        },
        schema=FINDING_SCHEMA,
    )


def _repeat(value: Any, count: int) -> pl.Series:
    return value if isinstance(value, pl.Series) else pl.repeat(value, count, dtype=pl.String, eager=True)


def together(*tables: pl.DataFrame) -> pl.DataFrame:
    """All findings in row order."""
    filled = [table for table in tables if table.height]
    return pl.concat(filled).sort("row", maintain_order=True) if filled else no_trouble()


# --- odd texts -----------------------------------------------------------------------------------------------------


def spread(
    texts: pl.Series,
    quick: pl.Series,
    parse: Callable[[str], tuple[Any, Trouble | None]],
    dtype: Any,
) -> tuple[pl.Series, pl.DataFrame]:
    """Fill what the vectorised reading left null: each distinct text is parsed once and put back at its rows."""
    rest = texts.is_not_null() & quick.is_null()
    rows = rest.arg_true()
    if not len(rows):
        return quick, no_trouble()
    left = texts.gather(rows)
    read = [(text, *parse(text)) for text in left.unique(maintain_order=True).to_list()]
    answers = pl.DataFrame(
        {
            "text": pl.Series([text for text, _, _ in read], dtype=pl.String),
            "answer": pl.Series([value for _, value, _ in read], dtype=dtype),
            "code": pl.Series([trouble.code if trouble else None for _, _, trouble in read], dtype=pl.String),
            "level": pl.Series([trouble.level if trouble else None for _, _, trouble in read], dtype=pl.String),
            "hint": pl.Series([trouble.hint if trouble else None for _, _, trouble in read], dtype=pl.String),
        }
    )
    found = pl.DataFrame({"text": left, "at": rows}).join(answers, on="text", how="left", maintain_order="left")
    values = put(quick, rows, found["answer"])
    wrong = found.filter(pl.col("code").is_not_null())
    return values, findings_table(wrong["at"], wrong["text"], wrong["code"], wrong["level"], wrong["hint"])


def put(base: pl.Series, rows: pl.Series, values: pl.Series) -> pl.Series:
    """`base` with `values` at `rows` (indexes from 0); nulls are put too."""
    return base.scatter(rows, values.cast(base.dtype)) if len(rows) else base
