"""A file whose key column is not there: which columns could tell its rows apart is a question, never a guess."""

from collections.abc import Mapping
from dataclasses import replace

from hedef.intake.engine.headers import find
from hedef.intake.engine.shapes import Bound, Decision, TextTable

KEY = "key"  # the name under which a person answers: --decide key=COLUMN
_OPTIONS = 8


def decide_key(table: TextTable, bound: Bound, answers: Mapping[str, str]) -> tuple[Bound, Decision | None]:
    """The mapping with a key, and how it came by it; an undecided `Decision` where a person must choose.

    A file that has its key, or is a history, needs no decision. A chosen column becomes a weak key.
    """
    if bound.key or bound.mapping.reader != "snapshot" or not table.rows:
        return bound, None
    told = next((value for name, value in answers.items() if name.casefold() == KEY), None)
    column = find((told,), table.header) if told else None
    options = candidates(table)
    if column is None:
        wanted = ", ".join(bound.mapping.key) or "id"
        question = f"No column holds the key of a record ({wanted}). Which column is different in every row?"
        return bound, Decision(KEY, "key", None, {}, None, options, question)
    return replace(bound, key=(column,), key_is_weak=True), Decision(KEY, "key", column, {}, "person", options)


def candidates(table: TextTable) -> tuple[str, ...]:
    """Columns without a blank and without a repetition, in the order of the file; those of a rejects file left out."""
    found = []
    for name in table.header:
        texts = table.frame[name].str.strip_chars()
        if not name.startswith("_") and texts.n_unique() == table.rows and not (texts == "").any():
            found.append(name)
    return tuple(found[:_OPTIONS])
