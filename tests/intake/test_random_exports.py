"""Random exports one after the other, judged by a naive twin that keeps one dictionary."""

import random
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.facts.services import verify as facts_differences
from hedef.intake.engine import plan
from hedef.ledger.queries import blocks_after
from hedef.records.models import Deal, ExternalKey
from hedef.records.services import rebuild
from tests.intake.support import PIPELINE, assert_adds_up, counts, import_files, write_csv

STAGES = ("Prospecting", "Engaging", "Won", "Lost")


def some_row(dice: random.Random, key: str) -> tuple[str, ...]:
    stage = dice.choice(STAGES)
    closed = stage in ("Won", "Lost")
    close = f"2017-{dice.randint(5, 9):02d}-{dice.randint(1, 28):02d}" if closed else ""
    value = str(dice.randint(1, 3) * 100) if stage == "Won" else "0" if closed else ""
    return (key, "", "", "", stage, "2017-03-01", close, value)


def twin(rows: list[tuple[str, ...]], known: dict[str, tuple[str, ...]]) -> tuple[int, int, int, int]:
    """created, updated, unchanged, rejected; the last row of a key counts."""
    last = {row[0]: (number, row) for number, row in enumerate(rows)}
    created = sum(key not in known for key in last)
    updated = sum(key in known and known[key] != row for key, (_, row) in last.items())
    known.update({key: row for key, (_, row) in last.items()})
    return created, updated, len(rows) - created - updated, 0


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_a_series_of_exports_ends_as_the_last_word_of_each_deal(home: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    known: dict[str, tuple[str, ...]] = {}
    for number in range(8):
        rows = [some_row(dice, f"D{dice.randint(1, 12)}") for _ in range(dice.randint(1, 15))]
        dice.shuffle(rows)
        expected = twin(rows, known)
        file = write_csv(tmp_path / f"{number}.csv", PIPELINE, rows)
        (answer,) = import_files(file, exported_at=datetime(2017, 10, 1 + number, tzinfo=UTC))
        assert_adds_up([answer])
        assert counts(answer) == expected
    assert _held() == {key: _said(row) for key, row in known.items()}
    rebuild()
    assert _held() == {key: _said(row) for key, row in known.items()}
    assert facts_differences()[1] == []


def _said(row: tuple[str, ...]) -> tuple[str, str | None, int | None]:
    amount = int(row[7]) * 100 if row[7] not in ("", "0") else None
    return row[4].lower(), row[6] or None, amount


def _held() -> dict[str, tuple[str, str | None, int | None]]:
    deals = {one.entity: one for one in Deal.objects.all()}
    return {
        key: (
            deals[entity].stage,
            None if deals[entity].close_on is None else deals[entity].close_on.isoformat(),
            deals[entity].amount_minor,
        )
        for key, entity in ExternalKey.objects.filter(object="deal").values_list("ext_id", "entity")
    }


@pytest.mark.django_db
def test_every_change_of_an_import_names_its_row(home: Path, tmp_path: Path) -> None:
    rows = [some_row(random.Random(5), f"D{number}") for number in range(1, 6)]
    import_files(write_csv(tmp_path / "a.csv", PIPELINE, rows))
    numbers = {row for block in blocks_after(0, kinds={"deal"}) for row in block.table.column("file_row").to_pylist()}
    assert numbers == {1, 2, 3, 4, 5}


keyed = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 2), st.none() | st.integers(0, 2)), max_size=8)


@given(keyed)
def test_one_row_a_key_and_every_row_is_somewhere(rows: list[tuple[str, int, int | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"key": pl.String, "hash": pl.Int64, "modified_us": pl.Int64}, orient="row")
    frame = frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"))
    settled = plan.settle_duplicates(frame)
    parts = [settled.kept, settled.equal_copies, settled.replaced]
    assert sorted(row for part in parts for row in part["row"]) == list(range(1, len(rows) + 1))
    winner: dict[str, tuple[int, int]] = {}
    for number, (key, _, modified) in enumerate(rows, start=1):
        winner[key] = max(winner.get(key, (-2, 0)), (-1 if modified is None else modified, number))
    assert set(settled.kept["row"]) == {number for _, number in winner.values()}
    for part, same in ((settled.equal_copies, True), (settled.replaced, False)):
        for key, hashed in part.select("key", "hash").rows():
            assert (rows[winner[key][1] - 1][1] == hashed) is same


values = st.none() | st.integers(0, 2)


@given(new=values, said=values, ours=values, source_wins=st.booleans())
def test_a_field_is_set_only_when_the_source_moved_and_may(
    new: int | None, said: int | None, ours: int | None, source_wins: bool
) -> None:
    def frame(value: int | None) -> pl.DataFrame:
        return pl.DataFrame({"entity": [1], "x": [value]}, schema={"entity": pl.Int64, "x": pl.Int64})

    rows = frame(new).with_columns(pl.lit(1, dtype=pl.Int64).alias("row"))
    told = plan.compare(rows, frame(said), frame(ours), {"x": 1}, source_wins=source_wins)
    moved, local = new not in (said, ours) if said != ours else new != said, said != ours
    assert told.changes.height == (moved and (source_wins or not local))
    assert told.overrode.height + told.kept_local.height == (moved and local)
