"""Rows on their way into a CSV of our own, where columns may turn up late."""

import csv
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from hedef.intake.engine.formats.limits import Limits, too_large

_WAIT = 5_000  # rows that are looked at before the first one is written
_THREE = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_DIGITS = 60  # a number with more is no amount; it stays as it was written


class Rows:
    """Records by column name; a column that turns up late is added to all rows at the end."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self._path, self._name, self._limits = path, name, limits
        self._columns: dict[str, None] = {}
        self._waiting: list[Mapping[str, str]] = []
        self._written: int | None = None  # columns of the header as it was written
        self._file = path.open("w", newline="", encoding="utf-8", errors="replace")
        self._csv = csv.writer(self._file, lineterminator="\n")
        self.rows = 0

    def add(self, record: Mapping[str, str]) -> None:
        self.rows += 1
        if self.rows > self._limits.rows:
            raise too_large(self._name, f"has more than {self._limits.rows:,} rows")
        if not record.keys() <= self._columns.keys():
            self._columns.update(dict.fromkeys(record))
            if len(self._columns) > self._limits.columns:
                raise too_large(self._name, f"has more than {self._limits.columns:,} columns")
        if self._written is None:
            self._waiting.append(record)
            if len(self._waiting) >= _WAIT:
                self._begin()
        else:
            self._row(record)

    def _begin(self) -> None:
        self._written = len(self._columns)
        self._csv.writerow(self._columns)
        for one in self._waiting:
            self._row(one)
        self._waiting = []

    def _row(self, record: Mapping[str, str]) -> None:
        self._csv.writerow([record.get(name, "") for name in self._columns])

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish the file, unless reading stopped."""
        if kind is None and self._written is None:
            self._begin()
        self._file.close()
        if kind is None and self._written != len(self._columns):
            self._widen()

    def _widen(self) -> None:
        """Every row as wide as the last header."""
        wide, width = self._path.with_suffix(".wide"), len(self._columns)
        with (
            self._path.open(newline="", encoding="utf-8") as source,
            wide.open("w", newline="", encoding="utf-8") as to,
        ):
            rows, out = csv.reader(source), csv.writer(to, lineterminator="\n")
            next(rows)
            out.writerow(self._columns)
            out.writerows(row + [""] * (width - len(row)) for row in rows)
        wide.replace(self._path)


def plain_number(text: str) -> str:
    """A number without exponent, digit for digit: `1.5e3` is `1500`.

    `1.234` becomes `1.2340`: its point is no thousands mark, and a text with three decimals would have to be asked.
    """
    if "e" not in text and "E" not in text:
        return f"{text}0" if _THREE.fullmatch(text) else text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number, "f") if number.is_finite() and abs(number.adjusted()) <= _DIGITS else text


def spelled(values: Sequence[str]) -> str:
    """Several values of one cell, as exports write them."""
    return ";".join(values)
