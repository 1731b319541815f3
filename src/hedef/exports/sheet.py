"""A table on its way out: typed columns, rows of exact values, and what they rest on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Literal

type Kind = Literal["text", "integer", "decimal", "money", "ratio", "day", "instant"]
type Cell = str | int | Decimal | Fraction | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the key of programs, `title` what people read. Money is in major units; its `currency` is one for the
    whole column, or the column `currency_of` names it row by row."""

    name: str
    kind: Kind = "text"
    title: str = ""
    currency: str | None = None
    currency_of: str | None = None

    @property
    def heading(self) -> str:
        return self.title or self.name


@dataclass(frozen=True, slots=True)
class Bar:
    """Attained share with the share that should be there (the pin), both of the whole; none where there is none."""

    attained: Fraction | None
    due: Fraction | None = None
    strong: bool = False  # the row is a total: its words are bold


@dataclass(frozen=True)
class Head:
    """What the table rests on. Sentences are in the reader's language; none and empty ones are left out."""

    as_of: str | None = None
    known_at: str | int | None = None
    level: str = ""
    trust: str = ""  # the word of the level that people read; the level itself where there is none
    reasons: Sequence[str] = ()
    fingerprint: str | None = None
    definition: str | None = None
    made_by: str = ""
    made_at: str = ""
    overrides: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict)  # name of a line -> what people read

    def beside(self) -> list[tuple[str, str]]:
        """Name and text of what programs read beside every row; nothing where nothing is known."""
        told = [
            ("definition", self.definition),
            ("as_of", self.as_of),
            ("known_at", None if self.known_at is None else str(self.known_at)),
            ("trust", self.level),
            ("trust_reasons", "; ".join(self.reasons)),
            ("overrides", "; ".join(self.overrides)),
            ("fingerprint", self.fingerprint),
        ]
        return [(name, text) for name, text in told if text]

    def lines(self) -> list[tuple[str, str]]:
        """Name and text of every line there is, in the order of the page."""
        told = [
            ("definition", self.definition),
            ("as_of", self.as_of),
            ("known_at", None if self.known_at is None else str(self.known_at)),
            ("trust", self.trust or self.level),
            *(("reason", one) for one in self.reasons),
            *(("override", one) for one in self.overrides),
            ("fingerprint", self.fingerprint),
            ("made_by", self.made_by),
            ("made_at", self.made_at),
        ]
        return [(self.words.get(name, name), text) for name, text in told if text]


@dataclass(frozen=True)
class Sheet:
    """One table. Every row has a cell a column; none is nothing, never 0."""

    name: str  # of the file, without ending
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    head: Head = Head()
    bars: Sequence[Bar] = ()  # one a row: drawn behind column `bar_after` where a page or picture can show them
    bar_after: int = 0

    @property
    def count(self) -> int:
        return len(self.rows)


def plain(cell: Cell) -> str:
    """A cell as programs read it: decimal point, ISO days, nothing for none."""
    if cell is None:
        return ""
    if isinstance(cell, Fraction):
        return f"{decimal_of(cell):f}"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%dT%H:%M:%SZ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def decimal_of(value: Fraction, places: int = 9) -> Decimal:
    """A fraction with at most `places` decimals, half away from zero; whole and short ones exactly."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    told = Decimal(whole if value >= 0 else -whole).scaleb(-places)
    short = told.normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]


def sheet_of(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "", head: Head | None = None
) -> Sheet:
    """A table of texts with the kinds its columns turn out to have: whole columns of numbers or days become such."""
    kinds = [_kind([row[place] for row in rows]) for place in range(len(columns))]
    typed = [[_typed(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in rows]
    named = [Column(one, kind) for one, kind in zip(columns, kinds, strict=True)]
    return Sheet(name, title or name, named, typed, head or Head())


def _kind(cells: Sequence[Any]) -> Kind:
    known = [cell for cell in cells if cell not in (None, "")]
    if known and all(isinstance(cell, int) for cell in known):
        return "integer"
    texts = [cell for cell in known if isinstance(cell, str)]
    if not known or len(texts) != len(known):
        return "decimal" if known and all(_number(cell) is not None for cell in known) else "text"
    if all(_day(cell) is not None for cell in texts):
        return "day"
    return "decimal" if all("." in cell and _number(cell) is not None for cell in texts) else "text"


def _typed(cell: Any, kind: Kind) -> Cell:
    if cell in (None, ""):
        return None
    if kind == "decimal":
        return _number(cell)
    if kind == "day":
        return _day(cell)
    return cell if isinstance(cell, int) and kind == "integer" else str(cell)


def _number(cell: Any) -> Decimal | None:
    try:
        told = Decimal(str(cell))
    except InvalidOperation:
        return None
    return told if told.is_finite() else None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        return None
