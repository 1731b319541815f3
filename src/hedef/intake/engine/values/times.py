"""Dates and instants: columns of text -> days and microseconds UTC."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Literal

import polars as pl

from hedef.intake.engine.shapes import Column
from hedef.intake.engine.values.clean import (
    Trouble,
    findings_table,
    no_trouble,
    put,
    together,
    trim,
    troubles,
    without_nulls,
)
from hedef.intake.engine.values.moments import DAY_US, Moment, Order, offset_minutes, parse_moment
from hedef.kernel.instants import local_us

FAR_BEFORE = date(1990, 1, 1)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  wall-clock zero: times here have no zone yet
_TAIL = re.compile(r"(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?")


def read_date(
    texts: pl.Series,
    *,
    order: Order | None = None,
    zone: str = "UTC",
    serial: bool = False,
    far_after: date | None = None,
    hidden: tuple[str, ...] | None = None,
    more_nulls: tuple[str, ...] = (),
) -> Column:
    """Text -> Date. A time of day is cut off; a time with an offset falls on its day in `zone`, a midnight on its own.

    Errors: bad_date, undecided_date_order; warning date_far before 1990 or after `far_after`.
    """
    plain, notes = without_nulls(trim(texts), hidden, more_nulls)
    wall = _read(plain, order, serial=serial)
    days = (wall.naive // DAY_US).cast(pl.Int32)
    moved = wall.offset.is_not_null() & (wall.naive % DAY_US != 0).fill_null(False)
    if moved.any():
        instants = pl.from_epoch(wall.naive - wall.offset.cast(pl.Int64) * 60_000_000, time_unit="us")
        there = instants.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date().cast(pl.Int32)
        days = there.zip_with(moved, days)
    values = days.cast(pl.Date)
    return Column(values, together(notes, wall.findings, _far(plain, values, far_after)))


def read_instant(
    texts: pl.Series,
    *,
    zone: str,
    day_zone: str | None = None,
    order: Order | None = None,
    serial: bool = False,
    precision: Literal["instant", "day"] = "instant",
    far_after: date | None = None,
    hidden: tuple[str, ...] | None = None,
    more_nulls: tuple[str, ...] = (),
) -> Column:
    """Text -> int64 microseconds UTC; a time without offset is read in `zone`, a day alone at its start in `day_zone`.

    `precision` day: the column holds days, whatever its midnights and offsets look like. `day_only` says per row where
    no time of day was given. Warning ambiguous_hour where the clock was turned; errors as in `read_date`.
    """
    plain, notes = without_nulls(trim(texts), hidden, more_nulls)
    wall = _read(plain, order, serial=serial)
    naive, offset, day_only = wall.naive, wall.offset, wall.day_only
    if precision == "day":
        naive, offset = (naive // DAY_US) * DAY_US, offset.clear(len(offset))
        day_only = pl.repeat(True, len(naive), dtype=pl.Boolean, eager=True)
    local = offset.is_null()
    dated = day_only.fill_null(False) & local
    values, turned = _localise(plain, naive, local & ~dated, zone, quiet=False)
    if dated.any():
        days, _ = _localise(plain, naive, dated, day_zone or zone, quiet=True)
        values = days.zip_with(dated, values)
    given = naive - offset.cast(pl.Int64) * 60_000_000
    values = given.zip_with(~local, values)
    far = _far(plain, pl.from_epoch(values, time_unit="us").dt.date(), far_after)
    return Column(values, together(notes, wall.findings, turned, far), day_only=day_only)


# --- wall clock ----------------------------------------------------------------------------------------------------


class _Wall:
    """Wall-clock readings of a column: naive microseconds, offset in minutes (null = local), day_only."""

    def __init__(self, naive: pl.Series, offset: pl.Series, day_only: pl.Series, findings: pl.DataFrame) -> None:
        self.naive, self.offset, self.day_only, self.findings = naive, offset, day_only, findings


def _read(plain: pl.Series, order: Order | None, *, serial: bool) -> _Wall:
    naive, offset, day_only = _quick(plain)
    rest = plain.is_not_null() & naive.is_null()
    rows = rest.arg_true()
    if not len(rows):
        return _Wall(naive, offset, day_only, no_trouble())
    left = plain.gather(rows)
    answers = _answers(left, lambda text: parse_moment(text, order, serial=serial))
    found = pl.DataFrame({"text": left, "at": rows}).join(answers, on="text", how="left", maintain_order="left")
    wrong = found.filter(pl.col("code").is_not_null())
    findings = findings_table(wrong["at"], wrong["text"], wrong["code"], wrong["level"], wrong["hint"])
    return _Wall(
        put(naive, rows, found["naive"]),
        put(offset, rows, found["offset"]),
        put(day_only, rows, found["day"]),
        findings,
    )


def _answers(left: pl.Series, parse: Callable[[str], Moment | Trouble]) -> pl.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for text in left.unique(maintain_order=True).to_list():
        read = parse(text)
        if isinstance(read, Moment):
            rows.append((text, read.naive_us, read.offset, read.day_only, None, None, None))
        else:
            rows.append((text, None, None, False, read.code, read.level, read.hint))
    return pl.DataFrame(
        rows,
        schema={
            "text": pl.String, "naive": pl.Int64, "offset": pl.Int32, "day": pl.Boolean,
            "code": pl.String, "level": pl.String, "hint": pl.String,
        },
        orient="row",
    )  # fmt: skip


def _quick(plain: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """ISO days and ISO times of full length, vectorised; everything else stays null."""
    size = plain.str.len_bytes()
    day_only = (size == 10).fill_null(False)
    naive = pl.repeat(None, len(plain), dtype=pl.Int64, eager=True)
    offset = pl.repeat(None, len(plain), dtype=pl.Int32, eager=True)
    if day_only.any():
        days = plain.set(~day_only, None).str.to_date("%Y-%m-%d", strict=False)
        naive = days.cast(pl.Int32).cast(pl.Int64) * DAY_US
        day_only = naive.is_not_null()
    long = (size >= 19).fill_null(False)
    if long.any():
        timed, shift = _quick_times(plain.set(~long, None))
        naive, offset = timed.zip_with(long, naive), shift.zip_with(long, offset)
    return naive, offset, day_only


def _quick_times(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    head = texts.str.slice(0, 19)
    spaced = head.str.slice(0, 10) + " " + head.str.slice(11)
    right = head.str.slice(10, 1).is_in(["T", " ", "t"])
    naive = spaced.set(~right.fill_null(False), None).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    tails = _tails(texts.str.slice(19))
    micro = tails["micro"]
    ok = naive.is_not_null() & micro.is_not_null()
    return (naive.cast(pl.Int64) + micro).set(~ok, None), tails["offset"].set(~ok, None)


def _tails(tails: pl.Series) -> pl.DataFrame:
    """Fraction and offset after the seconds: each distinct tail once; micro is null for anything else."""
    rows: list[tuple[str | None, int | None, int | None]] = []
    for tail in tails.drop_nulls().unique().to_list():
        found = _TAIL.fullmatch(tail)
        micro = int((found[1] or "0")[:6].ljust(6, "0")) if found else None
        rows.append((tail, micro, offset_minutes(found[2]) if found else None))
    known = pl.DataFrame(rows, schema={"tail": pl.String, "micro": pl.Int64, "offset": pl.Int32}, orient="row")
    return pl.DataFrame({"tail": tails}).join(known, on="tail", how="left", maintain_order="left")


# --- zone ----------------------------------------------------------------------------------------------------------


def _localise(
    plain: pl.Series, naive: pl.Series, local: pl.Series, zone: str, *, quiet: bool
) -> tuple[pl.Series, pl.DataFrame]:
    """Wall clock of `zone` -> UTC. An autumn hour that comes twice is the first one; a missing one moves forward."""
    if zone == "UTC":
        return naive, no_trouble()
    wall = pl.from_epoch(naive.set(~local, None), time_unit="us")
    first = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    last = wall.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    twice = (first != last).fill_null(False)
    missing = wall.is_not_null() & first.is_null()
    values = first.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Int64)
    rows = missing.arg_true()
    if len(rows):
        moved = [local_us(_EPOCH + timedelta(microseconds=us), zone)[0] for us in naive.gather(rows).to_list()]
        values = put(values, rows, pl.Series(moved, dtype=pl.Int64))
    if quiet:  # a day begins when it begins; nobody gave that hour
        return values, no_trouble()
    first_note = Trouble("ambiguous_hour", "warning", f"This hour comes twice in {zone}; the first one is taken.")
    moved_note = Trouble("ambiguous_hour", "warning", f"This hour does not exist in {zone}; it is moved forward.")
    return values, together(troubles(plain, twice, first_note), troubles(plain, missing, moved_note))


def _far(plain: pl.Series, days: pl.Series, far_after: date | None) -> pl.DataFrame:
    far = days < FAR_BEFORE
    if far_after is not None:
        far = far | (days > far_after)
    far = far.fill_null(False)
    if not far.any():
        return no_trouble()
    return troubles(plain, far, Trouble("date_far", "warning", "The date is before 1990 or more than ten years ahead."))
