"""Answers about words of a file that no file has: refused, since they would be passed over in silence."""

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import process

from hedef.intake.engine.shapes import BoundField
from hedef.intake.run.frames import REFERENCES, names_of
from hedef.intake.run.sheet import Sheet
from hedef.kernel.errors import WrongUse

_READERS = ("snapshot", "stage_dates")  # others name people in cells that only their readers know
_NEAR = 5


def refuse_unasked(decide: Mapping[str, str], sheets: Sequence[object]) -> None:
    """WrongUse for an answer such as `person:TEXT` whose text stands in no column of that kind, with the near ones.

    Files that are not read (their last answer is told again) and histories are not looked at: nothing is refused then.
    """
    asked = [(kind.strip(), text.strip()) for kind, colon, text in (one.partition(":") for one in decide) if colon]
    asked = [(kind, text) for kind, text in asked if kind in REFERENCES]
    if not asked:
        return
    read = [one for one in sheets if isinstance(one, Sheet) and one.bound.mapping.reader in _READERS]
    if len(read) < len(sheets):
        return
    for kind in dict.fromkeys(kind for kind, _ in asked):
        texts = {text.strip().casefold(): text for sheet in read for text in _texts(sheet, kind)}
        for text in (text for of, text in asked if of == kind):
            if text.casefold() not in texts:
                raise _nowhere(kind, text, list(texts.values()))


def _texts(sheet: Sheet, kind: str) -> Iterator[str]:
    """Every different text of the columns that name records of a kind."""
    lots: list[tuple[int | None, Mapping[str, tuple[BoundField, ...]]]] = [(None, sheet.bound.fields)]
    lots += [(at, one.fields) for at, one in enumerate(sheet.bound.also)]
    for also, fields in lots:
        for name, alternatives in fields.items():
            if alternatives[0].spec.type in (kind, "about") or (alternatives[0].spec.type, kind) == (
                "price",
                "product",
            ):
                for column in names_of(name, alternatives):
                    yield from sheet.distinct(column, also)


def _nowhere(kind: str, text: str, texts: Sequence[str]) -> WrongUse:
    near = [found for found, _, _ in process.extract(text, texts, limit=_NEAR)]
    hint = f"Near it stand: {', '.join(near)}." if near else f"No column of the files names a {kind}."
    return WrongUse(f'--decide "{kind}:{text}": no file names a {kind} "{text}".', hint=hint)
