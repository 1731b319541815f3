"""All bound fields of a text table as typed columns, with every finding in one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import polars as pl

from hedef.intake.engine.decide import Decided
from hedef.intake.engine.shapes import Bound, BoundAlso, BoundField, Column, Condition, TextTable, TypedTable
from hedef.intake.engine.values.clean import Trouble, together, trim, troubles
from hedef.intake.engine.values.numbers import read_money, read_number, read_percent
from hedef.intake.engine.values.times import read_date, read_instant
from hedef.intake.engine.values.words import (
    look_like_floats,
    merge_spellings,
    read_boolean,
    read_code,
    read_duration,
    read_id,
    read_text,
    spellings,
)
from hedef.intake.schema import FieldMap

REFERENCES = frozenset(
    (
        "person",
        "team",
        "account",
        "contact",
        "lead",
        "deal",
        "product",
        "order",
        "invoice",
        "territory",
        "price",
        "about",
    )
)
_LABELS = frozenset(("stage", "process"))  # what they mean is settled with the process at hand


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source presumes where a file does not say: zone, currency, the last plausible day."""

    zone: str = "UTC"  # of days, and of times where the mapping names no zone
    currency: str = "USD"
    far_after: date | None = None
    serials: bool = False  # Excel day numbers (xlsx); CSV columns of such numbers are seen by themselves


type Place = object  # how a column is read, or the name of a key column


@dataclass(frozen=True)
class Habits:
    """How columns look over all rows of a file; none for a column without a filled cell.

    `serials`: only Excel day numbers; `floats`: only digits with `.0`; `words`: the spellings of a code column, none
    where there are too many to be codes.
    """

    serials: Mapping[Place, bool | None]
    floats: Mapping[Place, bool | None]
    words: Mapping[Place, frozenset[str] | None]

    def know(self, one: BoundField) -> bool:
        """Whether this column was looked at; columns of constants have no habits."""
        place = _place(one)
        return place in self.serials or place in self.floats or place in self.words or not _has_habit(one.spec)

    def and_more(self, more: "Habits") -> "Habits":
        """These and those of other columns."""
        return Habits({**self.serials, **more.serials}, {**self.floats, **more.floats}, {**self.words, **more.words})


def read_fields(
    table: TextTable, bound: Bound, decided: Decided, reading: Reading, habits: Habits | None = None
) -> TypedTable:
    """Type every bound column. Row findings of the reader and a `key_missing` per row without key are included.

    `habits` say how the columns of the whole file look, where the table is only a part of it. Findings carry the row
    numbers of the file.

    Alternatives of a reference keep columns of their own (`owner`, `owner~2`): they are looked up in different ways.
    Alternatives of a plain field are merged: the first non-blank text of the row counts.
    """
    read = _Reader(table, bound, decided, reading, habits)
    fields = read.fields(bound.fields)
    also = tuple(read.part(part) for part in bound.also)
    key, key_findings = read.key()
    singles = {name: read.single(one) for name, one in _single_parts(bound).items()}
    times = {name: read.column(one) for name, one in bound.times.items()}
    stage_times = {name: read.column(one) for name, one in bound.stage_times.items()}
    checks = {name: read.column(one) for name, one in bound.checks.items()}
    every = [*fields.values(), *times.values(), *stage_times.values(), *(one for part in also for one in part.values())]
    every += [one for one in singles.values() if one is not None]
    findings = _numbered(together(key_findings, *(one.findings for one in every)), table)
    findings = together(table.row_findings, findings)
    findings = findings.unique(
        ["row", "column", "code", "value"], keep="first", maintain_order=True
    )  # one cell, two fields
    return TypedTable(
        key, fields, singles["modified_at"], singles["deleted"], singles["merged_into"], singles["merged"],
        times, stage_times, checks, also, findings,
    )  # fmt: skip


def read_some(
    table: TextTable,
    bound: Bound,
    decided: Decided,
    reading: Reading,
    names: Mapping[str, tuple[BoundField, ...]],
    habits: Habits | None = None,
) -> dict[str, Column]:
    """Some fields of a table and nothing else, named as in `TypedTable.fields`."""
    return _Reader(table, bound, decided, reading, habits).fields(names)


def read_key(table: TextTable, bound: Bound, habits: Habits | None = None) -> pl.Series:
    """The key of every row and nothing else; null where a row has none."""
    return _Reader(table, bound, Decided(()), Reading(), habits).key()[0]


def _numbered(findings: pl.DataFrame, table: TextTable) -> pl.DataFrame:
    """Rows of a part (from 1) as rows of its file."""
    if findings.is_empty() or (table.numbers is None and table.first_row == 1):
        return findings
    if table.numbers is None:
        return findings.with_columns(pl.col("row") + (table.first_row - 1))
    return findings.with_columns(table.numbers.gather(findings["row"] - 1).alias("row")).sort(
        "row", maintain_order=True
    )


def _single_parts(bound: Bound) -> dict[str, BoundField | None]:
    return {name: getattr(bound, name) for name in ("modified_at", "deleted", "merged_into", "merged")}


def field_names(name: str, alternatives: tuple[BoundField, ...]) -> list[str]:
    """Names of the typed columns of a field: `owner`, `owner~2` for the alternatives of a reference."""
    if alternatives[0].spec.type not in REFERENCES:
        return [name]
    return [name if at == 1 else f"{name}~{at}" for at in range(1, len(alternatives) + 1)]


def read_column(
    table: TextTable,
    bound: Bound,
    decided: Decided,
    reading: Reading,
    one: BoundField,
    habits: Habits | None = None,
) -> Column:
    """One bound column alone (stage dates, log entries, previews); findings carry the row numbers of the file."""
    read = _Reader(table, bound, decided, reading, habits).column(one)
    return replace(read, findings=_numbered(read.findings, table))


# --- habits of a file -------------------------------------------------------------------------------------------------


def look(
    table: TextTable, bound: Bound, columns: Iterable[BoundField] | None = None, before: Habits | None = None
) -> Habits:
    """How the columns of a table look: those of the mapping and its keys, or only `columns`.

    `before`: how they look in earlier rows of the file; the answer is for all of them, and what is settled is not
    looked at again.
    """
    read = _Reader(table, bound, Decided(()), Reading(), None)
    seen = before or Habits({}, {}, {})
    serials, floats, words = dict(seen.serials), dict(seen.floats), dict(seen.words)
    for one in bound.all_fields() if columns is None else columns:
        place = _place(one)
        if one.spec.type in ("date", "instant") and serials.get(place) is not False:
            serials[place] = _both(serials.get(place), _all(read.text(one), _SERIALS))
        elif _is_id(one.spec) and floats.get(place) is not False:
            floats[place] = _both(floats.get(place), look_like_floats(read.text(one)))
        elif (one.spec.type in ("code", "status") or one.spec.type in _LABELS) and words.get(
            place, _NO_WORDS
        ) is not None:
            nulls: dict[str, Any] = {"hidden": one.spec.hidden_nulls, "more_nulls": bound.mapping.hidden_nulls}
            words[place] = merge_spellings(words.get(place, _NO_WORDS), spellings(read.text(one), **nulls))
    for name in (*bound.key, *(name for part in bound.also for name in part.key)) if columns is None else ():
        if floats.get(name) is not False:
            floats[name] = _both(floats.get(name), look_like_floats(table.frame[name]))
    return Habits(serials, floats, words)


_NO_WORDS = frozenset[str]()


def _both(first: bool | None, then: bool | None) -> bool | None:
    return then if first is None else first if then is None else first and then


def _place(one: BoundField) -> tuple[object, ...]:
    return (one.columns, one.spec.model_dump_json(), one.currency_column, one.conditions)


def _has_habit(spec: FieldMap) -> bool:
    return spec.type in ("date", "instant", "code", "status", *_LABELS) or _is_id(spec)


def _is_id(spec: FieldMap) -> bool:
    return spec.type == "id" or (spec.type in REFERENCES and spec.by == "external_key")


class _Reader:
    def __init__(
        self, table: TextTable, bound: Bound, decided: Decided, reading: Reading, habits: Habits | None
    ) -> None:
        self.table, self.bound, self.decided, self.reading, self.habits = table, bound, decided, reading, habits
        self.mapping = bound.mapping
        self._memo: dict[tuple[object, ...], Column] = {}

    # texts ---------------------------------------------------------------------------------------------------------

    def text(self, one: BoundField) -> pl.Series:
        """The text of a bound field before reading: joined, a constant, a part of it, only where its rows match."""
        spec, frame = one.spec, self.table.frame
        if not one.columns:
            texts = pl.repeat(spec.constant, frame.height, dtype=pl.String, eager=True)
        elif len(one.columns) == 1:
            texts = frame[one.columns[0]]
        else:
            trimmed = frame.select(trim(frame[name]).alias(name) for name in one.columns)
            texts = trimmed.select(pl.concat_str(list(one.columns), separator=" ", ignore_nulls=True).alias("t"))["t"]
        if spec.take is not None:
            texts = trim(texts).str.extract(r"^(\S+)" if spec.take == "first_word" else r"(\S+)$")
        if spec.extract is not None:
            texts = _extract(texts, spec.extract)
        if spec.lower:
            texts = texts.str.to_lowercase()
        if spec.prefix:
            texts = spec.prefix + trim(texts)
        return self.only(texts, one.conditions)

    def only(self, texts: pl.Series, conditions: tuple[Condition, ...]) -> pl.Series:
        for one in conditions:
            hit = trim(self.table.frame[one.column]).fill_null("").str.contains(f"(?i)^(?:{one.pattern})$")
            texts = texts.set(~hit if one.wanted else hit, None)
        return texts

    # columns -------------------------------------------------------------------------------------------------------

    def fields(self, fields: Mapping[str, tuple[BoundField, ...]]) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for name, alternatives in fields.items():
            names = field_names(name, alternatives)
            columns = [self.column(one) for one in alternatives]
            if len(names) == len(columns):
                found.update(zip(names, columns, strict=True))
            else:
                found[name] = _merge(columns)
        return found

    def part(self, part: BoundAlso) -> dict[str, Column]:
        """Columns of another record of the row; `key` is one of them, null where the row makes none."""
        joined = self._joined(part.key, part.key_prefix, part.key_extract)
        return {"key": Column(self.only(joined, part.conditions), together()), **self.fields(part.fields)}

    def single(self, one: BoundField | None) -> Column | None:
        return None if one is None else self.column(one)

    def column(self, one: BoundField) -> Column:
        """Read one field; the same columns read the same way are read once."""
        memo = _place(one)
        if memo not in self._memo:
            self._memo[memo] = self._named(one, self._read(one))
        return self._memo[memo]

    def _named(self, one: BoundField, read: Column) -> Column:
        findings = read.findings
        if one.spec.required and read.values.null_count():
            blank = read.values.is_null() & trim(self.text(one)).is_null()
            note = Trouble("required_missing", "error", "This field may not be blank.")
            findings = together(findings, troubles(self.text(one), blank, note))
        if findings.height:
            findings = findings.with_columns(
                column=pl.lit(one.label, dtype=pl.String), field=pl.lit(one.name, dtype=pl.String)
            )
        return Column(read.values, findings, read.currency, read.day_only, read.rounding)

    def _read(self, one: BoundField) -> Column:
        spec, texts = one.spec, self.text(one)
        nulls: dict[str, Any] = {"hidden": spec.hidden_nulls, "more_nulls": self.mapping.hidden_nulls}
        if spec.type in ("code", "status") or spec.type in _LABELS:
            words = None if self.habits is None else self.habits.words[_place(one)] or frozenset[str]()
            values = None if spec.type in _LABELS else spec.values
            return read_code(texts, values=values, words=words, **nulls)
        if _is_id(spec):
            whole = None if self.habits is None else bool(self.habits.floats[_place(one)])
            return read_id(
                texts, widen=self.mapping.widen_ids, whole_numbers=whole, fold_case=not self.mapping.key_case
            )
        if spec.type == "text" or spec.type in REFERENCES:
            return read_text(texts, **nulls)
        if spec.type == "boolean":
            lone = self._decided(one, "boolean") == "blank_is_false"
            told = {word: meaning == "true" for word, meaning in spec.values.items()}
            return read_boolean(texts, blank_is_false=lone, more_nulls=self.mapping.hidden_nulls, words=told)
        if spec.type == "duration":
            return read_duration(texts, unit_seconds=spec.seconds or 1)
        return (
            self._read_time(one, texts, nulls)
            if spec.type in ("date", "instant")
            else self._read_number(one, texts, nulls)
        )

    def _read_time(self, one: BoundField, texts: pl.Series, nulls: dict[str, Any]) -> Column:
        order = self._decided(one, "date_order") or one.spec.order
        seen = _all(texts, _SERIALS) if self.habits is None else self.habits.serials[_place(one)]
        serial = self.reading.serials or bool(seen)
        far = self.reading.far_after
        if one.spec.type == "date":
            zone = self.reading.zone
            read = read_date(texts, order=order, zone=zone, serial=serial, far_after=far, **nulls)
            return _before_next(read) if one.spec.last_day_included else read
        precision: Literal["instant", "day"] = self._decided(one, "precision") or "instant"
        return read_instant(
            texts,
            order=order,
            zone=self.mapping.time_zone or self.reading.zone,
            day_zone=self.reading.zone,
            serial=serial,
            precision=precision,
            far_after=far,
            **nulls,
        )

    def _read_number(self, one: BoundField, texts: pl.Series, nulls: dict[str, Any]) -> Column:
        spec = one.spec
        decimal = self._decided(one, "decimal_mark") or spec.decimal or "."
        if spec.type == "money":
            return read_money(
                texts,
                decimal=decimal,
                currency=spec.currency_code or self.reading.currency,
                currencies=None if one.currency_column is None else self.table.frame[one.currency_column],
                unit=spec.unit,
                zero_when_blank=spec.empty == "zero",
                **nulls,
            )
        if spec.type == "percent":
            scale = self._decided(one, "scale") or spec.scale or "percent"
            return read_percent(texts, decimal=decimal, scale=scale, **nulls)
        return read_number(texts, decimal=decimal, places=spec.places, **nulls)

    def _decided(self, one: BoundField, what: str) -> Any:
        return self.decided.value(one.columns[0], what) if len(one.columns) == 1 else None

    # keys ----------------------------------------------------------------------------------------------------------

    def key(self) -> tuple[pl.Series, pl.DataFrame]:
        """The record's key in its source; rows without one are rejected unless the file is a history."""
        if not self.bound.key:
            return pl.repeat(None, self.table.rows, dtype=pl.String, eager=True), together()
        if len(self.bound.key) == 1 and not self.bound.key_is_weak:
            read = self._key_part(self.bound.key[0], fold_case=not self.mapping.key_case)
            key, findings = read.values, read.findings.with_columns(column=pl.lit(self.bound.key[0], dtype=pl.String))
        else:
            key, findings = _told_apart(self._joined(self.bound.key, ""), self.table, self.bound), together()
        missing = key.is_null()
        damaged = set(findings.filter(pl.col("level") == "error")["row"].to_list())
        if damaged:
            missing = missing & ~pl.Series([row in damaged for row in range(1, len(key) + 1)])
        if self.mapping.history is not None and self.mapping.reader != "stage_dates":
            return key, findings
        hint = "The row has no key, so it cannot be told from others. Fill the key column."
        note = troubles(self.table.frame[self.bound.key[0]], missing, Trouble("key_missing", "error", hint))
        named = note.with_columns(column=pl.lit(" + ".join(self.bound.key), dtype=pl.String))
        return key, together(findings, named)

    def _key_part(self, name: str, *, fold_case: bool = False) -> Column:
        whole = None if self.habits is None else bool(self.habits.floats[name])
        return read_id(self.table.frame[name], widen=self.mapping.widen_ids, whole_numbers=whole, fold_case=fold_case)

    def _joined(self, columns: tuple[str, ...], prefix: str, extract: str | None = None) -> pl.Series:
        """Texts of several columns as one key, parted by `|`; null when all are blank."""
        tidy = [self._key_part(name).values.alias(name) for name in columns]
        if extract is not None:
            tidy = [_extract(one, extract).alias(name) for one, name in zip(tidy, columns, strict=True)]
        frame = pl.DataFrame(tidy)
        if len(columns) == 1:
            joined = frame.to_series(0)
        else:
            blank = frame.select(pl.all_horizontal(pl.all().is_null()).alias("blank"))["blank"]
            joined = frame.select(pl.concat_str(pl.all().fill_null(""), separator="|").alias("key"))["key"].set(
                blank, None
            )
        return prefix + joined if prefix else joined


def _told_apart(keys: pl.Series, table: TextTable, bound: Bound) -> pl.Series:
    """Rows that a person said are records of their own though they agree in every column: `key #2`."""
    if not bound.apart:
        return keys
    number = table.row_numbers.replace_strict(dict(bound.apart), default=None, return_dtype=pl.Int64)
    return pl.select(pl.coalesce(keys + " #" + number.cast(pl.String), keys)).to_series()


def _extract(texts: pl.Series, pattern: str) -> pl.Series:
    """The first group of the pattern that matched."""
    groups = trim(texts).str.extract_groups(pattern)
    names = groups.struct.fields
    return groups.struct.unnest().select(pl.coalesce(*(pl.col(name) for name in names)).alias("text"))["text"]


def _merge(columns: list[Column]) -> Column:
    """The first non-blank value per row; findings of an alternative count only where it was needed."""
    first, *others = columns
    values, findings, currency, day_only = first.values, [first.findings], first.currency, first.day_only
    failed = first.findings.filter(pl.col("level") == "error")["row"]
    for other in others:
        open_rows = values.is_null()
        if len(failed):
            open_rows = open_rows & ~pl.int_range(1, len(values) + 1, eager=True).is_in(failed.implode())
        needed = (open_rows.arg_true().cast(pl.Int64) + 1).implode()
        values = other.values.zip_with(open_rows, values)
        if currency is not None and other.currency is not None:
            currency = other.currency.zip_with(open_rows, currency)
        if day_only is not None and other.day_only is not None:
            day_only = other.day_only.zip_with(open_rows, day_only)
        findings.append(other.findings.filter(pl.col("row").is_in(needed)))
    return Column(values, together(*findings), currency, day_only, first.rounding)


def _before_next(read: Column) -> Column:
    """A last day that still counts becomes the first day after the range."""
    return Column(read.values.dt.offset_by("1d"), read.findings)


_SERIALS = r"^[2-7]\d{4}(?:\.\d+)?$|^80000(?:\.0+)?$"  # Excel day numbers: 20,000 to 80,000 in a column mapped as date


def _all(texts: pl.Series, pattern: str) -> bool | None:
    """Whether every filled cell has the pattern; none without a filled one."""
    filled = trim(texts).drop_nulls()
    return bool(filled.str.contains(pattern).all()) if len(filled) else None
