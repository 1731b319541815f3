"""What a file changes, compared with what its source last said."""

import polars as pl

from hedef.intake.engine import plan

FIELDS = {"amount_minor": 1, "stage": 2}


def rows(*told: tuple[int, str, int | None, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        told, schema={"row": pl.Int64, "key": pl.String, "amount_minor": pl.Int64, "stage": pl.String}, orient="row"
    )
    return frame.with_columns(
        plan.row_hash(frame, ["amount_minor", "stage"]), pl.lit(None, dtype=pl.Int64).alias("modified_us")
    )


def state(*told: tuple[int, int | None, str | None]) -> pl.DataFrame:
    schema = {"entity": pl.Int64, "amount_minor": pl.Int64, "stage": pl.String}
    return pl.DataFrame(told, schema=schema, orient="row")


def test_the_order_of_columns_plays_no_part_in_the_hash() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert plan.row_hash(frame, ["a", "b"]).to_list() == plan.row_hash(frame.select("b", "a"), ["b", "a"]).to_list()


def test_a_missing_value_is_not_an_empty_text() -> None:
    frame = pl.DataFrame({"b": ["", None]})
    assert plan.row_hash(frame, ["b"]).n_unique() == 2


def test_the_last_row_of_a_key_wins_and_equal_copies_are_no_replacement() -> None:
    settled = plan.settle_duplicates(rows((1, "A", 5, None), (2, "B", 1, None), (3, "A", 7, None), (4, "A", 7, None)))
    assert settled.kept["row"].to_list() == [2, 4]
    assert settled.equal_copies["row"].to_list() == [3]
    assert settled.replaced["row"].to_list() == [1]


def test_the_newest_row_of_a_key_wins_over_its_place_in_the_file() -> None:
    frame = rows((1, "A", 5, None), (2, "A", 7, None)).with_columns(pl.Series("modified_us", [20, 10]))
    assert plan.settle_duplicates(frame).kept["row"].to_list() == [1]


def test_known_keys_with_the_same_row_are_unchanged() -> None:
    frame = rows((1, "A", 5, "x"), (2, "B", 1, "x"), (3, "C", 2, "x"))
    known = pl.DataFrame(
        {"key": ["A", "B"], "entity": [10, 11], "last_hash": [frame["hash"][0], 0]},
        schema={"key": pl.String, "entity": pl.Int64, "last_hash": pl.Int64},
    )
    joined = plan.judged(frame.join(known, on="key", how="left", maintain_order="left"))
    assert joined.select("key", "entity", "verdict").rows() == [
        ("A", 10, "unchanged"),
        ("B", 11, "update"),
        ("C", None, "create"),
    ]


def changed(new: tuple[int | None, str | None]) -> pl.DataFrame:
    return rows((1, "A", *new)).with_columns(pl.lit(10, dtype=pl.Int64).alias("entity"))


def test_only_fields_that_the_source_changed_are_set() -> None:
    told = plan.compare(changed((7, "x")), state((10, 5, "x")), state((10, 5, "x")), FIELDS, source_wins=True)
    assert told.changes.select("entity", "mask", "amount_minor", "stage").rows() == [(10, 1, 7, None)]
    assert told.overrode.is_empty()
    assert told.kept_local.is_empty()


def test_a_value_that_vanished_is_set_to_null() -> None:
    told = plan.compare(changed((5, None)), state((10, 5, "x")), state((10, 5, "x")), FIELDS, source_wins=True)
    assert told.changes.select("mask", "stage").rows() == [(2, None)]


def test_an_edit_in_hedef_stays_while_the_source_repeats_its_old_value() -> None:
    told = plan.compare(changed((5, "y")), state((10, 5, "x")), state((10, 99, "x")), FIELDS, source_wins=True)
    assert told.changes.select("mask", "stage").rows() == [(2, "y")]


def test_changed_on_both_sides_follows_the_precedence_of_the_source() -> None:
    arguments = (changed((7, "x")), state((10, 5, "x")), state((10, 99, "x")), FIELDS)
    theirs = plan.compare(*arguments, source_wins=True)
    assert theirs.changes["amount_minor"].to_list() == [7]
    assert theirs.overrode.rows() == [(1, "amount_minor")]
    ours = plan.compare(*arguments, source_wins=False)
    assert ours.changes.is_empty()
    assert ours.kept_local.rows() == [(1, "amount_minor")]


def test_a_field_of_the_history_file_is_left_alone() -> None:
    told = plan.compare(
        changed((7, "y")),
        state((10, 5, "x")),
        state((10, 5, "x")),
        FIELDS,
        source_wins=True,
        untouched={"stage": pl.Series([10])},
    )
    assert told.changes.select("mask", "amount_minor").rows() == [(1, 7)]


def test_the_source_never_spoke_of_the_entity() -> None:
    told = plan.compare(changed((7, None)), state(), state((10, None, None)), FIELDS, source_wins=True)
    assert told.changes.select("mask", "amount_minor").rows() == [(1, 7)]


def test_what_a_source_last_said_is_read_field_by_field() -> None:
    changes = pl.DataFrame(
        {"entity": [1, 1, 2], "mask": [3, 2, 1], "amount_minor": [5, None, 9], "stage": ["a", None, None]}
    )
    told = plan.last_said(changes, FIELDS)
    assert told.rows() == [(1, 5, None), (2, 9, None)]
