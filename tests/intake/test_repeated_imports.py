"""The same file twice, rejects that were fixed, edits on both sides, people who move: what a second import may do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hedef.intake.models import ImportJob
from hedef.intake.services import preview, run_import
from hedef.kernel.errors import NeedsDecision, WrongUse
from hedef.kernel.instants import to_us
from hedef.ledger.queries import head
from hedef.records import services as records
from hedef.records.models import MODELS, Deal
from hedef.records.queries import state
from tests.intake.support import PIPELINE, ROSTER, assert_adds_up, counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

AGENTS = [("Ada Stone", "Holly Perry", "East"), ("Bo Lind", "Holly Perry", "East")]
WON = ("D1", "Ada Stone", "", "", "Won", "2017-03-01", "2017-03-20", "1000")
GTX_PRO = ("D1", "", "GTXPro", "", "Won", "2017-03-01", "2017-03-02", "5")
OPEN = ("D2", "Bo Lind", "", "", "Engaging", "2017-04-01", "", "")
LATER = datetime(2017, 11, 1, tzinfo=UTC)


@pytest.fixture
def roster(home: Path, tmp_path: Path) -> Path:
    return write_csv(tmp_path / "teams.csv", ROSTER, AGENTS)


@pytest.fixture
def deals(tmp_path: Path, roster: Path) -> Path:
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [WON, OPEN])
    import_files(roster, file)
    return file


def test_the_same_file_again_changes_nothing_and_seals_nothing(deals: Path) -> None:
    before = head().seal_no
    (again,) = import_files(deals)
    assert (counts(again), again.batch, again.nothing_changed) == ((0, 0, 2, 0), None, True)
    assert head().seal_no == before


def test_other_bytes_rows_in_another_order_and_other_column_order_change_nothing(deals: Path, tmp_path: Path) -> None:
    header = tuple(reversed(PIPELINE))
    shuffled = write_csv(tmp_path / "again.csv", header, [tuple(reversed(OPEN)), tuple(reversed(WON))])
    (again,) = import_files(shuffled)
    assert (counts(again), again.batch) == ((0, 0, 2, 0), None)


def test_a_then_b_then_a_again_are_three_real_batches(deals: Path, tmp_path: Path) -> None:
    changed = write_csv(tmp_path / "b.csv", PIPELINE, [(*WON[:7], "1500"), OPEN])
    (second,) = import_files(changed)
    (third,) = import_files(deals)
    assert [counts(second), counts(third)] == [(0, 1, 1, 0), (0, 1, 1, 0)]
    assert deal("D1").amount_minor == 100_000


def test_only_the_new_row_of_a_longer_file_is_created(deals: Path, tmp_path: Path) -> None:
    longer = write_csv(tmp_path / "longer.csv", PIPELINE, [WON, OPEN, ("D3", *OPEN[1:])])
    (answer,) = import_files(longer)
    assert counts(answer) == (1, 0, 2, 0)


def test_fixed_rejects_give_the_same_end_as_a_file_that_was_right_at_once(roster: Path, tmp_path: Path) -> None:
    bad = ("D4", "Bo Lind", "", "", "Wonn", "2017-05-01", "2017-05-31", "700")
    worse = ("D5", "Bo Lind", "", "", "Won", "2017-05-01", "2017-02-31", "700")
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [WON, bad, worse])
    _, first = import_files(roster, file)
    assert counts(first) == (1, 0, 0, 2)
    assert first.exit_code == 1
    rejects = ImportJob.objects.get(file_name="deals.csv").rejects_file
    told = (roster.parent / "home" / "rejects" / rejects).read_text(encoding="utf-8-sig")
    assert told.splitlines()[0].endswith("_row,_line,_code,_field,_value,_hint")
    assert 'Nearest: ""Won""' in told
    fixed = tmp_path / rejects
    fixed.write_text(told.replace("Wonn", "Won").replace("2017-02-31", "2017-06-30"), encoding="utf-8")
    (second,) = import_files(fixed, fixes=first.batch, exported_at=None)
    assert_adds_up([first, second])
    assert counts(second) == (2, 0, 0, 0)
    assert {one.close_on.isoformat() for one in Deal.objects.all()} == {"2017-03-20", "2017-05-31", "2017-06-30"}
    whole = [WON, (*bad[:4], "Won", *bad[5:]), (*worse[:6], "2017-06-30", *worse[7:])]
    (again,) = import_files(write_csv(tmp_path / "whole.csv", PIPELINE, whole))
    assert (counts(again), again.batch) == ((0, 0, 3, 0), None)


def test_an_edit_in_hedef_survives_the_next_import_of_the_old_value(deals: Path, tmp_path: Path) -> None:
    edited = deal("D1").entity
    moment = to_us(datetime(2017, 10, 15, tzinfo=UTC))
    records.change(kind="deal", entity=edited, fields={"amount_minor": 99}, effective_us=moment, actor="bo")
    renamed = write_csv(tmp_path / "b.csv", PIPELINE, [(*WON[:5], "2017-03-01", "2017-03-21", "1000"), OPEN])
    (answer,) = import_files(renamed, exported_at=LATER)
    assert counts(answer) == (0, 1, 1, 0)
    assert (deal("D1").amount_minor, deal("D1").close_on.isoformat()) == (99, "2017-03-21")
    assert not [one for one in answer.issues if "local" in one.code]


def test_changed_on_both_sides_follows_the_source_and_says_so(deals: Path, tmp_path: Path) -> None:
    moment = to_us(datetime(2017, 10, 15, tzinfo=UTC))
    records.change(kind="deal", entity=deal("D1").entity, fields={"amount_minor": 99}, effective_us=moment, actor="bo")
    changed = write_csv(tmp_path / "b.csv", PIPELINE, [(*WON[:7], "1500"), OPEN])
    (answer,) = import_files(changed, exported_at=LATER)
    assert [(one.code, one.field, one.count) for one in answer.issues] == [("overrode_local_edit", "amount_minor", 1)]
    assert deal("D1").amount_minor == 150_000


def test_a_deal_that_closes_later_closes_on_its_day_and_was_open_before(deals: Path, tmp_path: Path) -> None:
    closed = ("D2", "Bo Lind", "", "", "Lost", "2017-04-01", "2017-10-20", "0")
    import_files(write_csv(tmp_path / "b.csv", PIPELINE, [WON, closed]), exported_at=LATER)
    entity = deal("D2").entity
    morning, night = datetime(2017, 10, 20, tzinfo=UTC), datetime(2017, 10, 21, tzinfo=UTC)
    before, after = (state(entity, kind="deal", as_of_us=to_us(moment)) for moment in (morning, night))
    assert before is not None
    assert after is not None
    assert (before["status"], after["status"], after["stage"], after["amount_minor"]) == ("open", "lost", "lost", None)


def test_a_won_deal_is_open_in_its_first_stage_until_the_end_of_its_close_day(deals: Path) -> None:
    entity = deal("D1").entity
    told = [
        state(entity, kind="deal", as_of_us=to_us(datetime(2017, month, day, hour, tzinfo=UTC)))
        for month, day, hour in ((2, 28, 23), (3, 1, 0), (3, 20, 23), (3, 21, 0))
    ]
    assert told[0] is None
    assert [(one["status"], one["stage"], one["amount_minor"]) for one in told[1:] if one] == [
        ("open", "engaging", None),
        ("open", "engaging", None),
        ("won", "won", 100_000),
    ]


def test_owners_that_were_unknown_are_found_when_their_file_comes(home: Path, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [WON, OPEN])
    (first,) = import_files(file)
    assert {one.code: one.count for one in first.issues} == {"unknown_person": 2}
    assert deal("D1").owner is None
    import_files(write_csv(tmp_path / "teams.csv", ROSTER, AGENTS))
    (again,) = import_files(file, exported_at=LATER)
    assert counts(again) == (0, 2, 0, 0)
    assert deal("D1").owner is not None
    in_march = state(deal("D1").entity, kind="deal", as_of_us=to_us(datetime(2017, 3, 2, tzinfo=UTC)))
    assert in_march is not None
    assert in_march["owner"] == deal("D1").owner


def test_a_person_who_moves_leaves_the_former_team_on_the_day_of_the_export(roster: Path, tmp_path: Path) -> None:
    import_files(roster)
    moved = [("Ada Stone", "Finn Ray", "West"), AGENTS[1]]
    import_files(write_csv(tmp_path / "moved.csv", ROSTER, moved), exported_at=LATER)
    ada = MODELS["person"].objects.get(name="Ada Stone").entity
    names = dict(MODELS["team"].objects.values_list("entity", "name"))
    held = MODELS["membership"].objects.filter(person=ada).order_by("entity")
    day = LATER.date()
    assert [(names[one.team], one.from_day, one.to_day) for one in held] == [("Perry", None, day), ("Ray", day, None)]
    lines = MODELS["manager_line"].objects.filter(person=ada).order_by("entity")
    assert [(one.from_day, one.to_day) for one in lines] == [(None, day), (day, None)]


def test_a_dry_run_says_the_same_and_writes_nothing(roster: Path, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [WON, OPEN])
    before = head().seal_no
    tried = preview(files=[roster, file], actor="ada", yes=True)
    assert [counts(one) for one in tried.files] == [(2, 0, 0, 0), (2, 0, 0, 0)]
    assert [(one.dry_run, one.batch, one.job) for one in tried.files] == [(True, None, None)] * 2
    assert (head().seal_no, ImportJob.objects.count(), Deal.objects.count()) == (before, 0, 0)


def test_a_likely_product_is_asked_once_and_remembered(home: Path, tmp_path: Path) -> None:
    products = write_csv(tmp_path / "products.csv", ("product", "series", "sales_price"), [("GTX Pro", "GTX", "4821")])
    deals = write_csv(tmp_path / "deals.csv", PIPELINE, [GTX_PRO])
    with pytest.raises(NeedsDecision) as asked:
        run_import(files=[products, deals], actor="ada")
    assert [(one["column"], one["options"]) for one in asked.value.decisions] == [
        ("product:GTXPro", ["GTX Pro", "none"])
    ]
    assert ImportJob.objects.get().state == "asking"
    run_import(files=[products, deals], actor="ada", decide={"product:GTXPro": "GTX Pro"})
    line = MODELS["deal_line"].objects.get()
    assert line.product == MODELS["product"].objects.get().entity
    more = write_csv(tmp_path / "more.csv", PIPELINE, [("D2", *GTX_PRO[1:])])
    (answer,) = run_import(files=[more], actor="ada").files
    assert not [one for one in answer.issues if one.code == "unknown_product"]


@pytest.mark.parametrize(
    ("people", "joined"),
    [(["Max Brond"], True), (["Max Brond", "Max Brent"], False), (["Max Brond", "Max Brentt"], False)],
    ids=["alone", "a second as near", "a second just below 90"],
)
def test_yes_joins_the_one_likely_person_and_nobody_where_a_second_is_near(
    home: Path, tmp_path: Path, people: list[str], joined: bool
) -> None:
    roster = write_csv(
        tmp_path / "teams.csv", ROSTER, [(name.replace("Max", "Maximilian"), "Holly Perry", "") for name in people]
    )
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [("D1", "Maximilian Brandt", *WON[2:])])
    _, answer = import_files(roster, file)
    found = MODELS["deal"].objects.get().owner
    assert (found is not None) is joined
    assert [one.code for one in answer.issues if one.code == "unknown_person"] == ([] if joined else ["unknown_person"])
    if not joined:
        assert import_files(file, source="other", yes=False)  # and it stops nobody without that word either


def test_questions_of_all_files_come_at_once_with_the_words_that_answer_them(
    home: Path, tmp_path: Path, samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [samples / "salesforce_wave_sales" / f"{name}.csv" for name in ("User", "Account")]
    products = write_csv(tmp_path / "products.csv", ("product", "series", "sales_price"), [("GTX Pro", "GTX", "4821")])
    import_files(products)
    deals = write_csv(tmp_path / "deals.csv", PIPELINE, [GTX_PRO])
    with pytest.raises(NeedsDecision) as asked:
        run_import(files=[*files, deals], actor="ada")
    told = [one["column"] for one in asked.value.decisions]
    assert "product:GTXPro" in told
    assert len(told) > 1
    hint = str(asked.value.hint)
    assert all(f'--decide "{name}=' in hint for name in told)
    answers = {one["column"]: one["options"][0] for one in asked.value.decisions}
    assert len(run_import(files=[*files, deals], actor="ada", decide=answers).files) == 3


def test_a_name_that_two_people_share_is_told_apart_by_number(roster: Path, tmp_path: Path) -> None:
    import_files(roster)
    first = MODELS["person"].objects.get(name=WON[1]).entity
    twin = write_csv(tmp_path / "twin.csv", ROSTER, [(WON[1], "Another Boss", "Elsewhere")])
    (told,) = import_files(twin, source="other")
    (suspect,) = [one for one in told.issues if one.code == "duplicate_suspect"]
    assert (suspect.count, suspect.level) == (1, "warning")
    assert f"P-{first} has this name too" in suspect.hint
    second = MODELS["person"].objects.filter(name=WON[1]).exclude(entity=first).get().entity
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [WON])
    (answer,) = import_files(file, source="third")
    (unknown,) = [one for one in answer.issues if one.code == "unknown_person"]
    assert f'"{WON[1]}" is the name of P-{first} and P-{second}: say which one by its number.' in unknown.hint
    with pytest.raises(WrongUse, match=f"is the name of P-{first} and P-{second}"):
        import_files(file, source="third", decide={f"person:{WON[1]}": WON[1]})
    with pytest.raises(WrongUse, match='no person is known as "P-9999"'):
        import_files(file, source="third", decide={f"person:{WON[1]}": "P-9999"})
    (answer,) = import_files(file, source="third", decide={f"person:{WON[1]}": f"P-{second}"})
    assert counts(answer) == (0, 1, 0, 0)
    assert MODELS["deal"].objects.get().owner == second


def test_the_last_of_two_rows_with_one_key_counts(roster: Path, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [WON, (*WON[:7], "2000"), OPEN, OPEN])
    _, answer = import_files(roster, file)
    assert counts(answer) == (2, 0, 2, 0)
    assert {one.code: one.count for one in answer.issues if one.level == "warning"} == {"duplicate_in_file": 1}
    assert deal("D1").amount_minor == 200_000
    assert answer.totals[0] | {"file": "3000.00", "sealed": "2000.00", "repeated": "1000.00"} == answer.totals[0]
    assert answer.trust.level == "blocked"


def test_parents_in_the_same_file_are_found_whatever_their_order(home: Path, tmp_path: Path) -> None:
    header = ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of")
    rows = [("Child", "x", "1999", "1.5", "5", "US", "Parent"), ("Parent", "x", "1990", "2", "9", "US", "")]
    (answer,) = import_files(write_csv(tmp_path / "accounts.csv", header, rows))
    accounts = {one.name: one for one in MODELS["account"].objects.all()}
    assert accounts["Child"].parent == accounts["Parent"].entity
    assert accounts["Child"].revenue_minor == 150_000_000
    assert not answer.issues


def test_rejected_amounts_are_in_the_totals_to_the_cent(roster: Path, tmp_path: Path) -> None:
    bad = ("D4", "Bo Lind", "", "", "Wonn", "2017-05-01", "2017-05-31", "700.25")
    _, answer = import_files(roster, write_csv(tmp_path / "deals.csv", PIPELINE, [WON, bad]))
    total = {"currency": "USD", "rows": 2, "file": "1700.25", "sealed": "1000.00", "rejected": "700.25"}
    assert answer.totals == ({**total, "repeated": "0.00"},)
