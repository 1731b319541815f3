"""File and ledger side by side: count and sum by currency, stage and owner, to the cent, with what explains a gap."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hedef.access.services import create_user
from hedef.intake.queries import newest_states
from hedef.intake.run.reconcile import Sides
from hedef.kernel.errors import WrongUse
from hedef.records import services as records
from hedef.records.models import Deal
from hedef.settings import now
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


# --- control totals ---------------------------------------------------------------------------------------------------


def test_control_totals_that_agree_are_silent(deals, tmp_path):
    answer = more(tmp_path, *ROWS, NEW, control_totals={"USD": "1320.16"}, control_rows=4)
    assert "control_total" not in codes(answer)
    assert reconciled().level == "trusted"


def test_a_control_total_that_is_a_cent_off_blocks_and_says_both_figures(deals, tmp_path):
    answer = more(tmp_path, *ROWS, NEW, control_totals={"USD": "1320.17"})
    assert (reconciled().level, reconciled().rows, reconciled().what) == ("blocked", 1, "control:USD")
    (told,) = [one for one in answer.issues if one.code == "control_total"]
    assert told.hint.startswith("The control total says 1320.17 USD, the rows of the file add up to 1320.16.")


def test_a_missing_row_is_found_by_its_number(deals, tmp_path):
    answer = more(tmp_path, *ROWS, NEW, control_rows=5)
    assert (answer.trust.level, reconciled().rows, reconciled().what) == ("blocked", 1, "control:rows")


def test_a_file_that_changes_nothing_is_compared_too(deals):
    (answer,) = import_files(deals, control_rows=4)
    assert (answer.batch, answer.trust.level, codes(answer)) == (None, "blocked", ["control_total"])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Grand Totals (4 records),,,,,,,1320.16", None),
        ("Grand Totals (4 records),,,,,,,1320.15", "control:USD"),
        ("Grand Totals (5 records),,,,,,,1320.16", "control:rows"),
        ("Grand Totals (4 records)", None),
    ],
)
def test_the_own_total_line_of_a_report_is_compared_with_its_rows(deals, tmp_path, line, found):
    file = write_csv(tmp_path / "more.csv", PIPELINE, [*ROWS, NEW])
    file.write_text(file.read_text() + line + "\n")
    import_files(file, exported_at=LATER)
    assert (reconciled().level, reconciled().what) == (("blocked", found) if found else ("trusted", ""))


def test_control_totals_belong_to_one_file_and_name_a_currency(deals, tmp_path):
    second = write_csv(tmp_path / "second.csv", PIPELINE, [NEW])
    with pytest.raises(WrongUse, match="belong to one file"):
        import_files(deals, second, control_rows=4)
    with pytest.raises(WrongUse, match="is no currency"):
        import_files(second, control_totals={"EURO": "4"})
    with pytest.raises(WrongUse, match="smallest unit"):
        import_files(second, control_totals={"EUR": "4.005"})


def test_totals_typed_on_the_upload_page_come_with_the_import(deals, tmp_path, client):
    made = create_user(username="olga", name="Olga", roles=["operations"], now=now())
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    file = write_csv(tmp_path / "more.csv", PIPELINE, [*ROWS, NEW])
    bad = {"files": SimpleUploadedFile("more.csv", file.read_bytes()), "control": "EURO=1"}
    assert "is no currency" in client.post("/intake/upload", bad, follow=True).content.decode()
    form = {"files": SimpleUploadedFile("more.csv", file.read_bytes()), "control": "usd=1320.17", "control_rows": "4"}
    page = client.post("/intake/upload", form, follow=True)
    assert "1320.17" in page.content.decode()
    client.post(page.redirect_chain[-1][0], {"import": "1"})
    assert (reconciled().level, reconciled().what) == ("blocked", "control:USD")
