"""Facts of a home: absorbed on read, the same whatever the way, never half seen."""

import pyarrow as pa
import pytest
from django.db import transaction

from hedef.facts import segments, services
from hedef.facts.queries import Question, ask, calendar, pin, status
from hedef.facts.store import home_store
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import Refused, WrongUse
from hedef.ledger.services import open_batch, seal_batch, writing
from hedef.records.services import allocate, apply_changes, change, create, end

pytestmark = pytest.mark.django_db
START = 1_490_000_000_000_000
HOUR = 3_600_000_000
OPEN = {"process": "new", "stage": "first", "status": "open", "amount_minor": 100_000, "currency": "USD"}
STANDING = Question(
    "test/standing",
    "SELECT stage, sum(n) AS n, sum(amount_minor) AS amount FROM deal_delta WHERE eff_us <= :as_of_us "
    "GROUP BY stage HAVING sum(n) <> 0 ORDER BY stage",
)


def deal(**fields) -> int:
    return create(kind="deal", fields=OPEN | fields, effective_us=START, actor="test")


def tell(entity: int, hours: int, **fields) -> None:
    change(kind="deal", entity=entity, fields=fields, effective_us=START + hours * HOUR, actor="test")


def standing(at, hours: int = 1000) -> list[tuple]:
    rows = ask(STANDING, pin=at, params={"as_of_us": START + hours * HOUR}).as_dicts()
    return [(row["stage"], row["n"], row["amount"]) for row in rows]


def rows_of(table: str, at, columns: str = "deal") -> list[tuple]:
    found = ask(Question("test/rows", f"SELECT {columns} FROM {table} ORDER BY {columns}"), pin=at).as_dicts()
    return [tuple(row.values()) for row in found]


def test_a_pin_absorbs_what_the_ledger_has_sealed(home):
    one = deal()
    tell(one, 5, stage="second", amount_minor=120_000)
    assert standing(pin()) == [("second", 1, 120_000)]
    assert standing(pin(), hours=4) == [("first", 1, 100_000)]


def test_a_pin_does_not_move_while_others_write(home):
    one = deal()
    before = pin()
    tell(one, 5, stage="second")
    after = pin()
    assert (standing(before), standing(after)) == ([("first", 1, 100_000)], [("second", 1, 100_000)])
    assert after.version == before.version + 1


def test_what_was_known_at_a_seal_stays_answerable(home):
    one = deal()
    known = pin().watermark
    tell(one, 1, amount_minor=1)
    end(kind="deal", entity=one, effective_us=START, actor="test")
    assert standing(pin(known_no=known)) == [("first", 1, 100_000)]
    assert standing(pin(known_no=known + 1)) == [("first", 1, 1)]
    assert standing(pin()) == []
    assert rows_of("deal_now", pin(known_no=known + 1), "deal, amount_minor") == [(one, 1)]
    assert rows_of("deal_now", pin()) == []


def test_what_was_known_has_the_same_digest_in_every_later_version(home):
    one = deal()
    then = pin()
    for hour in range(20):
        tell(one, hour, amount_minor=hour)
        services.absorb()
    assert pin(known_no=then.known_no).digest == then.digest != pin().digest


def test_a_seal_that_does_not_exist_is_no_point_of_knowledge(home):
    with pytest.raises(WrongUse, match="There is no seal 99"):
        pin(known_no=99)


def test_an_undone_import_is_gone_from_its_undo_on_and_back_after_the_undo_of_the_undo(home):
    with writing(kind="import", actor="test") as batch:
        first = allocate(2)
        table = pa.table({"entity": [first, first + 1], "effective_us": [START, START], "stage": ["a", "b"]})
        apply_changes(batch=batch, kind="deal", rows=table)
    imported = pin().watermark
    undo = open_batch(kind="undo", actor="test", undoes=batch)
    seal_batch(undo)
    undone = pin()
    seal_batch(open_batch(kind="undo", actor="test", undoes=undo))
    assert rows_of("deal_now", pin(known_no=imported)) == [(first,), (first + 1,)]
    assert (standing(undone), rows_of("deal_now", undone), rows_of("stage_visit", undone)) == ([], [], [])
    assert standing(pin()) == [("a", 1, None), ("b", 1, None)]
    assert rows_of("deal_change", pin()) == [(first,), (first + 1,)]


def test_a_void_takes_its_row_away_from_then_on(home):
    one = deal()
    tell(one, 5, stage="second")
    wrong = pin()
    with writing(kind="correct", actor="test", reason="wrong moment") as batch:
        last = pa.table(
            {
                "entity": [one, one],
                "effective_us": [START + 5 * HOUR, START + 3 * HOUR],
                "act": ["void", "set"],
                "void_batch": pa.array([_last_batch(one), None], pa.int64()),
                "void_ord": pa.array([0, None], pa.int64()),
                "mask": pa.array([0, 1 << _bit("stage")], pa.int64()),
                "stage": pa.array([None, "second"]),
            }
        )
        apply_changes(batch=batch, kind="deal", rows=last)
    assert standing(wrong, hours=4) == [("first", 1, 100_000)]
    assert standing(pin(), hours=4) == [("second", 1, 100_000)]
    assert services.verify()[1] == []


def _last_batch(entity: int) -> int:
    from hedef.ledger.queries import history

    return history(entity)[-1].batch


def _bit(name: str) -> int:
    from hedef.records.engine.kinds import KINDS

    return KINDS["deal"].names.index(name)


def test_incremental_facts_equal_rebuilt_ones(home):
    for number in range(4):
        one = deal(amount_minor=number)
        tell(one, number, stage="second")
        pin()
        tell(one, number + 1, status="won", stage="won")
    before = pin(), pin(known_no=5)
    assert services.verify()[1] == []
    services.rebuild()
    after = pin(), pin(known_no=5)
    assert after[0].version == before[0].version + 1
    assert [at.digest for at in after] == [at.digest for at in before]
    assert services.verify()[1] == []


def test_many_small_segments_are_written_together_and_say_the_same(home):
    one = deal()
    for hour in range(20):
        tell(one, hour, amount_minor=hour)
        services.absorb()
    manifest = services.current()
    assert len(manifest.of("deal_delta")) <= 17
    assert standing(pin()) == [("first", 1, 19)]
    assert services.verify()[1] == []


def test_verify_finds_a_row_that_was_changed_on_the_disk(home, settings):
    import polars as pl

    deal()
    part = services.absorb().of("deal_delta")[0]
    path = settings.HEDEF.facts_dir / part.path
    pl.read_parquet(path).with_columns(amount_minor=pl.lit(999, pl.Int64)).write_parquet(path)
    assert [one["table"] for one in services.verify()[1]] == ["deal_delta"]
    services.rebuild()
    assert services.verify()[1] == []


def test_a_missing_file_is_told_with_its_cure(home, settings):
    deal()
    part = services.absorb().of("deal_delta")[0]
    (settings.HEDEF.facts_dir / part.path).unlink()
    with pytest.raises(Refused, match="missing"):
        standing(pin())


def test_killed_between_segments_and_manifest_nothing_was_said(home, settings):
    one = deal()
    former = services.absorb()
    tell(one, 1, stage="second")
    from hedef.facts.absorb import Build

    killed = Build(home_store(), former.folder, former, "UTC")
    killed.absorb(former.watermark + 1)  # its segments lie there, no manifest names them
    assert services.current() == former
    assert standing(pin()) == [("second", 1, 100_000)]
    assert services.verify()[1] == []


def test_a_version_is_created_once(home, settings):
    manifest = services.absorb()
    with pytest.raises(FileExistsError):
        segments.publish_manifest(home_store(), manifest)


def test_facts_of_a_seal_that_was_rolled_back_are_passed_over(home):
    deal()
    before = services.absorb()
    with transaction.atomic():
        deal(stage="never")
        assert ("never", 1, 100_000) in standing(pin())
        transaction.set_rollback(True)
    assert standing(pin()) == [("first", 1, 100_000)]
    assert services.current() == before
    deal(stage="instead")  # takes the same seal number
    assert standing(pin()) == [("first", 1, 100_000), ("instead", 1, 100_000)]
    assert services.current().folder == before.folder, "nothing had to be built again"
    assert services.verify()[1] == []


def test_another_company_zone_makes_the_facts_again(home):
    from hedef.definitions.queries import get
    from hedef.definitions.services import add, approve

    late_evening = 1_490_999_400_000_000  # 2017-03-31 22:30 UTC
    create(kind="deal", fields=OPEN, effective_us=late_evening, actor="test")
    before = pin()
    body = get("calendar", "company").body | {"version": 2, "time_zone": "Europe/Istanbul"}
    add(document=body, actor="test")
    approve(kind="calendar", id="company", version=2, actor="test")
    days = [[row["eff_day"].isoformat() for row in ask(_DAYS, pin=at).as_dicts()] for at in (before, pin())]
    assert days == [["2017-03-31"], ["2017-04-01"]]
    assert services.verify()[1] == []


def test_a_company_that_moves_to_another_zone_keeps_the_days_of_its_past(home):
    from hedef.definitions.queries import get
    from hedef.definitions.services import add, approve

    evenings = (1_490_999_400_000_000, 1_522_535_400_000_000)  # 22:30 UTC on 2017-03-31 and on 2018-03-31
    for late in evenings:
        create(kind="deal", fields=OPEN, effective_us=late, actor="test")
    moved = {"version": 2, "time_zone": "Europe/Istanbul", "effective_from": "2018-01-01"}
    add(document=get("calendar", "company").body | moved, actor="test")
    approve(kind="calendar", id="company", version=2, actor="test")
    assert [row["eff_day"].isoformat() for row in ask(_DAYS, pin=pin()).as_dicts()] == ["2017-03-31", "2018-04-01"]
    assert services.current().time_zone == "UTC 2018-01-01=Europe/Istanbul"


_DAYS = Question("test/days", "SELECT eff_day FROM deal_delta ORDER BY eff_day")


def test_sums_beyond_64_bits_are_refused_not_wrapped(home):
    for _ in range(3):
        deal(amount_minor=9_000_000_000_000_000_000 // 2)
    with pytest.raises(pa.ArrowInvalid):
        standing(pin())


def test_a_missing_parameter_is_named(home):
    with pytest.raises(WrongUse, match="as_of_us"):
        ask(STANDING, pin=pin())


def test_tables_of_the_caller_can_be_asked_beside_the_facts(home):
    one = deal()
    deal()
    people = pa.table({"deal": pa.array([one], pa.int64())})
    asked = Question("test/input", "SELECT d.deal FROM deal_now d JOIN chosen c ON c.deal = d.deal ORDER BY d.deal")
    assert ask(asked, pin=pin(), inputs={"chosen": people}).as_dicts() == [{"deal": one}]


def test_working_days_come_from_the_calendar(home):
    sql = (
        "SELECT working_days_between(c.day, DATE '2017-09-30') AS working, "
        "days_between(c.day, DATE '2017-09-30') AS days, c.quarter FROM calendar c WHERE c.day = DATE '2017-06-30'"
    )
    rows = ask(Question("test/days", sql), pin=pin()).as_dicts()
    assert rows == [{"working": 63, "days": 92, "quarter": "2017-Q2"}]  # 4 July and 4 September are off


def test_an_order_without_lines_counts_as_one_line_of_its_owner(home):
    person = create(kind="person", fields={"name": "Holly"}, effective_us=START, actor="test")
    header = {"owner": person, "amount_minor": 500, "currency": "USD", "status": "open"}
    bare = create(kind="order", fields=header, effective_us=START, actor="test")
    lined = create(kind="order", fields=header, effective_us=START, actor="test")
    line = create(kind="order_line", fields={"order": lined, "amount_minor": 200}, effective_us=START, actor="test")
    rows = rows_of("order_line", pin(), "order_no, order_line, person, amount_minor, currency")
    assert rows == [(bare, None, person, 500, "USD"), (lined, line, person, 200, "USD")]


def test_a_new_home_has_the_calendar_of_its_settings(home):
    assert calendar() == Calendar(country="US", time_zone="UTC", fiscal_start=1, base_currency="USD")


def test_status_lists_every_table_with_its_digest(home):
    deal()
    manifest = services.absorb()
    told = status()
    assert (told["schema"], told["watermark"], told["equal"]) == ("hedef.facts/1", manifest.watermark, True)
    assert {"name": "deal_now", "rows": 1, "digest": manifest.table_digest("deal_now").text()} in told["tables"]


def test_nothing_new_costs_two_queries(home, django_assert_max_num_queries):
    deal()
    pin()
    with django_assert_max_num_queries(2):
        pin()
