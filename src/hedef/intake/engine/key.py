"""A file whose key column is not there: which columns could tell its rows apart is a question, never a guess."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from hedef.intake.engine.headers import find
from hedef.intake.engine.parts import Held, Rows, parts_of
from hedef.intake.engine.shapes import Bound, Decision, TextTable

KEY = "key"  # the name under which a person answers: --decide key=COLUMN
PER_RECORD = frozenset({"snapshot", "stage_dates", "ranges"})  # readers for which each row is one record
_OPTIONS = 8


def decide_key(rows: Rows, bound: Bound, answers: Mapping[str, str]) -> tuple[Bound, Decision | None]:
    """The mapping with a key, and how it came by it; an undecided `Decision` where a person must choose.

    A file that has its key, or whose rows are no records of their own (logs, lists), needs no decision. A chosen column
    becomes a weak key.
    """
    if bound.key or bound.mapping.reader not in PER_RECORD or not rows.rows:
        return bound, None
    told = next((value for name, value in answers.items() if name.casefold() == KEY), None)
    column = find((told,), rows.header) if told else None
    options = candidates(rows)
    if column is None:
        wanted = ", ".join(bound.mapping.key) or "id"
        question = f"No column holds the key of a record ({wanted}). Which column is different in every row?"
        return bound, Decision(KEY, "key", None, {}, None, options, question)
    return replace(bound, key=(column,), key_is_weak=True), Decision(KEY, "key", column, {}, "person", options)


def candidates(rows: Rows | TextTable) -> tuple[str, ...]:
    """Columns without a blank and without a repetition, in the order of the file; those of a rejects file left out."""
    rows = Held(rows, single=True) if isinstance(rows, TextTable) else rows
    likely = [name for name in rows.header if not name.startswith("_")]
    for part in parts_of(rows):  # most columns repeat themselves in every part: few are left for the whole file
        likely = [name for name in likely if _all_different(part.frame[name].str.strip_chars())]
    return tuple([name for name in likely if rows.count == 1 or _different_throughout(rows, name)][:_OPTIONS])


def _all_different(texts: pl.Series) -> bool:
    return texts.n_unique() == len(texts) and not (texts == "").any()


def _different_throughout(rows: Rows, name: str) -> bool:
    """By hashes: eight bytes a row, however long the texts are."""
    hashes = [part.frame[name].str.strip_chars().hash() for part in parts_of(rows, [name])]
    return pl.concat(hashes).n_unique() == rows.rows
