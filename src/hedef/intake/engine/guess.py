"""Suggestions for columns that no mapping names: likeness of names, then what the values look like."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import polars as pl
from rapidfuzz import fuzz

from hedef.intake.engine.headers import fold
from hedef.intake.engine.shapes import Guess
from hedef.intake.engine.shipped import shipped_mappings
from hedef.intake.engine.values.amounts import Amount, parse_amount
from hedef.intake.engine.values.clean import tidy
from hedef.intake.engine.values.moments import Moment, parse_moment
from hedef.intake.engine.values.words import FALSE_WORDS, TRUE_WORDS

WORTH_SAYING = 0.6
_SAMPLES = 3
_SURE = 0.97  # the very name another export gives to the field
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")


def guess(headers: Iterable[str], samples: Mapping[str, Sequence[str]], kind: str) -> list[Guess]:
    """One suggestion per header: field, confidence 0..1 and up to three different values; field none below 0.6.

    `samples` holds some texts of each column. A field is suggested for the best column only.
    """
    known = _vocabulary(kind)
    scored = [(name, *_best(name, samples.get(name, ()), known)) for name in headers]
    taken: dict[str, float] = {}
    for _, field, confidence in scored:
        if field is not None:
            taken[field] = max(confidence, taken.get(field, 0.0))
    return [
        Guess(
            name,
            field if field is not None and confidence >= WORTH_SAYING and confidence == taken[field] else None,
            confidence,
            _three(samples.get(name, ())),
        )
        for name, field, confidence in scored
    ]


def samples_of(frame: pl.DataFrame, columns: Iterable[str], count: int = 50) -> dict[str, list[str]]:
    """The first different non-blank texts of each column."""
    found = {}
    for name in columns:
        texts = frame[name].head(5_000)
        found[name] = texts.filter(texts.str.strip_chars() != "").unique(maintain_order=True).head(count).to_list()
    return found


def field_types(kind: str) -> dict[str, str]:
    """Every field that a mapping of this kind can fill -> how its text is read."""
    return dict(_vocabulary(kind).values())


def _best(name: str, texts: Sequence[str], known: Mapping[str, tuple[str, str]]) -> tuple[str | None, float]:
    best: tuple[str | None, float] = (None, 0.0)
    for alias, (field, kind) in known.items():
        like = _SURE if fold(alias) == fold(name) else 0.95 * fuzz.token_sort_ratio(_spaced(name), _spaced(alias)) / 100
        score = round(like * _fit(kind, texts), 4)
        if score > best[1]:
            best = (field, score)
    return best


def _spaced(name: str) -> str:
    """`CloseDate__c` and `close_date` both read `close date`."""
    return " ".join(_WORDS.findall(re.sub(r"__c$", "", name))).casefold()


@cache
def _vocabulary(kind: str) -> dict[str, tuple[str, str]]:
    """Every column name that a shipped mapping of this kind knows -> field and type; fields by their own name too."""
    found: dict[str, tuple[str, str]] = {}
    for mapping in shipped_mappings().values():
        if mapping.object != kind:
            continue
        for field, specs in mapping.fields.items():
            for spec in specs:
                for alias in (*spec.column, field.replace("_", " ")):
                    found.setdefault(alias, (field, spec.type))
    return found


# --- values --------------------------------------------------------------------------------------------------------


def _fit(kind: str, texts: Sequence[str]) -> float:
    """1 when the values look like the type, 0.5 when none does; nothing is known of a blank column."""
    test = _TESTS.get(kind)
    filled = [tidy(text) for text in texts if tidy(text)]
    if test is None or not filled:
        return 1.0
    share = sum(1 for text in filled if test(text)) / len(filled)
    return 0.5 + 0.5 * share


def _is_time(text: str) -> bool:
    return isinstance(parse_moment(text, "d/m"), Moment) or isinstance(parse_moment(text, "m/d"), Moment)


def _is_amount(text: str) -> bool:
    return any(isinstance(parse_amount(text, mark, money=True), Amount) for mark in (".", ","))


def _is_rate(text: str) -> bool:
    return _is_amount(text.removesuffix("%"))


def _is_boolean(text: str) -> bool:
    return text.casefold() in TRUE_WORDS | FALSE_WORDS


def _is_word(text: str) -> bool:
    return not _is_time(text) and any(letter.isalpha() for letter in text)


_TESTS: dict[str, Callable[[str], bool]] = {
    "date": _is_time, "instant": _is_time, "money": _is_amount, "number": _is_amount, "integer": _is_amount,
    "percent": _is_rate, "boolean": _is_boolean, "stage": _is_word, "process": _is_word, "text": _is_word,
}  # fmt: skip


def _three(texts: Sequence[str]) -> tuple[str, ...]:
    filled = dict.fromkeys(text for text in texts if text.strip())
    return tuple(list(filled)[:_SAMPLES])
