"""Money, numbers and rates: columns of text -> exact integers (minor units, scaled units, basis points). No float."""

from collections.abc import Mapping as Map
from decimal import Decimal
from typing import Literal

import polars as pl

from hedef.intake.engine.shapes import Column
from hedef.intake.engine.values.amounts import Amount, Mark, currencies_of, parse_amount
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
from hedef.kernel.money import exponent, is_currency, round_half_away

LIMIT = 9_000_000_000_000_000  # minor units
_MICRO = 6  # decimals of the quick way
_UNITS = {None: 0, "k": 3, "m": 6, "bn": 9}


def read_money(
    texts: pl.Series,
    *,
    decimal: Mark | None,
    currency: str | None,
    currencies: pl.Series | None = None,
    unit: Literal["k", "m", "bn"] | None = None,
    zero_when_blank: bool = False,
    hidden: tuple[str, ...] | None = None,
    more_nulls: tuple[str, ...] = (),
) -> Column:
    """Text of amounts -> int64 minor units and ISO codes, by the rules of data.md section 5.

    `currency` is used where neither `currencies` (a column of codes) nor a mark in the cell says another. Fractions
    beyond the currency's decimals are rounded half away: warning `too_many_decimals`, sum of (rounded - exact) per
    currency in `rounding`. Errors: bad_money, out_of_range, currency_missing; warning currency_conflict.
    """
    plain, notes = without_nulls(trim(texts), hidden, more_nulls)
    read = _read(plain, decimal, money=True, shift=_UNITS[unit])
    codes, conflicts = _currencies(plain, read.marks, currencies, currency)
    places = _places(codes)
    minor, rounded, rounding = _round(read, places, codes)
    known = codes.is_not_null() & places.is_not_null()
    lost = plain.is_not_null() & minor.is_not_null() & ~known
    unknown = troubles(plain, lost, Trouble("currency_missing", "error", "No currency is known for this amount."))
    minor, far = _within(plain, minor.set(lost, None))
    if zero_when_blank:
        minor = minor.set(plain.is_null(), 0)
    return Column(minor, together(notes, read.findings, conflicts, unknown, rounded, far), codes, rounding=rounding)


def read_number(
    texts: pl.Series,
    *,
    decimal: Mark | None,
    places: int = 0,
    hidden: tuple[str, ...] | None = None,
    more_nulls: tuple[str, ...] = (),
) -> Column:
    """Text of numbers -> int64 in units of 10^-places. Errors: bad_number, out_of_range; warning too_many_decimals."""
    plain, notes = without_nulls(trim(texts), hidden, more_nulls)
    read = _read(plain, decimal, money=False, shift=0)
    findings, per_cent = _refuse_per_cent(plain, read)
    same = pl.repeat(places, len(plain), dtype=pl.Int64, eager=True)
    values, rounded, rounding = _round(read, same, None)
    values, far = _within(plain, values.set(per_cent, None))
    return Column(values, together(notes, findings, rounded, far), rounding=rounding)


def read_percent(
    texts: pl.Series,
    *,
    decimal: Mark | None,
    scale: Literal["percent", "fraction"],
    limit: int | None = 10_000,
    hidden: tuple[str, ...] | None = None,
    more_nulls: tuple[str, ...] = (),
) -> Column:
    """Text of rates -> int64 basis points; a per cent sign beats `scale`. Outside 0..limit: out_of_range."""
    plain, notes = without_nulls(trim(texts), hidden, more_nulls)
    read = _read(plain, decimal, money=False, shift=0)
    places = pl.repeat(2 if scale == "percent" else 4, len(plain), dtype=pl.Int64, eager=True).set(read.percent, 2)
    values, rounded, rounding = _round(read, places, None)
    findings = read.findings.with_columns(code=pl.col("code").replace("bad_number", "bad_percent"))
    far = no_trouble()
    if limit is not None:
        out = ((values < 0) | (values > limit)).fill_null(False)
        hint = f"A rate from 0 to {limit // 100} per cent is expected (this column reads as {scale})."
        far, values = troubles(plain, out, Trouble("out_of_range", "error", hint)), values.set(out, None)
    return Column(values, together(notes, findings, rounded, far), rounding=rounding)


# --- reading -------------------------------------------------------------------------------------------------------


class _Numbers:
    """Amounts of a column before rounding: `micro` where the quick way applied, else `odd` at `odd_rows`."""

    def __init__(self, micro: pl.Series, marks: pl.Series, percent: pl.Series, findings: pl.DataFrame) -> None:
        self.micro, self.marks, self.percent, self.findings = micro, marks, percent, findings
        self.odd_rows: list[int] = []
        self.odd: list[Decimal] = []
        self.texts = pl.Series([], dtype=pl.String)


def _read(plain: pl.Series, decimal: Mark | None, *, money: bool, shift: int) -> _Numbers:
    micro, dollar = _quick(plain, decimal, money=money, shift=shift)
    marks = pl.repeat(None, len(plain), dtype=pl.String, eager=True).set(dollar, "$")
    percent = pl.repeat(False, len(plain), dtype=pl.Boolean, eager=True)
    read = _Numbers(micro, marks, percent, no_trouble())
    read.texts = plain
    rows = (plain.is_not_null() & micro.is_null()).arg_true()
    if len(rows):
        _read_odd(read, plain.gather(rows), rows, decimal, money=money, shift=shift)
    return read


def _read_odd(
    read: _Numbers, texts: pl.Series, rows: pl.Series, decimal: Mark | None, *, money: bool, shift: int
) -> None:
    """Each distinct odd text once, by `parse_amount`."""
    parsed = {text: parse_amount(text, decimal, money=money) for text in texts.unique().to_list()}
    bad: list[tuple[int, str, Trouble]] = []
    marked: list[tuple[int, str]] = []
    signed: list[int] = []
    for at, text in zip(rows.to_list(), texts.to_list(), strict=True):
        amount = parsed[text]
        if isinstance(amount, Amount):
            read.odd_rows.append(at)
            read.odd.append(amount.number.scaleb(shift))
            if amount.mark:
                marked.append((at, amount.mark))
            if amount.percent:
                signed.append(at)
        else:
            bad.append((at, text, amount))
    if marked:
        read.marks = put(read.marks, _rows([at for at, _ in marked]), pl.Series([mark for _, mark in marked]))
    if signed:
        read.percent = put(read.percent, _rows(signed), pl.repeat(True, len(signed), eager=True))
    read.findings = _bad(bad)


def _bad(bad: list[tuple[int, str, Trouble]]) -> pl.DataFrame:
    return findings_table(
        _rows([at for at, _, _ in bad]),
        pl.Series([text for _, text, _ in bad], dtype=pl.String),
        pl.Series([trouble.code for *_, trouble in bad], dtype=pl.String),
        pl.Series([trouble.level for *_, trouble in bad], dtype=pl.String),
        pl.Series([trouble.hint for *_, trouble in bad], dtype=pl.String),
    )


def _rows(rows: list[int]) -> pl.Series:
    return pl.Series(rows, dtype=pl.UInt32)


def _quick(plain: pl.Series, decimal: Mark | None, *, money: bool, shift: int) -> tuple[pl.Series, pl.Series]:
    """Millionths of plain numbers (`-1234.5`, in money columns `$1,234.50` too) and where a `$` stood; the rest null.

    Three decimals after the only mark of a column without a decided mark are left to the careful way.
    """
    point = "," if decimal == "," else "."
    group = "." if decimal == "," else ","
    places = rf"(?:[{point}]\d{{1,6}})?"
    whole = 12 - shift
    if decimal is None:
        places = ""  # without a decided mark only whole numbers are plain
    simple = plain.str.contains(rf"^-?\d{{1,{whole}}}{places}$")
    dollar = pl.repeat(False, len(plain), dtype=pl.Boolean, eager=True)
    text = plain.set(~simple.fill_null(False), None)
    if money and decimal is not None and not simple.fill_null(True).all():
        dollars = plain.str.contains(rf"^[$]\d{{1,3}}(?:[{group}]\d{{3}}){{0,{whole // 3 - 1}}}{places}$").fill_null(
            False
        )
        if dollars.any():
            bare = plain.set(~dollars, None).str.strip_prefix("$").str.replace_all(group, "", literal=True)
            text, dollar = bare.zip_with(dollars, text), dollars
    return _millionths(text, point, shift), dollar


def _millionths(text: pl.Series, point: str, shift: int) -> pl.Series:
    parts = pl.col("text").str.splitn(point, 2).struct
    whole = parts.field("field_0").str.strip_prefix("-").cast(pl.Int64) * 10 ** (_MICRO + shift)
    rest = parts.field("field_1").fill_null("").str.pad_end(_MICRO, "0").cast(pl.Int64) * 10**shift
    total = whole + rest
    frame = pl.DataFrame({"text": text})
    return frame.select(micro=pl.when(pl.col("text").str.starts_with("-")).then(-total).otherwise(total))["micro"]


# --- currency ------------------------------------------------------------------------------------------------------


def _currencies(
    plain: pl.Series, marks: pl.Series, given: pl.Series | None, default: str | None
) -> tuple[pl.Series, pl.DataFrame]:
    """ISO code per row: the currency column, else the mark in the cell, else the default; conflicts are told."""
    if given is None and marks.null_count() == len(marks):
        return pl.repeat(default, len(plain), dtype=pl.String, eager=True), no_trouble()
    told = trim(given) if given is not None else pl.repeat(None, len(plain), dtype=pl.String, eager=True)
    frame = pl.DataFrame({"told": told, "mark": marks})
    pairs = frame.unique(maintain_order=True).rows()
    answers = [(one, mark, *_currency(one, mark, default)) for one, mark in pairs]
    schema = {"told": pl.String, "mark": pl.String, "code": pl.String, "conflict": pl.Boolean}
    found = frame.join(
        pl.DataFrame(answers, schema=schema, orient="row"),
        on=["told", "mark"], how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    conflict = found["conflict"].fill_null(False) & plain.is_not_null()
    hint = "The mark in the cell is another currency than the currency column says; the column counts."
    return found["code"], troubles(plain, conflict, Trouble("currency_conflict", "warning", hint))


def _currency(told: str | None, mark: str | None, default: str | None) -> tuple[str | None, bool]:
    marked = currencies_of(mark) if mark else ()
    if told is not None:
        options = (told.upper(),) if is_currency(told.upper()) else currencies_of(told)
        code = default if default in options else (options[0] if len(options) == 1 else None)
        return code, bool(marked) and code not in marked
    if not marked:
        return default, False
    if default in marked:
        return default, False
    return (marked[0] if len(marked) == 1 or mark in ("$", "£") else None), False


def _places(codes: pl.Series) -> pl.Series:
    known = {code: exponent(code) for code in codes.drop_nulls().unique().to_list() if is_currency(code)}
    if not known:
        return pl.repeat(None, len(codes), dtype=pl.Int64, eager=True)
    return codes.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.Int64)


# --- rounding ------------------------------------------------------------------------------------------------------


def _round(
    read: _Numbers, places: pl.Series, codes: pl.Series | None
) -> tuple[pl.Series, pl.DataFrame, Map[str, Decimal]]:
    """Scaled integers, half away from zero; findings and the sum of (rounded - exact) per currency ("" without)."""
    filled = places.fill_null(2)
    values, lost = _round_quick(read.micro, filled)
    if read.odd_rows:
        values, lost = _round_odd(read, filled, values, lost)
    cut = (lost != 0).fill_null(False)
    rows = cut.arg_true()
    if not len(rows):
        return values, no_trouble(), {}
    texts = read.texts.gather(rows)
    hint = pl.Series([f"Rounded to {count} decimals." for count in filled.gather(rows).to_list()], dtype=pl.String)
    found = findings_table(rows, texts, "too_many_decimals", "warning", hint)
    names = codes.gather(rows).fill_null("").to_list() if codes is not None else [""] * len(rows)
    totals: dict[str, Decimal] = {}
    for name, units, count in zip(names, lost.gather(rows).to_list(), filled.gather(rows).to_list(), strict=True):
        totals[name] = totals.get(name, Decimal(0)) + Decimal(units).scaleb(-_LOST - count)
    return values, found, totals


_LOST = 9  # rounding differences are kept in 10^-9 of the scaled unit


def _round_quick(micro: pl.Series, places: pl.Series) -> tuple[pl.Series, pl.Series]:
    kinds = places.unique().to_list()
    if len(kinds) <= 1:  # no kind at all: a column without a row
        return _round_same(micro, int(kinds[0]) if kinds else 0)
    values, lost = _round_same(micro, int(kinds[0]))
    for kind in kinds[1:]:
        here = places == kind
        more, more_lost = _round_same(micro, int(kind))
        values, lost = more.zip_with(here, values), more_lost.zip_with(here, lost)
    return values, lost


def _round_same(micro: pl.Series, places: int) -> tuple[pl.Series, pl.Series]:
    """Millionths -> units of 10^-places, and (rounded - exact) in 10^-9 of such a unit."""
    cut = 10 ** (_MICRO - places)
    size = pl.col("micro").abs()
    up = size // cut + pl.when(2 * (size % cut) >= cut).then(1).otherwise(0)
    value = pl.when(pl.col("micro") < 0).then(-up).otherwise(up)
    lost = (value * cut - pl.col("micro")) * (10**_LOST // cut)
    frame = pl.DataFrame({"micro": micro}).select(value=value, lost=lost)
    return frame["value"], frame["lost"]


def _round_odd(read: _Numbers, places: pl.Series, values: pl.Series, lost: pl.Series) -> tuple[pl.Series, pl.Series]:
    rows = _rows(read.odd_rows)
    units: list[int | None] = []
    losses: list[int] = []
    for number, count in zip(read.odd, places.gather(rows).to_list(), strict=True):
        exact = number.scaleb(count)
        value = round_half_away(exact)
        fits = abs(value) < 2**63
        units.append(value if fits else 2**62)  # beyond the limit in any case: told as out_of_range
        losses.append(round_half_away((value - exact).scaleb(_LOST)) if fits else 0)
    return put(values, rows, pl.Series(units, dtype=pl.Int64)), put(lost, rows, pl.Series(losses, dtype=pl.Int64))


def _within(plain: pl.Series, values: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    far = ((values > LIMIT) | (values < -LIMIT)).fill_null(False)
    if not far.any():
        return values, no_trouble()
    return values.set(far, None), troubles(plain, far, Trouble("out_of_range", "error", "The number is too large."))


def _refuse_per_cent(plain: pl.Series, read: _Numbers) -> tuple[pl.DataFrame, pl.Series]:
    if not read.percent.any():
        return read.findings, read.percent
    note = Trouble("bad_number", "error", "A per cent sign only stands in a rate column. Map the column as percent.")
    return together(read.findings, troubles(plain, read.percent, note)), read.percent
