"""Records without a pipeline: people, teams, accounts, products, lines, orders, activities, ranges.

Each row is one change at the record's own time. What has no time of its own exists since always, a range since its
first day, a line since its deal or order.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from hedef.intake.engine import history, plan
from hedef.intake.engine.timing import day_start_us, found_late
from hedef.intake.run import compare, keys, writer
from hedef.intake.run.call import FileRun
from hedef.intake.run.said import changes_of_source, state_of
from hedef.intake.trust.measuring import seen
from hedef.kernel.ids import spell
from hedef.kernel.instants import to_datetime, zone_of
from hedef.records.engine.kinds import ALWAYS_US, KINDS, Kind
from hedef.records.engine.names import normalise
from hedef.records.queries import people_by_key

# where a record without a created time gets it from: (its reference, the time or day of that record)
_PARENT_TIME = {
    "deal_line": ("deal", "deal", "created_us"),
    "order_line": ("order", "order", "day"),
    "invoice_line": ("invoice", "invoice", "day"),
    "activity": ("deal", "deal", "created_us"),
}

_DATED = ("order", "quote", "invoice", "payment", "cost", "feedback")  # true from the beginning of their day
_E4 = 10_000


def plan_rows(
    file: FileRun,
    kind: Kind,
    frame: pl.DataFrame,
    names: list[str],
    *,
    created_day: pl.Series | None = None,
    texts: Mapping[str, pl.Series] | None = None,
) -> tuple[pl.DataFrame, list[str]]:
    """The rows of a part as they are to be compared and written, and the fields that they speak of.

    `created_day`: where the created time is only a day. `texts`: references to rows of this very file, in words.
    """
    if created_day is None:
        created_day = pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    frame = frame.with_columns(
        created_day.alias("created_day"), *(one.alias(own_column(of)) for of, one in (texts or {}).items())
    )
    if kind.name == "activity" and {"done", "due_us"} <= set(frame.columns):
        frame, names = _done(frame, names)
    if kind.name == "manager_line" and {"person", "manager"} <= set(names):
        frame = _without_circles(file, kind, frame)
    if {"quantity_e4", "unit_price_minor"} <= set(names) and not {"amount_minor", "discount_bp"} & set(names):
        frame, names = _amounts(kind, frame, names)
    if kind.name == file.sheet.object:
        compare.with_checks(file, kind, frame)
        file.planned = seen(frame, kind.name)
    return file.kept(frame).filter(pl.col("key").is_not_null()), names


def _amounts(kind: Kind, frame: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """A line without an amount is worth its quantity times its price, rounded half away from zero."""
    if "amount_minor" not in kind.names:
        return frame, names
    exact = pl.col("quantity_e4") * pl.col("unit_price_minor")
    rounded = (exact.abs() + _E4 // 2) // _E4 * exact.sign()
    return frame.with_columns(rounded.alias("amount_minor")), [*names, "amount_minor"]


# kinds that are planned when all rows of their file are known
WHOLE = frozenset({"membership", "manager_line", "territory_hold"})


def own_column(name: str) -> str:
    """The column that keeps a reference to a row of the same file in words."""
    return f"{name}__text"


def prepared(file: FileRun, kind: Kind, frame: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """What only all rows of a file can tell: who moved, which holds a history covers."""
    if kind.name in MOVES:
        frame = _one_each(file, kind, frame, names)
        frame, names = _moved(file, kind, frame, names)
    if kind.name == "territory_hold":
        frame = _dated_holds_first(file, kind, frame, names)
    return frame, names


def rows_of(file: FileRun, kind: Kind, frame: pl.DataFrame, names: list[str], *, fresh: bool = False) -> writer.Rows:
    """Rows of a kind without a pipeline, with their times."""
    own = {name: own_column(name) for name in names if own_column(name) in frame.columns}
    timed = with_times(file, kind, frame)
    return writer.Rows(kind, kind.name, timed, names, _creates, updates(file, kind), own=own, fresh=fresh)


def note_namesakes(file: FileRun, frame: pl.DataFrame, written: writer.Written) -> None:
    """New people who bear the name of somebody known: never joined without a person's yes, never passed over."""
    if "name" not in frame.columns or written.created.is_empty():
        return
    people = {key: [one for one in them if one < file.whole.floor] for key, them in people_by_key().items()}
    told = []
    for row, name in frame.filter(pl.col("row").is_in(written.created.implode())).select("row", "name").iter_rows():
        if name and (same := people.get(normalise(name))):
            known = ", ".join(spell("person", one) for one in same)
            hint = f"{known} has this name too, and both count as people of their own. If it is one person, "
            told.append((row, name, hint + "keep to one list of people, or make them one on the page Duplicates."))
    schema = {"row": pl.Int64, "value": pl.String, "hint": pl.String}
    file.note("duplicate_suspect", "warning", pl.DataFrame(told, schema=schema, orient="row"), field_name="name")


def _done(frame: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """A vendor that only says "done" means: done when it was due."""
    if "done_us" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("done_us"))
        names = [*names, "done_us"]
    done = pl.when(pl.col("done").fill_null(value=False)).then(pl.coalesce("done_us", "due_us")).otherwise("done_us")
    return frame.with_columns(done.alias("done_us")), names


# a roster without dates says how things stand: who has another team now has left the former one
MOVES = {"membership": ("person", "role"), "manager_line": ("person", "line")}


_TWICE = {
    "membership": ("overlap_membership", "This person stands in two main teams. The last one in the file counts."),
    "manager_line": ("duplicate_in_file", "This person stands under two managers. The last one in the file counts."),
}


def _one_each(file: FileRun, kind: Kind, frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """One main team a role and one manager a line for each person: without dates two of them hold at the same time."""
    of = list(MOVES[kind.name])
    if "from_day" in names or not set(of) <= set(frame.columns):
        return frame
    told = frame.filter(pl.col("person").is_not_null()).unique("key", keep="last", maintain_order=True)
    told = told.filter(pl.col("primary").fill_null(value=False)) if "primary" in told.columns else told
    told = told.filter(pl.col("line").fill_null("solid") == "solid") if kind.name == "manager_line" else told
    lost = told.filter(~pl.struct(of).is_last_distinct()).with_columns(pl.col("key").alias("value"))
    code, hint = _TWICE[kind.name]
    file.note(code, "warning", lost, field_name="person", hint=hint)
    return frame.filter(~pl.col("key").is_in(lost["key"].implode()))


def _moved(file: FileRun, kind: Kind, frame: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """End the former range of people who moved on the day of the export, and begin the new one there."""
    if "from_day" in names or frame.is_empty():
        return frame, names
    known = keys.known(file.source, kind.name, file.call.unwritten)
    gone = known.join(frame.select("key"), on="key", how="anti")
    if gone.is_empty():
        return frame, names
    of = list(MOVES[kind.name])
    now = state_of(kind, gone["entity"]).filter(pl.col("to_day").is_null() & pl.col("ended_us").is_null())
    left = now.join(frame.select(of).unique(), on=of, how="semi", nulls_equal=True)
    left = left.filter(~pl.col("person").is_in(frame.join(known, on="key", how="semi")["person"].implode()))
    if left.is_empty():
        return frame, names
    day = day_of(file)
    _end_ranges(file, kind, left, day)
    starts = pl.when(pl.col("person").is_in(left["person"].implode())).then(pl.lit(day)).alias("from_day")
    return frame.with_columns(starts), [*names, "from_day"]


def _without_circles(file: FileRun, kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """Lines that would make somebody their own manager, directly or through others, are left out and told."""
    lines = file.kept(frame)
    if "line" in lines.columns:
        lines = lines.filter(pl.col("line").fill_null("solid") == "solid")
    if "to_day" in lines.columns:
        lines = lines.filter(pl.col("to_day").is_null())
    if not file.above:
        file.above.update(_known_managers(file, kind))
    for person in lines["person"].drop_nulls().unique():
        file.above.pop(person, None)  # who leads them now stands in the file: two may have swapped places
    closed: list[tuple[int, str]] = []
    for row, person, manager in lines.select("row", "person", "manager").drop_nulls().iter_rows():
        if way := _way_up(file.above, person, manager):
            closed.append((row, " -> ".join(spell("person", each) for each in way)))
        else:
            file.above[person] = manager
    told = pl.DataFrame(closed, schema={"row": pl.Int64, "value": pl.String}, orient="row")
    alone = kind.name == file.sheet.object  # a line beside other records of its row does not keep these out
    level = "error" if alone else "warning"
    hint = "This line would make somebody their own manager. Say who really leads whom."
    file.note("manager_cycle", level, told, field_name="manager", hint=hint)
    return frame.filter(~pl.col("row").is_in(told["row"].implode()))


def _known_managers(file: FileRun, kind: Kind) -> dict[int, int]:
    known = keys.known(file.source, kind.name, file.call.unwritten)
    now = state_of(kind, known["entity"]).filter(pl.col("to_day").is_null() & pl.col("ended_us").is_null())
    solid = now.filter(pl.col("line").fill_null("solid") == "solid")
    return dict(solid.select("person", "manager").drop_nulls().iter_rows())


def _way_up(above: Mapping[int, int], person: int, manager: int) -> list[int]:
    """From a person up to themselves; empty where that never happens."""
    way, one = [person, manager], manager
    while one != person and one in above and above[one] not in way[1:]:
        one = above[one]
        way.append(one)
    return way if one == person else []


def _dated_holds_first(file: FileRun, kind: Kind, frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """A history of holds beats the column that only shows the present one, whichever file comes first.

    Holds without dates are taken back for people whom the history covers, and not written for them later.
    """
    known = keys.known(file.source, kind.name, file.call.unwritten)
    now = state_of(kind, known["entity"]) if known.height else None
    if now is None:
        return _noted_overlaps(file, frame, names)
    living = now.filter(pl.col("ended_us").is_null())
    if "from_day" not in names:
        covered = living.filter(pl.col("from_day").is_not_null())["person"].unique()
        fresh = ~pl.col("key").is_in(known["key"].implode())
        return frame.filter(~(fresh & pl.col("person").is_in(covered.implode())))
    assumed = living.filter(pl.col("from_day").is_null() & pl.col("person").is_in(frame["person"].implode()))
    if assumed.height:
        take_back(file, kind, changes_of_source(file, kind, assumed["entity"]))
    return _noted_overlaps(file, frame, names)


def _noted_overlaps(file: FileRun, frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    if {"from_day", "to_day", "person"} <= set(names):
        twice = history.overlaps(frame.filter(pl.col("person").is_not_null()), "person")
        hint = "Two ranges of one person share days. Check where the former one ends."
        file.note("overlap_membership", "warning", twice, field_name="from", hint=hint)
    return frame


def take_back(file: FileRun, kind: Kind, rows: pl.DataFrame) -> None:
    """Void change rows that something better known replaces."""
    voids = rows.select(
        "entity",
        pl.lit("void").alias("act"),
        "effective_us",
        "precision",
        pl.lit(0, dtype=pl.Int64).alias("mask"),
        pl.col("batch").alias("void_batch"),
        pl.col("ord").alias("void_ord"),
    )
    file.writes.apply(kind.name, voids)


def _end_ranges(file: FileRun, kind: Kind, ranges: pl.DataFrame, day: date) -> None:
    begin = pl.coalesce(day_start_us("from_day", file.call.zone), pl.lit(ALWAYS_US))
    told = ranges.select(
        "entity",
        pl.max_horizontal(begin, "last_effective_us").alias("effective_us"),
        pl.lit("day").alias("precision"),
        pl.lit(day).alias("to_day"),
    )
    file.writes.apply(kind.name, told)


def day_of(file: FileRun) -> date:
    """The day of the export in the company's zone."""
    return to_datetime(file.exported_us).astimezone(zone_of(file.call.zone)).date()


def with_times(file: FileRun, kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `at_us` and `at_precision` of a record that is new."""
    zone = file.call.zone
    if kind.range:
        at = day_start_us("from_day", zone) if "from_day" in frame.columns else pl.lit(None, dtype=pl.Int64)
        return frame.with_columns(
            pl.coalesce(at, pl.lit(ALWAYS_US)).alias("at_us"),
            pl.when(at.is_null()).then(pl.lit("always")).otherwise(pl.lit("day")).alias("at_precision"),
        )
    created = pl.col("created_us") if "created_us" in frame.columns else pl.lit(None, dtype=pl.Int64)
    if kind.timeless:
        precision = pl.when(created.is_null()).then(pl.lit("always")).when("created_day").then(pl.lit("day"))
        return frame.with_columns(
            pl.coalesce(created, pl.lit(ALWAYS_US)).alias("at_us"),
            precision.otherwise(pl.lit("instant")).alias("at_precision"),
        )
    own = [created]
    if kind.name in _DATED and "day" in frame.columns:
        own.append(day_start_us("day", zone))
    own += [pl.col(name) for name in ("done_us", "due_us") if name in frame.columns and name in kind.names]
    frame = frame.with_columns(_parents(file, kind, frame))
    at = pl.coalesce(*own, pl.col("parent_us"), pl.lit(file.exported_us))
    known = (
        pl.when(created.is_not_null() & ~pl.col("created_day"))
        .then(pl.lit("instant"))
        .when(pl.coalesce(*own, pl.col("parent_us")).is_null())
        .then(pl.lit("interval"))
        .otherwise(pl.lit("day"))
    )
    return frame.with_columns(at.alias("at_us"), known.alias("at_precision"))


def _parents(file: FileRun, kind: Kind, frame: pl.DataFrame) -> pl.Series:
    nothing = pl.Series("parent_us", [None] * frame.height, dtype=pl.Int64)
    name, parent, column = _PARENT_TIME.get(kind.name, ("", "", ""))
    if name not in frame.columns or frame[name].null_count() == frame.height:
        return nothing
    told = state_of(KINDS[parent], frame[name].drop_nulls())
    at = day_start_us(column, file.call.zone) if told.schema[column] == pl.Date else pl.col(column)
    times = told.select(pl.col("entity"), at.alias("parent_us"))
    return frame.select(pl.col(name).alias("entity")).join(times, on="entity", how="left", maintain_order="left")[
        "parent_us"
    ]


def _creates(fresh: pl.DataFrame, fields: Mapping[str, int]) -> pl.DataFrame:
    return fresh.with_columns(
        pl.col("at_us").alias("effective_us"),
        pl.col("at_precision").alias("precision"),
        plan.mask_of_values(fields).alias("mask"),
    )


def updates(file: FileRun, kind: Kind) -> writer.Timed:
    """A changed range keeps its own beginning; anything else changed when the vendor says, else by the export."""
    floor, exported = file.former_us or 0, file.exported_us

    def told(changed: pl.DataFrame, fields: Mapping[str, int]) -> pl.DataFrame:
        if not file.former_unresolved:
            return timed(changed)
        references = {name: bit for name, bit in fields.items() if kind.get(name).type == "ref"}
        late, rest = found_late(changed, references)
        always = late.with_columns(pl.col("at_us").alias("effective_us"), pl.col("at_precision").alias("precision"))
        return pl.concat([always, timed(rest)], how="diagonal_relaxed")

    def timed(changed: pl.DataFrame) -> pl.DataFrame:
        if kind.range:
            return changed.with_columns(
                pl.max_horizontal("at_us", "last_us").alias("effective_us"), pl.col("at_precision").alias("precision")
            )
        modified = pl.when((pl.col("modified_us") > floor) & (pl.col("modified_us") <= exported)).then("modified_us")
        return changed.with_columns(
            pl.max_horizontal(pl.coalesce(modified, pl.lit(exported)), "last_us").alias("effective_us"),
            pl.when(modified.is_not_null()).then(pl.lit("instant")).otherwise(pl.lit("interval")).alias("precision"),
            pl.when(modified.is_null()).then(pl.lit(file.former_us, dtype=pl.Int64)).alias("not_before_us"),
        )

    return told
