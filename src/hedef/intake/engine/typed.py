"""All bound fields of a text table as typed columns, with every finding in one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from hedef.intake.engine.decide import Decided
from hedef.intake.engine.shapes import Bound, BoundAlso, BoundField, Column, Condition, TextTable, TypedTable
from hedef.intake.engine.values.clean import Trouble, together, trim, troubles
from hedef.intake.engine.values.numbers import read_money, read_number, read_percent
from hedef.intake.engine.values.times import read_date, read_instant
from hedef.intake.engine.values.words import read_boolean, read_code, read_duration, read_id, read_text

REFERENCES = frozenset(
    ("person", "team", "account", "contact", "lead", "deal", "product", "order", "territory", "price", "about")
)
_LABELS = frozenset(("stage", "process"))  # what they mean is settled with the process at hand


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source presumes where a file does not say: zone, currency, the last plausible day."""

    zone: str = "UTC"  # of days, and of times where the mapping names no zone
    currency: str = "USD"
    far_after: date | None = None
    serials: bool = False  # Excel day numbers (xlsx); CSV columns of such numbers are seen by themselves


def read_fields(table: TextTable, bound: Bound, decided: Decided, reading: Reading) -> TypedTable:
    """Type every bound column. Row findings of the reader and a `key_missing` per row without key are included.

    Alternatives of a reference keep columns of their own (`owner`, `owner~2`): they are looked up in different ways.
    Alternatives of a plain field are merged: the first non-blank text of the row counts.
    """
    read = _Reader(table, bound, decided, reading)
    fields = read.fields(bound.fields)
    also = tuple(read.part(part) for part in bound.also)
    key, key_findings = read.key()
    singles = {name: read.single(one) for name, one in _single_parts(bound).items()}
    times = {name: read.column(one) for name, one in bound.times.items()}
    stage_times = {name: read.column(one) for name, one in bound.stage_times.items()}
    checks = {name: read.column(one) for name, one in bound.checks.items()}
    every = [*fields.values(), *times.values(), *stage_times.values(), *(one for part in also for one in part.values())]
    every += [one for one in singles.values() if one is not None]
    findings = together(table.row_findings, key_findings, *(one.findings for one in every))
    findings = findings.unique(
        ["row", "column", "code", "value"], keep="first", maintain_order=True
    )  # one cell, two fields
    return TypedTable(
        key, fields, singles["modified_at"], singles["deleted"], singles["merged_into"],
        times, stage_times, checks, also, findings,
    )  # fmt: skip


def _single_parts(bound: Bound) -> dict[str, BoundField | None]:
    return {"modified_at": bound.modified_at, "deleted": bound.deleted, "merged_into": bound.merged_into}


def field_names(name: str, alternatives: tuple[BoundField, ...]) -> list[str]:
    """Names of the typed columns of a field: `owner`, `owner~2` for the alternatives of a reference."""
    if alternatives[0].spec.type not in REFERENCES:
        return [name]
    return [name if at == 1 else f"{name}~{at}" for at in range(1, len(alternatives) + 1)]


def read_column(table: TextTable, bound: Bound, decided: Decided, reading: Reading, one: BoundField) -> Column:
    """One bound column alone (stage dates, log entries, previews)."""
    return _Reader(table, bound, decided, reading).column(one)


class _Reader:
    def __init__(self, table: TextTable, bound: Bound, decided: Decided, reading: Reading) -> None:
        self.table, self.bound, self.decided, self.reading = table, bound, decided, reading
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
        memo = (one.columns, one.spec.model_dump_json(), one.currency_column, one.conditions)
        if memo not in self._memo:
            self._memo[memo] = self._named(one, self._read(one))
        return self._memo[memo]

    def _named(self, one: BoundField, read: Column) -> Column:
        findings = read.findings
        if one.spec.required and read.values.null_count():
            blank = read.values.is_null() & trim(self.text(one)).is_null()
            note = Trouble("required_missing", "error", "This field may not be blank.")
            findings = together(findings, troubles(self.text(one), blank, note))
        named = findings.with_columns(
            column=pl.lit(one.label, dtype=pl.String), field=pl.lit(one.name, dtype=pl.String)
        )
        return Column(read.values, named, read.currency, read.day_only, read.rounding)

    def _read(self, one: BoundField) -> Column:
        spec, texts = one.spec, self.text(one)
        nulls: dict[str, Any] = {"hidden": spec.hidden_nulls, "more_nulls": self.mapping.hidden_nulls}
        if spec.type in ("code", "status"):
            return read_code(texts, values=spec.values, **nulls)
        if spec.type in _LABELS:
            return read_code(texts, **nulls)
        if spec.type == "id" or (spec.type in REFERENCES and spec.by == "external_key"):
            return read_id(texts, widen=self.mapping.widen_ids, fold_case=not self.mapping.key_case)
        if spec.type == "text" or spec.type in REFERENCES:
            return read_text(texts, **nulls)
        if spec.type == "boolean":
            lone = self._decided(one, "boolean") == "blank_is_false"
            return read_boolean(texts, blank_is_false=lone, more_nulls=self.mapping.hidden_nulls)
        if spec.type == "duration":
            return read_duration(texts, unit_seconds=spec.seconds or 1)
        return (
            self._read_time(one, texts, nulls)
            if spec.type in ("date", "instant")
            else self._read_number(one, texts, nulls)
        )

    def _read_time(self, one: BoundField, texts: pl.Series, nulls: dict[str, Any]) -> Column:
        order = self._decided(one, "date_order") or one.spec.order
        serial = self.reading.serials or _looks_serial(texts)
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
            read = read_id(
                self.table.frame[self.bound.key[0]], widen=self.mapping.widen_ids, fold_case=not self.mapping.key_case
            )
            key, findings = read.values, read.findings.with_columns(column=pl.lit(self.bound.key[0], dtype=pl.String))
        else:
            key, findings = self._joined(self.bound.key, ""), together()
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

    def _joined(self, columns: tuple[str, ...], prefix: str, extract: str | None = None) -> pl.Series:
        """Texts of several columns as one key, parted by `|`; null when all are blank."""
        tidy = [read_id(self.table.frame[name], widen=self.mapping.widen_ids).values.alias(name) for name in columns]
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


def _looks_serial(texts: pl.Series) -> bool:
    """A column of numbers 20,000 to 80,000 mapped as date holds Excel day numbers."""
    filled = trim(texts).drop_nulls()
    return bool(len(filled)) and bool(filled.str.contains(r"^[2-7]\d{4}(?:\.\d+)?$|^80000(?:\.0+)?$").all())
