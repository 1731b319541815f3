"""From the fields of a mapping to the columns of a kind: `amount` fills `amount_minor` and `currency`, and so on."""

from collections.abc import Iterable, Mapping

import polars as pl

from hedef.intake.engine.shapes import Column
from hedef.records.engine.kinds import Field, Kind

# a field of a mapping whose column in the records has another name
_RENAMED = {
    "from": "from_day",
    "to": "to_day",
    "quantity": "quantity_e4",
    "probability": "probability_bp",
    "discount": "discount_bp",
    "share": "share_bp",
    "line_number": "line_no",
    "months": "months",
}
_CURRENCY_OF = {"revenue": "revenue_currency"}
_TYPES: dict[str, pl.DataType] = {"day": pl.Date(), "bool": pl.Boolean()}
_TYPES |= dict.fromkeys(("code", "text", "json"), pl.String())


def dtype_of(field: Field) -> pl.DataType:
    """polars type of a field's column: dates, booleans, text, else int64."""
    return _TYPES.get(field.type, pl.Int64())


def place_of(kind: Kind, name: str) -> str | None:
    """The column of `kind` that the mapping's field `name` fills; none when the kind has none."""
    candidates: tuple[str | None, ...] = (_RENAMED.get(name), name, f"{name}_minor")
    candidates += (f"{name}_bp", f"{name}_e4", f"{name}_us", f"{name}_day")
    candidates += (f"{name.removesuffix('_at')}_us",) if name.endswith("_at") else ()
    return next((one for one in candidates if one in kind.names), None)


def currency_place(kind: Kind, name: str) -> str | None:
    """The column that keeps the currency of the money field `name`."""
    place = _CURRENCY_OF.get(name, "currency")
    return place if place in kind.names else None


def columns_of(kind: Kind, fields: Mapping[str, Column]) -> dict[str, pl.Series]:
    """Plain values of a typed table under the names of the kind. References stay texts for `refs` to find."""
    found: dict[str, pl.Series] = {}
    for name, column in fields.items():
        place = place_of(kind, name)
        if place is None or "~" in name:
            continue
        found[place] = column.values
        money = currency_place(kind, name) if column.currency is not None else None
        if money is not None and column.currency is not None:
            only = pl.DataFrame({"value": column.values, "currency": column.currency})
            spoken = only.select(pl.when(pl.col("value").is_not_null()).then(pl.col("currency"))).to_series()
            former = found.get(money)
            found[money] = spoken if former is None else former.zip_with(former.is_not_null(), spoken)
    return found


def typed(kind: Kind, frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Cast the columns `names` of a frame to the types of the kind."""
    return frame.with_columns(pl.col(name).cast(dtype_of(kind.get(name))) for name in names)


def bits(kind: Kind, names: Iterable[str]) -> dict[str, int]:
    """Fields with their mask bits, in the order of the kind."""
    wanted = set(names)
    return {name: 1 << place for place, name in enumerate(kind.names) if name in wanted}
