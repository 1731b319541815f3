"""Change tables to one row an entity, vectorised: the same law as `ledger.engine.fold`, for a million rows."""

from collections.abc import Container, Mapping

import polars as pl
import pyarrow as pa

from hedef.ledger.engine import PENDING, STANDARD
from hedef.records.engine.kinds import ALWAYS_US, Kind

ENDED = 1 << 62  # bit of `ended_us` in the mask of a combined row, beside the bits of the fields
ACTS = ("set", "end", "revive", "merge", "void")

_POLARS: dict[str, pl.DataType] = {"day": pl.Date(), "bool": pl.Boolean(), "code": pl.String()}
_POLARS |= {"text": pl.String(), "json": pl.String()}
_ARROW: dict[str, pa.DataType] = {"day": pa.date32(), "bool": pa.bool_(), "code": pa.string()}
_ARROW |= {"text": pa.string(), "json": pa.string()}


def polars_type(kind: Kind, name: str) -> pl.DataType:
    return _POLARS.get(kind.get(name).type, pl.Int64())


def arrow_type(kind: Kind, name: str) -> pa.DataType:
    """Arrow type of a field in a change table: int64, date32, bool or string (json is canonical text)."""
    return _ARROW.get(kind.get(name).type, pa.int64())


def prepare(rows: pa.Table | pl.DataFrame, kind: Kind, *, first_ord: int) -> pl.DataFrame:
    """Type the rows of a caller and number them from `first_ord`.

    `entity` and `effective_us` are needed; `act` is `set` without word, `mask` all field columns that are there,
    `precision` instant. ValueError for unknown columns, acts, masks without their columns and voids without a target.
    """
    given = rows if isinstance(rows, pl.DataFrame) else pl.from_arrow(rows)
    assert isinstance(given, pl.DataFrame)
    fields = [name for name in given.columns if name not in STANDARD]
    strange = [name for name in fields if name not in kind.names]
    if not {"entity", "effective_us"} <= set(given.columns):
        raise ValueError(f"rows of kind {kind.name} need the columns entity and effective_us")
    if strange:
        raise ValueError(f"kind {kind.name} has no field {', '.join(strange)}")
    all_bits = sum(kind.bit(name) for name in fields)
    numbers = [name for name, of in STANDARD.items() if of == pa.int64() and name in given.columns and name != "mask"]
    typed = given.with_columns(
        *(pl.col(name).cast(pl.Int64) for name in numbers),
        *(pl.col(name).cast(polars_type(kind, name)) for name in fields),
        _or_default(given, "act", pl.String(), "set"),
        _or_default(given, "precision", pl.String(), "instant"),
        _or_default(given, "mask", pl.Int64(), all_bits),
    ).drop("ord", "prev_batch", "prev_ord", strict=False)
    is_void = pl.col("act") == "void"
    typed = typed.with_columns(
        pl.when(is_void).then(0).otherwise(pl.col("mask")).alias("mask"),
        pl.int_range(first_ord, first_ord + pl.len(), dtype=pl.Int64).alias("ord"),
    )
    _check(typed, kind, all_bits)
    return typed


def _or_default(given: pl.DataFrame, name: str, of: pl.DataType, value: object) -> pl.Expr:
    if name not in given.columns:
        return pl.lit(value, of).alias(name)
    return pl.col(name).cast(of).fill_null(value)


def _check(typed: pl.DataFrame, kind: Kind, all_bits: int) -> None:
    if typed["entity"].null_count() or typed["effective_us"].null_count():
        raise ValueError(f"a row of kind {kind.name} has no entity or no effective_us")
    acts = set(typed["act"].unique()) - set(ACTS)
    if acts:
        raise ValueError(f"no such act: {', '.join(sorted(acts))}")
    if not typed.filter((pl.col("mask") | all_bits) != all_bits).is_empty():
        raise ValueError(f"a mask of kind {kind.name} names a field without a column")
    voids = typed.filter(pl.col("act") == "void")
    if not voids.is_empty() and (
        not {"void_batch", "void_ord"} <= set(voids.columns) or voids["void_batch"].null_count()
    ):
        raise ValueError("a void names the change it takes back: void_batch and void_ord")


def link(changes: pl.DataFrame, before: pl.DataFrame, *, batch: int) -> pl.DataFrame:
    """Add `prev_batch, prev_ord`: the entity's former row of this call, else its newest change in `before`."""
    if before.is_empty() and changes["entity"].n_unique() == changes.height:  # the usual bulk: all new, once each
        nothing = pl.lit(None, pl.Int64)
        return changes.with_columns(prev_ord=nothing, prev_batch=nothing)
    ordered = changes.select("entity", "ord").sort("entity", "ord")
    same = pl.col("entity") == pl.col("entity").shift(1)  # a window per entity is fifty times slower
    inside = ordered.with_columns(inside=pl.when(same).then(pl.col("ord").shift(1))).sort("ord")["inside"]
    told = changes.join(
        before.select("entity", "last_batch", "last_ord"), on="entity", how="left", maintain_order="left"
    ).with_columns(inside)
    return told.with_columns(
        prev_ord=pl.coalesce("inside", "last_ord"),
        prev_batch=pl.when(pl.col("inside").is_not_null())
        .then(pl.lit(batch, pl.Int64))
        .otherwise(pl.col("last_batch")),
    ).drop("last_batch", "last_ord", "inside")


def to_arrow(changes: pl.DataFrame, kind: Kind) -> pa.Table:
    """The change table for the ledger: standard columns first, those without any value left out."""
    kept = [
        name
        for name in (*STANDARD, *kind.names)
        if name in changes.columns
        and (name in _KEPT or name in kind.names or changes[name].null_count() < len(changes))
    ]
    types = {**STANDARD, **{name: arrow_type(kind, name) for name in kind.names}}
    table = changes.select(kept).to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.cast(pa.schema([(name, types[name]) for name in kept]))


_KEPT = {"ord", "entity", "act", "effective_us", "precision", "mask"}


def living_rows(changes: pl.DataFrame, living: Container[int]) -> pl.DataFrame:
    """The rows that count: of batches in `living` or still open, not void, not voided. Needs `seal_no, void_seal`."""
    seals = [one for one in changes["seal_no"].unique() if one >= PENDING or one in living]
    known = changes.filter(pl.col("seal_no").is_in(seals))
    voids = known.filter(pl.col("act") == "void")
    if voids.is_empty():
        return known
    voided: set[tuple[int, int]] = set()
    rows = voids.sort("seal_no", "ord", descending=True).select("seal_no", "ord", "void_seal", "void_ord").rows()
    for seal_no, ord_, void_seal, void_ord in rows:
        if (seal_no, ord_) not in voided:
            voided.add((void_seal, void_ord))
    gone = pl.DataFrame(sorted(voided), schema={"seal_no": pl.Int64, "ord": pl.Int64}, orient="row")
    return known.filter(pl.col("act") != "void").join(gone, on=["seal_no", "ord"], how="anti", maintain_order="left")


def combine(changes: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """Fold living rows (no voids): one row an entity with the last value of each field that is part of any.

    Columns: entity, mask (fields set by any row, `ENDED` where an act touched the end), ended_us,
    last_effective_us, the fields. Order inside an entity: (effective_us, seal_no where given, ord).
    """
    fields = [name for name in kind.names if name in changes.columns]
    acts = pl.col("act") != "set"
    marked = changes.with_columns(
        mask=pl.when(acts).then(pl.col("mask") | ENDED).otherwise(pl.col("mask")),
        ended_us=pl.when(pl.col("act").is_in(["end", "merge"])).then(pl.col("effective_us")),
        last_effective_us=pl.col("effective_us"),
    )
    kept = ["entity", "mask", "ended_us", "last_effective_us", *fields]
    several = marked.filter(pl.col("entity").is_duplicated())
    if several.is_empty():
        return _only_set(marked.select(kept), kind, fields)
    alone = _only_set(marked.filter(~pl.col("entity").is_duplicated()).select(kept), kind, fields)
    order = [name for name in ("effective_us", "seal_no", "ord") if name in marked.columns]
    return pl.concat([alone, _fold_runs(several.sort("entity", *order), kind, fields).select(kept)])


def _fold_runs(rows: pl.DataFrame, kind: Kind, fields: list[str]) -> pl.DataFrame:
    """One row for each run of equal entities in sorted rows, without a group: a million runs take a second."""
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    starts_here = (pl.col("entity") != pl.col("entity").shift(1)).fill_null(True)
    ends_here = (pl.col("entity") != pl.col("entity").shift(-1)).fill_null(True)
    first = rows.select(place.filter(starts_here)).to_series()
    last = rows.select(place.filter(ends_here)).to_series()
    bits = {**{name: kind.bit(name) for name in fields}, "ended_us": ENDED}
    newest = rows.select(
        pl.when(_bit(bit)).then(place).forward_fill().gather(last).alias(name) for name, bit in bits.items()
    )
    own = newest.select(pl.when(pl.col(name) >= first).then(pl.col(name)) for name in bits)
    mask = own.select(
        pl.sum_horizontal(pl.when(pl.col(name).is_not_null()).then(bit).otherwise(0) for name, bit in bits.items())
    ).to_series()
    told = [rows["entity"].gather(last), rows["last_effective_us"].gather(last)]
    values = rows.select(pl.col(name).gather(own[name]) for name in bits)
    return pl.DataFrame([*told, *values.get_columns(), mask.cast(pl.Int64).alias("mask")])


def _bit(bit: int) -> pl.Expr:
    return (pl.col("mask") & pl.lit(bit, pl.Int64)) != 0


def _only_set(rows: pl.DataFrame, kind: Kind, fields: list[str]) -> pl.DataFrame:
    """Blank values that stand beside the mask, so that an insert takes only what is part of the change."""
    if rows["mask"].n_unique() == 1 and rows.height:
        bits = rows["mask"][0]
        return rows.with_columns(
            pl.lit(None).cast(rows.schema[one]).alias(one) for one in fields if not bits & kind.bit(one)
        )
    return rows.with_columns(pl.when(_bit(kind.bit(one))).then(pl.col(one)).alias(one) for one in fields)


def never_lived(entities: pl.Series) -> pl.DataFrame:
    """Rows of entities whose every change was taken back."""
    return pl.DataFrame({"entity": entities}).with_columns(
        mask=pl.lit(ENDED, pl.Int64),
        ended_us=pl.lit(ALWAYS_US, pl.Int64),
        last_effective_us=pl.lit(ALWAYS_US, pl.Int64),
    )


def bits_of(mask: int, kind: Kind) -> Mapping[str, int]:
    """The fields of a mask with their bits, in the order of the kind."""
    return {name: 1 << place for place, name in enumerate(kind.names) if mask & (1 << place)}
