"""Blocks give back what was put in, in both formats, and keep words apart."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.ledger.engine import JSON_ROWS, batch_digest, changes_of, decode, encode, fields_of, kind_of

FIELDS = ("amount", "name", "day", "flag")
SALT = bytes(range(16))


def table(rows, first=0):
    n = len(rows)
    return pa.table(
        {
            "ord": pa.array(range(first, first + n), pa.int64()),
            "entity": pa.array(range(100, 100 + n), pa.int64()),
            "act": pa.array(["set"] * n),
            "effective_us": pa.array([0] * n, pa.int64()),
            "mask": pa.array([15] * n, pa.int64()),
            "amount": pa.array([row[0] for row in rows], pa.int64()),
            "name": pa.array([row[1] for row in rows], pa.string()),
            "day": pa.array([row[2] for row in rows], pa.date32()),
            "flag": pa.array([row[3] for row in rows], pa.bool_()),
        }
    )


ROW = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    st.none() | st.dates(),
    st.none() | st.booleans(),
)


@given(st.lists(ROW, min_size=1, max_size=JSON_ROWS + 5), st.integers(0, 10**9))
def test_a_block_gives_back_its_rows_in_both_formats(rows, first):
    given_table = table(rows, first)
    block = encode(given_table, kind="deal", fields=FIELDS, word_fields={"name"}, salt=SALT)
    assert block.format == ("json" if len(rows) <= JSON_ROWS else "parquet")
    assert (block.first_ord, block.n) == (first, len(rows))
    back = decode(block)
    assert back.select(given_table.column_names).to_pylist() == given_table.to_pylist()
    assert (kind_of(back), fields_of(back)) == ("deal", FIELDS)


@pytest.mark.parametrize("n", [3, 100])
def test_the_numbers_drawer_holds_no_word(n):
    block = encode(
        table([(1, "Gül Işık", None, None)] * n), kind="deal", fields=FIELDS, word_fields={"name"}, salt=SALT
    )
    assert "Gül Işık".encode() not in block.numbers
    assert "name" not in decode(block, words=False).column_names
    assert decode(block).column("name").to_pylist() == ["Gül Işık"] * n


def test_the_words_digest_is_salted():
    rows = table([(1, "Gül", None, None)])
    one, two = (
        encode(rows, kind="deal", fields=FIELDS, word_fields={"name"}, salt=salt) for salt in (SALT, SALT[::-1])
    )
    assert one.digest == two.digest
    assert one.words_digest != two.words_digest


def test_a_change_knows_which_fields_are_part_of_it():
    rows = table([(1, None, date(2020, 1, 2), True)]).set_column(4, "mask", pa.array([0b0011], pa.int64()))
    block = encode(rows, kind="deal", fields=FIELDS, word_fields={"name"}, salt=SALT)
    (change,) = changes_of(decode(block), seal_no=3, batch=9)
    assert change.fields == {"amount": 1, "name": None}
    assert (change.number, change.batch, change.kind) == ((3, 0), 9, "deal")


def test_unknown_columns_and_gaps_in_the_numbers_are_refused():
    rows = table([(1, None, None, None)] * 2)
    with pytest.raises(ValueError, match="no column flag"):
        encode(rows, kind="deal", fields=FIELDS[:3], word_fields=(), salt=SALT)
    with pytest.raises(ValueError, match="without gaps"):
        encode(
            rows.set_column(0, "ord", pa.array([0, 5], pa.int64())),
            kind="deal",
            fields=FIELDS,
            word_fields=(),
            salt=SALT,
        )


def test_the_batch_digest_covers_the_former_digest_the_header_and_each_block():
    base = ("a", {"kind": "edit"}, [(0, "deal", 0, 1, "json", "x")])
    digests = {
        batch_digest(*base),
        batch_digest("b", *base[1:]),
        batch_digest("a", {"kind": "edit "}, base[2]),
        batch_digest("a", base[1], [(0, "deal", 0, 1, "json", "y")]),
        batch_digest("a", base[1], []),
    }
    assert len(digests) == 5
