"""When a snapshot's values became true: creation, closing, the vendor's field times, the export. Pure.

A snapshot says what is, not since when. Creation stands at the created time, won and lost at the close time, the
rest at the time of the vendor's last change, else at the export with the former export as its lower bound.
"""

from collections.abc import Mapping, Sequence

import polars as pl

DAY_US = 86_400_000_000

# what a deal has from its beginning; everything else is only known to be true when the source was read
AT_CREATION = (
    "created_us",
    "name",
    "account",
    "contact",
    "process",
    "owner",
    "source",
    "campaign",
    "deal_type",
    "record_type",
)


def day_start_us(column: str, zone: str) -> pl.Expr:
    """First microsecond of a day in the zone. A midnight that a clock change left out begins an hour later."""
    local = pl.col(column).cast(pl.Datetime("us"))
    if zone == "UTC":
        return local.to_physical()
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = local.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(there, later).dt.convert_time_zone("UTC").to_physical()


def day_end_us(column: str, zone: str) -> pl.Expr:
    """Last microsecond of a day in the zone."""
    local = pl.col(column).dt.offset_by("1d").cast(pl.Datetime("us"))
    if zone == "UTC":
        return local.to_physical() - 1
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = local.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(there, later).dt.convert_time_zone("UTC").to_physical() - 1


def closing_us(rows: pl.DataFrame, *, zone: str, exported_us: int) -> pl.Expr:
    """The instant at which a decided deal closed: its close time, else the end of its close day, never before its
    creation and, where the day of the export itself is named, not after the export."""
    known = [pl.col("closed_us")] if "closed_us" in rows.columns else []
    if "close_on" in rows.columns:
        end = day_end_us("close_on", zone)
        today = (day_start_us("close_on", zone) <= exported_us) & (end > exported_us)
        known.append(pl.when(today).then(pl.lit(exported_us)).otherwise(end))
    known.append(pl.col("modified_us"))
    known.append(pl.lit(exported_us))
    return pl.max_horizontal(pl.coalesce(known), pl.col("created_us"))


def first_rows(
    rows: pl.DataFrame, fields: Mapping[str, int], *, exported_us: int, decided: Sequence[str]
) -> pl.DataFrame:
    """Change rows of deals that are new: their creation, then what the snapshot says of them.

    rows: `row`, `entity`, the fields, `created_us`, `created_day` bool, `modified_us`, `stage_us` (vendor's time of
    the stage), `first_stage` (stage at creation, null = unknown), `stage_known` (the stage has times of its own),
    `status`, `closing_us` and `closes_by_day` (the close time is only a day). Returns entity, row, effective_us,
    not_before_us, precision, mask and the fields.
    """
    return pl.concat(
        [
            _creations(rows, fields, exported_us=exported_us),
            _stage_rows(rows, fields, decided=decided),
            _snapshots(rows, fields, exported_us=exported_us, decided=decided),
        ],
        how="diagonal",
    )


def _creations(rows: pl.DataFrame, fields: Mapping[str, int], *, exported_us: int) -> pl.DataFrame:
    names = [name for name in AT_CREATION if name in fields]
    mask = _bits(fields, names) + fields.get("status", 0)
    if "stage" in fields:
        mask = mask + pl.when(pl.col("first_stage").is_not_null()).then(fields["stage"]).otherwise(0)
    precision = (
        pl.when(pl.col("created_us").is_null())
        .then(pl.lit("interval"))
        .when(pl.col("created_day"))
        .then(pl.lit("day"))
        .otherwise(pl.lit("instant"))
    )
    return rows.select(
        "entity",
        "row",
        _beginning(exported_us).alias("effective_us"),
        pl.lit(None, dtype=pl.Int64).alias("not_before_us"),
        precision.alias("precision"),
        mask.cast(pl.Int64).alias("mask"),
        pl.lit("open").alias("status"),
        pl.col("first_stage").alias("stage"),
        *names,
    )


def _beginning(exported_us: int) -> pl.Expr:
    return pl.coalesce(
        pl.col("created_us"), pl.min_horizontal("closing_us", "modified_us", "stage_us"), pl.lit(exported_us)
    )


def _open_stage_known(decided: Sequence[str]) -> pl.Expr:
    return pl.col("stage_us").is_not_null() & ~pl.col("status").is_in(list(decided))


def _stage_rows(rows: pl.DataFrame, fields: Mapping[str, int], *, decided: Sequence[str]) -> pl.DataFrame:
    """Open deals whose vendor tells since when they stand in their stage."""
    found = rows.filter(_open_stage_known(decided) & ~pl.col("stage_known"))
    names = [name for name in ("stage", "status") if name in fields]
    return found.select(
        "entity",
        "row",
        pl.max_horizontal("stage_us", "created_us").alias("effective_us"),
        pl.lit(None, dtype=pl.Int64).alias("not_before_us"),
        pl.lit("instant").alias("precision"),
        _bits(fields, names).cast(pl.Int64).alias("mask"),
        *names,
    )


def _snapshots(
    rows: pl.DataFrame, fields: Mapping[str, int], *, exported_us: int, decided: Sequence[str]
) -> pl.DataFrame:
    """What the snapshot says beyond the creation: at the closing of decided deals, else at the last change."""
    names = [name for name in fields if name not in AT_CREATION]
    is_decided = pl.col("status").is_in(list(decided))
    staged = _open_stage_known(decided)
    timed = pl.max_horizontal(pl.coalesce(pl.col("modified_us"), pl.lit(exported_us)), pl.col("created_us"))
    precision = (
        pl.when(is_decided & pl.col("closes_by_day"))
        .then(pl.lit("day"))
        .when(is_decided | pl.col("modified_us").is_not_null())
        .then(pl.lit("instant"))
        .otherwise(pl.lit("interval"))
    )
    mask = _bits(fields, [name for name in names if name not in ("stage", "status")])
    staged = staged | pl.col("stage_known")
    if "stage" in fields:
        news = pl.col("stage").is_not_null() & pl.col("stage").ne_missing(pl.col("first_stage")) & ~staged
        mask = mask + pl.when(news).then(fields["stage"]).otherwise(0)
    if "status" in fields:
        mask = mask + pl.when((pl.col("status") != "open") & ~staged).then(fields["status"]).otherwise(0)
    found = rows.select(
        "entity",
        "row",
        pl.when(is_decided).then(pl.col("closing_us")).otherwise(timed).alias("effective_us"),
        pl.when(precision == "interval").then(pl.col("created_us")).alias("not_before_us"),
        precision.alias("precision"),
        mask.cast(pl.Int64).alias("mask"),
        *names,
    )
    return found.filter(pl.col("mask") != 0)


def _bits(fields: Mapping[str, int], names: Sequence[str]) -> pl.Expr:
    parts = [
        pl.when(pl.col(name).is_not_null()).then(pl.lit(fields[name], dtype=pl.Int64)).otherwise(0) for name in names
    ]
    return pl.sum_horizontal(parts) if parts else pl.lit(0, dtype=pl.Int64)


def update_rows(
    changes: pl.DataFrame,
    fields: Mapping[str, int],
    *,
    exported_us: int,
    former_us: int | None,
    decided: Sequence[str],
) -> pl.DataFrame:
    """Times of changed fields of known deals. changes: `entity`, `row`, `mask`, the changed fields, the new `status`
    as `status_now`, `modified_us`, `stage_us`, `closing_us`, and `last_us` (the newest change Hedef knows).

    A change is never put before what is already known of the deal: the newest word of a source must win.
    """
    is_closing = pl.col("status_now").is_in(list(decided)) & (pl.col("mask") & _status_bits(fields) != 0)
    floor = former_us if former_us is not None else 0
    modified = pl.when((pl.col("modified_us") > floor) & (pl.col("modified_us") <= exported_us)).then("modified_us")
    staged = pl.when((pl.col("stage_us") > floor) & (pl.col("stage_us") <= exported_us)).then("stage_us")
    moves = pl.col("mask") & _status_bits(fields) != 0
    found = (
        pl.when(is_closing)
        .then(pl.col("closing_us"))
        .when(moves)
        .then(pl.coalesce(staged, modified, pl.lit(exported_us)))
        .otherwise(pl.coalesce(modified, pl.lit(exported_us)))
    )
    precise = is_closing | modified.is_not_null() | (moves & staged.is_not_null())
    effective = pl.max_horizontal(found, pl.col("last_us"))
    return changes.with_columns(
        effective.alias("effective_us"),
        pl.when(precise).then(pl.lit("instant")).otherwise(pl.lit("interval")).alias("precision"),
        pl.when(~precise).then(pl.lit(former_us, dtype=pl.Int64)).alias("not_before_us"),
    )


def found_late(changes: pl.DataFrame, references: Mapping[str, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part references that an earlier import could not find from what really changed.

    changes: `mask`, the fields, and `<field>__said` as `plan.compare` leaves them. A reference that was empty and is
    known now was always so: its row belongs to the beginning of the record. Returns (late, rest).
    """
    bits = [
        pl.when(pl.col(f"{name}__said").is_null() & pl.col(name).is_not_null())
        .then(pl.col("mask") & pl.lit(bit, dtype=pl.Int64))
        .otherwise(0)
        for name, bit in references.items()
        if f"{name}__said" in changes.columns
    ]
    if not bits:
        return changes.clear(), changes
    late = pl.sum_horizontal(bits)
    return (
        changes.with_columns(late.alias("mask")).filter(pl.col("mask") != 0),
        changes.with_columns((pl.col("mask") - late).alias("mask")).filter(pl.col("mask") != 0),
    )


def _status_bits(fields: Mapping[str, int]) -> pl.Expr:
    return pl.lit(fields.get("stage", 0) | fields.get("status", 0), dtype=pl.Int64)
