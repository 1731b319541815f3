"""File and ledger side by side: count and sum by currency, stage and owner, to the cent, with what explains a gap."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hedef.intake.queries import newest_states
from hedef.intake.run.reconcile import Sides
from hedef.records import services as records
from hedef.records.models import Deal
from tests.intake.support import PIPELINE, ROSTER, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

AGENTS = [("Ada Stone", "Holly Perry", "East"), ("Bo Lind", "Holly Perry", "East")]
ROWS = [
    ("D1", "Ada Stone", "", "", "Won", "2017-03-01", "2017-03-20", "1000.10"),
    ("D2", "Ada Stone", "", "", "Won", "2017-03-01", "2017-03-21", "200.05"),
    ("D3", "Bo Lind", "", "", "Engaging", "2017-04-01", "", "50"),
]
NEW = ("D4", "Bo Lind", "", "", "Won", "2017-04-01", "2017-04-20", "70.01")
LATER, LATEST = datetime(2017, 11, 1, tzinfo=UTC), datetime(2017, 12, 1, tzinfo=UTC)


@pytest.fixture
def deals(home: Path, tmp_path: Path) -> Path:
    roster = write_csv(tmp_path / "teams.csv", ROSTER, AGENTS)
    file = write_csv(tmp_path / "deals.csv", PIPELINE, ROWS)
    import_files(roster, file)
    return file


def reconciled():
    return next(one for one in newest_states(objects=["deal"]) if one.check_name == "reconciliation")


def more(tmp_path: Path, *rows: tuple[str, ...], when: datetime = LATER, **options):
    return import_files(write_csv(tmp_path / "more.csv", PIPELINE, rows), exported_at=when, **options)[0]


def codes(answer) -> list[str]:
    return [one.code for one in answer.issues]


def test_groups_differ_by_rows_and_cents_the_largest_first():
    eur, usd = ("EUR", "won", 1), ("USD", "won", 1)
    sides = Sides(
        Counter({eur: 3, usd: 1}), Counter({eur: 1_000, usd: 500}), Counter({eur: 2, usd: 1}), Counter({eur: 990})
    )
    first, second = sides.differences()
    assert (first.group, first.size, second.group, second.size) == (usd, 500, eur, 11)
    assert str(second) == ("EUR, stage won, owner 1: the file has 3 rows, 10.00 EUR, the ledger 2 rows, 9.90 EUR")


def test_new_updated_and_unchanged_rows_agree_with_the_ledger(deals, tmp_path):
    assert (reconciled().level, reconciled().rows) == ("trusted", 0)
    answer = more(tmp_path, ROWS[0], (*ROWS[1][:7], "300"), ROWS[2], NEW)
    assert (answer.counts.created, answer.counts.updated, answer.counts.unchanged) == (1, 1, 2)
    assert (reconciled().level, reconciled().rows, reconciled().judged) == ("trusted", 0, 4)


def test_a_cent_that_the_ledger_lacks_blocks_and_names_its_group(deals, tmp_path):
    one = deal("D2")
    Deal.objects.filter(entity=one.entity).update(amount_minor=20_004)  # 200.04, though nobody said so
    answer = more(tmp_path, *ROWS, NEW)
    found = reconciled()
    assert (found.level, found.rows) == ("blocked", 1)
    assert found.what == f"group:USD, stage won, owner {one.owner}"
    assert answer.trust.level == "blocked"
    (told,) = [one for one in answer.issues if one.code == "not_reconciled"]
    assert told.hint.startswith(
        f"USD, stage won, owner {one.owner}: the file has 2 rows, 1200.15 USD, the ledger 2 rows, 1200.14 USD."
    )


def test_a_deal_under_another_owner_is_a_difference_of_two_groups(deals, tmp_path):
    Deal.objects.filter(entity=deal("D1").entity).update(owner=deal("D3").owner)
    more(tmp_path, *ROWS, NEW)
    assert (reconciled().level, reconciled().rows) == ("blocked", 2 * (100_010 + 1))


def test_a_record_that_is_gone_from_the_ledger_is_a_row_and_its_cents(deals, tmp_path):
    Deal.objects.filter(entity=deal("D3").entity).delete()
    more(tmp_path, *ROWS, NEW)
    assert (reconciled().level, reconciled().rows) == ("blocked", 5_001)


def test_what_a_person_changed_here_is_no_difference(deals, tmp_path):
    one = deal("D1")
    records.correct(kind="deal", entity=one.entity, fields={"amount_minor": 5}, actor="ada", reason="typed wrong")
    more(tmp_path, *ROWS, NEW, when=LATEST)
    assert deal("D1").amount_minor == 5
    assert (reconciled().level, reconciled().rows) == ("trusted", 0)


def test_an_export_of_the_past_is_no_difference(deals, tmp_path):
    more(tmp_path, (*ROWS[0][:7], "900"), when=LATEST)
    more(tmp_path, (*ROWS[0][:7], "950"), NEW, when=LATER)
    assert (reconciled().level, reconciled().rows) == ("trusted", 0)


def test_rejected_and_repeated_rows_are_no_difference(deals, tmp_path):
    wrong = ("D5", "Bo Lind", "", "", "Won", "2017-02-31", "2017-04-20", "9")
    answer = more(tmp_path, *ROWS, NEW, NEW, wrong)
    assert answer.counts.rejected == 1
    assert (reconciled().level, reconciled().rows) == ("trusted", 0)


def test_parts_reconcile_as_the_whole_file_does(deals, tmp_path):
    Deal.objects.filter(entity=deal("D2").entity).update(amount_minor=20_000)
    more(tmp_path, *ROWS, NEW, part_rows=2)
    assert (reconciled().level, reconciled().rows) == ("blocked", 5)
