"""Leads: what happened to each, as events; a pure function of one lead's known history."""

from collections.abc import Iterator

import polars as pl

_KEY = ("_entity", "_epoch")
# event, the field whose new value tells it, and the column that says more of it
_TOLD_BY_AN_INSTANT = (
    ("accepted", "accepted_us", None),
    ("rejected", "rejected_us", "reject_reason"),
    ("touched", "first_touch_us", None),
    ("converted", "converted_us", None),
)


def lead_event(states: pl.DataFrame) -> pl.DataFrame:
    """One row per event of a lead: `created`, `stage` (another status), `assigned` (another owner), `accepted`,
    `rejected`, `touched`, `rated` (another rating or score), `converted` and `recycled` (revived, or a rejection that
    is taken back).

    `stage`, `owner`, `source` and `due_us` are those that stood then; `code` is the rating or the reason, `value` the
    score. An instant that the record names (`accepted_us`, ...) is the event's own, else the change's.
    """
    rows = states.filter(pl.col("_instant")).with_columns(_begins=_begins())
    parts = [part for part in _events(rows) if part.height]
    if not parts:
        return pl.DataFrame()
    found = pl.concat(parts).unique(maintain_order=True)
    return found.with_columns(pl.col("_entity").alias("lead"), pl.lit(1, pl.Int32).alias("sign"))


def _events(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    first, living = pl.col("_begins"), pl.col("living")
    said_when = pl.col("created_us").is_not_null()
    yield _rows(rows, "created", first & living, _at("created", said_when))
    yield _rows(rows, "stage", living & pl.col("status").is_not_null() & _differs("status"))
    assigned = living & pl.col("owner").is_not_null() & _differs("owner")
    yield _rows(rows, "assigned", assigned, _at("assigned", _differs("assigned_us") & _given("assigned_us")))
    for event, field, code in _TOLD_BY_AN_INSTANT:
        told = living & _given(field) & _differs(field)
        yield _rows(rows, event, told, _at(field.removesuffix("_us"), told), code=code)
    rated = living & (
        (_differs("rating") & pl.col("rating").is_not_null()) | (_differs("score") & pl.col("score").is_not_null())
    )
    yield _rows(rows, "rated", rated, code="rating", value="score")
    taken_back = living & ~first & pl.col("rejected_us").is_null() & pl.col("rejected_us").shift(1).is_not_null()
    revived = living & ~first & ~pl.col("living").shift(1)
    yield _rows(rows, "recycled", taken_back | revived)


def _begins() -> pl.Expr:
    return pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in _KEY)


def _given(field: str) -> pl.Expr:
    return pl.col(field).is_not_null()


def _differs(field: str) -> pl.Expr:
    """Whether the field is another one than in the state before (in the first state: whether it is given)."""
    return pl.col("_begins") | pl.col(field).ne_missing(pl.col(field).shift(1))


def _at(name: str, given: pl.Expr) -> dict[str, pl.Expr]:
    """The instant and day of the record where it gives them, else those of the change."""
    return {
        "eff_us": pl.when(given).then(pl.col(f"{name}_us")).otherwise(pl.col("eff_us")),
        "eff_day": pl.when(given).then(pl.col(f"{name}_day")).otherwise(pl.col("eff_day")),
    }


def _rows(
    rows: pl.DataFrame,
    event: str,
    where: pl.Expr,
    at: dict[str, pl.Expr] | None = None,
    *,
    code: str | None = None,
    value: str | None = None,
) -> pl.DataFrame:
    when = at or {"eff_us": pl.col("eff_us"), "eff_day": pl.col("eff_day")}
    return (
        rows.with_columns(**when, _holds=where.fill_null(value=False))
        .filter("_holds")
        .select(
            *_KEY,
            pl.lit(event).alias("event"),
            "eff_us",
            "eff_day",
            pl.col("status").alias("stage"),
            "owner",
            "source",
            pl.col("touch_due_us").alias("due_us"),
            (pl.col(code) if code else pl.lit(None, pl.String)).alias("code"),
            (pl.col(value) if value else pl.lit(None, pl.Int64)).alias("value"),
        )
    )
