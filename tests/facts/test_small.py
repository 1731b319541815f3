"""A handful of changes is folded in loops: the rows are those of the column expressions."""

from collections import Counter
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings

from hedef.facts import registry
from hedef.facts.engine import history, small
from hedef.kernel.calendar import Calendar, in_turn
from tests.facts import histories

ZONES = "America/New_York 2017-03-21=Europe/Istanbul"


def in_loops(memory: histories.InMemory, after: int, upto: int) -> dict[str, Counter]:
    """What the seals after..upto add to each table, by `engine.small`."""
    new = pl.concat([memory.store.clear(), *(rows for seal, rows in memory.frames.items() if after < seal <= upto)])
    old = memory.of_entities(new["entity"].unique()).to_dicts()
    found = {name: Counter() for name in memory.tables}
    for steps in small.histories(old, new.to_dicts(), after):
        epochs = [(seal, small.states_of(known, histories.FIELDS, "deal", memory.zone)) for seal, known in steps]
        for name in memory.tables:
            table = registry.tables()[name]
            found[name].update(small.signed(table.small, tuple(table.columns), table.measures, epochs, after))
    return found


@settings(max_examples=80)
@given(story=histories.stories())
def test_loops_and_columns_give_the_same_rows(story):
    told, _, seals = story
    plain = [replace(one, act="set", void=None) if one.act == "void" else one for one in told]
    plain = [replace(one, act="merge") if one.act == "end" and one.ord % 2 else one for one in plain]
    memory = histories.InMemory(plain, {}, zone=ZONES)
    for after, upto in ((0, seals // 2), (seals // 2, seals)):
        expected = in_loops(memory, after, upto)
        before = {name: rows.height for name, rows in memory.tables.items()}
        memory.absorb(after, upto)
        for name, rows in memory.tables.items():
            assert Counter(rows.slice(before[name]).iter_rows()) == expected[name], name


def test_every_table_of_deals_has_both_rules():
    assert all(one.small for one in registry.stored().values() if one.kinds == ("deal",))


@pytest.mark.parametrize("zones", ["UTC", "Europe/Istanbul", "America/New_York", "America/Santiago", ZONES])
def test_days_and_their_starts_are_the_same_for_one_as_for_many(zones):
    days = [date(2017, 3, 11), date(2017, 3, 12), date(2017, 3, 21), date(2017, 11, 5), date(2022, 9, 11)]
    frame = pl.DataFrame({"day": days}).with_columns(start=history.day_start(pl.col("day"), zones))
    assert frame["start"].to_list() == [small.day_start(day, zones) for day in days]
    instants = [start + offset for start in frame["start"] for offset in (-1, 0, 1, 80_000_000_000)]
    instants += [-62_135_596_800_000_000, 253_402_300_799_999_999]
    many = pl.DataFrame({"us": instants}).select(history.day_of(pl.col("us"), zones)).to_series().to_list()
    assert many == [small.company_day(us, zones) for us in instants]


def test_the_calendar_and_the_facts_agree_on_the_days_of_a_company_that_moved():
    new_york, istanbul = Calendar(time_zone="America/New_York"), Calendar(time_zone="Europe/Istanbul")
    moved = in_turn([(date.min, new_york), (date(2017, 3, 21), istanbul)])
    days = [date(2017, 3, 19), date(2017, 3, 20), date(2017, 3, 21), date(2017, 3, 22)]
    assert [moved.start_us(day) for day in days] == [small.day_start(day, ZONES) for day in days]
    instants = [start + offset for start in map(moved.start_us, days) for offset in (-1, 0, 1, 80_000_000_000)]
    assert [moved.day_of(us) for us in instants] == [small.company_day(us, ZONES) for us in instants]
    assert moved.end_us(days[1]) + 1 == moved.start_us(days[2]), "no instant lies between two days"
