"""History files become change sets in the order in which the ledger shall count them."""

from datetime import date

import polars as pl

from hedef.intake.engine import history

STAGE = {"stage": 1}


def log(*told: tuple[str, int, str | None, str]) -> pl.DataFrame:
    frame = pl.DataFrame(told, schema=["deal", "at_us", "stage", "id"], orient="row")
    return frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"))


def test_rows_of_one_instant_keep_the_order_of_the_rule() -> None:
    rows = log(("A", 5, "second", "H.9"), ("A", 5, "third", "H.10"), ("A", 1, "first", "H.30"))
    assert history.in_order(rows, "file")["stage"].to_list() == ["first", "second", "third"]
    assert history.in_order(rows, "reversed")["stage"].to_list() == ["first", "third", "second"]
    assert history.in_order(rows, "id_up")["stage"].to_list() == ["first", "second", "third"]
    assert history.in_order(rows, "id_down")["stage"].to_list() == ["first", "third", "second"]


def test_the_rule_that_ends_in_the_current_state_is_chosen() -> None:
    rows = log(("A", 5, "won", "H.1"), ("A", 5, "open", "H.2"))
    current = pl.DataFrame({"deal": ["A", "B"], "stage": ["won", "open"]})
    chosen = history.choose_order(rows, current)
    assert (chosen.rule, chosen.right, chosen.deals, chosen.sure) == ("id_down", 1, 1, True)


def test_rules_that_differ_and_never_agree_are_not_sure() -> None:
    rows = log(
        ("A", 5, "won", "H.1"),
        ("A", 5, "open", "H.2"),
        ("B", 5, "won", "H.1"),
        ("B", 5, "lost", "H.0"),
        ("B", 5, "open", "H.9"),
    )
    current = pl.DataFrame({"deal": ["A", "B"], "stage": ["open", "won"]})
    assert not history.choose_order(rows, current).sure


def test_where_no_two_rows_share_an_instant_there_is_nothing_to_ask() -> None:
    chosen = history.choose_order(log(("A", 5, "won", "H.1")), pl.DataFrame({"deal": ["A"], "stage": ["lost"]}))
    assert (chosen.rule, chosen.right, chosen.sure) == ("file", 0, True)


def test_without_a_current_state_the_order_of_the_file_counts() -> None:
    chosen = history.choose_order(log(("A", 5, "won", "H.1")), None)
    assert (chosen.rule, chosen.right, chosen.sure) == ("file", None, True)


def test_only_differences_of_whole_rows_become_changes() -> None:
    rows = log(
        ("A", 1, "new", "1"), ("B", 2, None, "2"), ("A", 3, "new", "3"), ("A", 4, "won", "4"), ("A", 5, None, "5")
    )
    told = history.differences(history.in_order(rows, "file"), STAGE)
    assert told["mask"].to_list() == [1, 0, 0, 1, 1]
    assert told["first"].to_list() == [True, True, False, False, False]


def test_stage_dates_of_one_instant_keep_the_order_of_the_process() -> None:
    rows = pl.DataFrame(
        {"deal": ["A", "B"], "row": [1, 2], "won": [9, None], "demo": [9, 4]},
        schema_overrides={"won": pl.Int64, "demo": pl.Int64},
    )
    told = history.stage_dates(rows, [("demo", "demo"), ("won", "won")], 1)
    assert told.select("deal", "at_us", "stage", "mask").rows() == [
        ("B", 4, "demo", 1),
        ("A", 9, "demo", 1),
        ("A", 9, "won", 1),
    ]


def test_ranges_that_overlap_are_named() -> None:
    rows = pl.DataFrame(
        {
            "who": [1, 1, 1, 2],
            "from_day": [date(2020, 1, 1), date(2020, 2, 1), date(2020, 2, 15), None],
            "to_day": [date(2020, 2, 1), date(2020, 3, 1), None, None],
        }
    )
    assert history.overlaps(rows, "who")["from_day"].to_list() == [date(2020, 2, 15)]
