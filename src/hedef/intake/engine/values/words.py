"""Text, codes, ids and yes/no words."""

import re
from functools import lru_cache
from typing import Any

import polars as pl

from hedef.intake.engine.shapes import Column
from hedef.intake.engine.values.clean import (
    Trouble,
    no_trouble,
    spread,
    tidy_column,
    together,
    trim,
    troubles,
    without_nulls,
)

MANY_WORDS = 50_000  # different texts of a code column
TEXT_LIMIT = 4_000  # characters of one text field; the rest is cut and told
TRUE_WORDS = frozenset("true yes y 1 x done evet doğru t on active aktif 1.0".split())
FALSE_WORDS = frozenset("false no n 0 undone hayır yanlış f off inactive pasif 0.0".split())
_SCIENTIFIC = r"^\d(?:[.,]\d+)?[eE]\+?\d{2,}$"
_BASE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def read_text(
    texts: pl.Series,
    *,
    hidden: tuple[str, ...] | None = None,
    more_nulls: tuple[str, ...] = (),
    limit: int = TEXT_LIMIT,
) -> Column:
    """Words: trimmed, NFC, inner runs of space to one; case kept. Warnings control_chars, text_cut."""
    plain, notes = without_nulls(trim(texts), hidden, more_nulls)
    clean, dropped = tidy_column(plain)
    cut = (clean.str.len_bytes() > limit).fill_null(False)
    if not cut.any():
        return Column(clean, together(notes, dropped))
    told = troubles(clean.str.slice(0, 60), cut, Trouble("text_cut", "warning", f"Cut to {limit} characters."))
    return Column(clean.str.slice(0, limit), together(notes, dropped, told))


def read_code(
    texts: pl.Series,
    *,
    values: dict[str, str] | None = None,
    words: frozenset[str] | None = None,
    hidden: tuple[str, ...] | None = None,
    more_nulls: tuple[str, ...] = (),
) -> Column:
    """Codes: as text; `values` maps labels (without case). Spellings that differ only by case become one of them.

    Which one does not depend on the order of the rows: mixed case first, then the alphabet. `words` are all spellings
    of the file, where `texts` are only a part of it. More than `MANY_WORDS` are no codes and stay as they are.
    """
    read = read_text(texts, hidden=hidden, more_nulls=more_nulls, limit=200)
    known = {label.casefold(): code for label, code in (values or {}).items()}
    if words is not None and not known and _all_apart(words):
        return read
    distinct = read.values.drop_nulls().unique()
    if words is None and not known and distinct.str.to_lowercase().n_unique() == len(distinct):
        return read
    spelling = _spellings(words if words is not None else frozenset(distinct.head(MANY_WORDS + 1)))
    old = distinct.to_list()
    new = [known.get(text.casefold(), spelling.get(text.casefold(), text)) for text in old]
    if old == new:
        return read
    return Column(read.values.replace_strict(old, new, default=None, return_dtype=pl.String), read.findings)


def spellings(
    texts: pl.Series, *, hidden: tuple[str, ...] | None = None, more_nulls: tuple[str, ...] = ()
) -> frozenset[str] | None:
    """The different texts of a code column; none when they are too many to be codes."""
    read = read_text(texts.unique(), hidden=hidden, more_nulls=more_nulls, limit=200)
    return merge_spellings(frozenset(), frozenset(read.values.drop_nulls().unique().head(MANY_WORDS + 1)))


def merge_spellings(first: frozenset[str] | None, then: frozenset[str] | None) -> frozenset[str] | None:
    if first is None or then is None or len(both := first | then) > MANY_WORDS:
        return None
    return both


@lru_cache(maxsize=64)
def _all_apart(words: frozenset[str]) -> bool:
    """Whether no two spellings differ by case alone."""
    return len({text.casefold() for text in words}) == len(words)


def _spellings(words: frozenset[str]) -> dict[str, str]:
    """Folded text -> the spelling that stands for it."""
    found: dict[str, str] = {}
    if len(words) > MANY_WORDS:
        return found
    for text in sorted(words, key=_preferred):
        found.setdefault(text.casefold(), text)
    return found


def _preferred(text: str) -> tuple[bool, bool, str]:
    return text.isupper(), text.islower(), text


def read_id(
    texts: pl.Series, *, widen: bool = False, whole_numbers: bool | None = None, fold_case: bool = False
) -> Column:
    """Keys: always text, leading zeros and long digits kept. Error id_damaged for `4.88E+15`.

    `widen` makes Salesforce's 15 characters 18. `17850.0` becomes `17850` when the whole column looks so
    (`whole_numbers` none = look). `000000000000000AAA` is blank.
    """
    clean, hurt, dropped = _tidy_ids(texts)
    hint = "A spreadsheet rounded this id. Export again and open the file as text."
    damaged = troubles(clean, hurt, Trouble("id_damaged", "error", hint)) if hurt.any() else no_trouble()
    clean = clean.set(hurt, None)
    if whole_numbers if whole_numbers is not None else _floats(clean):
        clean = clean.str.strip_suffix(".0")
    if fold_case:
        clean = clean.str.to_lowercase()
    if widen and (clean.str.len_bytes() == 15).any():
        short = clean.str.contains(r"^[a-zA-Z0-9]{15}$").fill_null(False)
        clean, _ = spread(clean, clean.set(short, None), _widened, pl.String)
    return Column(clean, together(dropped, damaged))


def _tidy_ids(texts: pl.Series) -> tuple[pl.Series, pl.Series, pl.DataFrame]:
    """Ids without outer space and nulls, where a spreadsheet hurt them, and findings."""
    plain, _ = without_nulls(trim(texts))
    clean, dropped = tidy_column(plain)
    return clean, clean.str.contains(_SCIENTIFIC).fill_null(False), dropped


def look_like_floats(texts: pl.Series) -> bool | None:
    """True when every id is digits and `.0` (a number column that passed through floats); none without ids."""
    clean, hurt, _ = _tidy_ids(texts)
    return _floats(clean.set(hurt, None))


def _floats(ids: pl.Series) -> bool | None:
    there = ids.drop_nulls()
    return bool(there.str.contains(r"^\d+\.0$").all()) if len(there) else None


def widen_id(short: str) -> str:
    """18 characters of a Salesforce id of 15: three check letters that make case count."""
    checks = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(short[start : start + 5]) if "A" <= letter <= "Z")
        checks += _BASE[bits]
    return short + checks


def _widened(text: str) -> tuple[str, None]:
    return widen_id(text), None


def read_boolean(
    texts: pl.Series,
    *,
    blank_is_false: bool = False,
    more_nulls: tuple[str, ...] = (),
    words: dict[str, bool] | None = None,
) -> Column:
    """Yes/no words in English and Turkish, 1/0, x, Done/Undone. Error bad_boolean."""
    plain, notes = without_nulls(trim(texts), None, more_nulls)
    extra = {word.casefold(): value for word, value in (words or {}).items()}

    def parse(text: str) -> tuple[bool | None, Trouble | None]:
        word = text.casefold()
        if word in extra:
            return extra[word], None
        if word in TRUE_WORDS or word in FALSE_WORDS:
            return word in TRUE_WORDS, None
        return None, Trouble("bad_boolean", "error", "This is neither yes nor no. Write true or false.")

    blank = pl.repeat(None, len(plain), dtype=pl.Boolean, eager=True)
    values, wrong = spread(plain, blank, parse, pl.Boolean)
    if blank_is_false:
        values = values.set(plain.is_null(), False)
    return Column(values, together(notes, wrong))


_CLOCK = re.compile(r"(-)?(\d+):([0-5]\d)(?::([0-5]\d))?")


def read_duration(texts: pl.Series, *, unit_seconds: int = 1) -> Column:
    """Durations -> int64 seconds: `HH:mm:ss` (may pass 24 h), or a number of units. Error bad_number."""
    plain, notes = without_nulls(trim(texts))

    def parse(text: str) -> tuple[int | None, Trouble | None]:
        if found := _CLOCK.fullmatch(text):
            seconds = (int(found[2]) * 60 + int(found[3])) * 60 + int(found[4] or 0)
            return (-seconds if found[1] else seconds), None
        number = re.fullmatch(r"(\d{1,12})(?:\.0+)?", text)
        if number:
            return int(number[1]) * unit_seconds, None
        return None, Trouble("bad_number", "error", "This is no duration. Write seconds, or 01:30:00.")

    blank: Any = pl.repeat(None, len(plain), dtype=pl.Int64, eager=True)
    values, wrong = spread(plain, blank, parse, pl.Int64)
    return Column(values, together(notes, wrong))
