"""Ambiguities are decided by evidence in the whole column, else asked."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.intake.engine.bind import bind
from hedef.intake.engine.decide import Decided, decide_table
from hedef.intake.engine.detect import detect
from hedef.intake.engine.read import read_table
from hedef.intake.engine.shapes import Decision
from hedef.intake.engine.shipped import shipped_mapping
from hedef.intake.engine.sniff import sniff
from hedef.intake.schema import Mapping


def decide(rows: list[dict[str, str]], fields: dict[str, object], **options: object) -> Decided:
    names = list(rows[0])
    lines = ["\t".join(names), *("\t".join(row[name] for name in names) for row in rows)]
    data = ("\n".join(lines) + "\n").encode()
    mapping = Mapping.model_validate({"object": "deal", "key": "Id", "fields": fields})
    sniffed = sniff(data)
    return decide_table(read_table(data, sniffed), bind(mapping, sniffed.header), **options)  # type: ignore[arg-type]


def column(name: str, *texts: str) -> list[dict[str, str]]:
    return [{"Id": str(number), name: text} for number, text in enumerate(texts)]


DATE = {"close_on": {"column": "Close", "type": "date"}}
MONEY = {"amount": {"column": "Amount", "type": "money"}}


@pytest.mark.parametrize(
    ("texts", "value", "proof"),
    [
        (("13/01/2026", "10/01/2026"), "d/m", {"d/m": 1, "m/d": 0}),
        (("01/13/2026", "10/01/2026", "1/31/26 10:00 PM"), "m/d", {"d/m": 0, "m/d": 2}),
        (("10/01/2026", "31/02/2026"), None, {"d/m": 0, "m/d": 0}),
        (("13.01.2026", "13.01.2026"), "d/m", {"d/m": 2, "m/d": 0}),
    ],
)
def test_parts_over_twelve_prove_the_date_order(
    texts: tuple[str, ...], value: str | None, proof: dict[str, int]
) -> None:
    [decision] = decide(column("Close", *texts), DATE).decisions
    assert (decision.what, decision.value, decision.proof) == ("date_order", value, proof)
    assert decision.by == ("evidence" if value else None)


def test_days_that_no_calendar_has_prove_no_order() -> None:
    """31/11 and 29/02 of a common year are no days under either order: no proof, no question of their own."""
    assert decide(column("Close", "31/11/2026", "29/02/2026", "45/45/2026"), DATE).decisions == ()
    [asked] = decide(column("Close", "29/02/2026", "10/01/2026"), DATE).decisions
    assert (asked.value, asked.proof) == (None, {"d/m": 0, "m/d": 0})
    [proven] = decide(column("Close", "29/02/2028", "29/02/00", "10/01/2026"), DATE).decisions
    assert (proven.value, proven.proof) == ("d/m", {"d/m": 2, "m/d": 0})


def test_dates_in_iso_need_no_decision() -> None:
    assert decide(column("Close", "2026-01-02", "", "03/03/2026"), DATE).decisions == ()


def test_dates_in_two_orders_are_told_with_their_rows_and_asked() -> None:
    decided = decide(column("Close", "13/01/2026", "01/13/2026", "01/14/2026"), DATE)
    [question] = decided.questions
    assert question.proof == {"d/m": 1, "m/d": 2}
    assert "d/m in rows 1; m/d in rows 2, 3" in (question.message or "")
    assert [issue.code for issue in decided.issues] == ["mixed_date_order"]


def test_a_sibling_of_the_same_shape_decides() -> None:
    fields = DATE | {"created_at": {"column": "Made", "type": "instant"}}
    rows = [
        {"Id": "1", "Close": "10/01/2026", "Made": "13/01/2026"},
        {"Id": "2", "Close": "2026-01-01", "Made": "1/2/2026"},
    ]
    decided = decide(rows, fields)
    assert decided.value("Close", "date_order") == "d/m"
    assert decided.value("Made", "date_order") == "d/m"


def test_a_sibling_of_another_shape_does_not_decide() -> None:
    fields = DATE | {"created_at": {"column": "Made", "type": "instant"}}
    rows = [{"Id": "1", "Close": "10/01/2026", "Made": "13.01.2026"}]
    assert decide(rows, fields).value("Close", "date_order") is None


def test_then_the_saved_mapping_decides_and_the_earlier_import_too() -> None:
    rows = column("Close", "10/01/2026")
    mapped = {"close_on": {"column": "Close", "type": "date", "order": "m/d"}}
    [decision] = decide(rows, mapped).decisions
    assert (decision.value, decision.by) == ("m/d", "mapping")
    saved = [Decision("Close", "date_order", "d/m", by="person")]
    [decision] = decide(rows, DATE, saved=saved).decisions
    assert (decision.value, decision.by) == ("d/m", "mapping")


def test_evidence_beats_the_mapping_and_a_person_beats_evidence() -> None:
    rows = column("Close", "13/01/2026")
    mapped = {"close_on": {"column": "Close", "type": "date", "order": "m/d"}}
    assert decide(rows, mapped).value("Close", "date_order") == "d/m"
    [decision] = decide(rows, mapped, person={"close": "m/d"}).decisions
    assert (decision.value, decision.by) == ("m/d", "person")


@pytest.mark.parametrize(
    ("texts", "value", "proof"),
    [
        (("42,000", "$12,400.00"), ".", {".": 1, ",": 0}),
        (("42.000", "1.234,50"), ",", {".": 0, ",": 1}),
        (("42.000", "1.234"), None, {".": 0, ",": 0}),
        (("1,5", "1.5"), None, {".": 1, ",": 1}),
        (("1.234.567", "42.000"), ",", {".": 0, ",": 1}),
        (("1.2345", "5"), ".", {".": 1, ",": 0}),
    ],
)
def test_the_last_mark_and_groups_of_three_prove_the_decimal_mark(
    texts: tuple[str, ...], value: str | None, proof: dict[str, int]
) -> None:
    [decision] = decide(column("Amount", *texts), MONEY).decisions
    assert (decision.what, decision.value, decision.proof) == ("decimal_mark", value, proof)


def test_a_column_without_a_mark_needs_no_decision() -> None:
    assert decide(column("Amount", "42000", "", "-5"), MONEY).decisions == ()


def test_the_money_columns_of_a_file_share_their_mark() -> None:
    fields = MONEY | {"recurring": {"column": "Monthly", "type": "money"}}
    rows = [{"Id": "1", "Amount": "1.234", "Monthly": "12,50"}]
    decided = decide(rows, fields)
    assert decided.value("Amount", "decimal_mark") == ","
    assert decided.questions == ()


@pytest.mark.parametrize(
    ("texts", "scale", "value"),
    [
        (("45", "0"), None, "percent"),
        (("45%", "0.5"), None, "percent"),
        (("0.5", "1"), None, None),
        (("0.5", "1"), "fraction", "fraction"),
        (("1", "1"), None, None),
    ],
)
def test_rates_over_one_are_per_cent_and_others_are_asked(
    texts: tuple[str, ...], scale: str | None, value: str | None
) -> None:
    fields = {"probability": {"column": "P", "type": "percent", "scale": scale}}
    decided = decide(column("P", *texts), fields)
    assert decided.value("P", "scale") == value
    assert len([one for one in decided.decisions if one.what == "scale"]) == 1


def test_rates_that_are_all_zero_need_no_decision() -> None:
    assert decide(column("P", "0", "00", ""), {"probability": {"column": "P", "type": "percent"}}).decisions == ()


@pytest.mark.parametrize(
    ("midnights", "others", "value"), [(99, 1, "day"), (98, 2, "instant"), (5, 0, "day"), (0, 3, "instant")]
)
def test_a_time_column_of_midnights_is_a_day_column(midnights: int, others: int, value: str) -> None:
    texts = ["2026-01-01 00:00:00"] * midnights + ["2026-01-01 10:00:00"] * others
    [decision] = decide(column("Made", *texts), {"created_at": {"column": "Made", "type": "instant"}}).decisions
    assert (decision.what, decision.value, decision.proof) == (
        "precision",
        value,
        {"day": midnights, "instant": others},
    )


@pytest.mark.parametrize(
    "text", ["2026-01-01", "2026-01-01T00:00:00.000+0000", "1/2/2026 12:00 AM", "15 Apr, 2021 00:00:00"]
)
def test_midnight_is_written_in_many_ways(text: str) -> None:
    decided = decide(column("Made", text), {"created_at": {"column": "Made", "type": "instant"}})
    assert decided.value("Made", "precision") == "day"


def test_x_against_blank_is_yes_against_no_only_without_another_word() -> None:
    fields = {"won": {"column": "Won", "type": "boolean"}}
    assert decide(column("Won", "1", "", "1"), fields).value("Won", "boolean") == "blank_is_false"
    assert decide(column("Won", "x", ""), fields).value("Won", "boolean") == "blank_is_false"
    assert decide(column("Won", "1", "0", ""), fields).decisions == ()


def test_decisions_are_shown_with_their_proof() -> None:
    [decision] = decide(column("Close", "13/01/2026"), DATE).decisions
    assert decision.as_json() == {
        "column": "Close", "what": "date_order", "value": "d/m", "proof": {"d/m": 1, "m/d": 0}, "by": "evidence",
    }  # fmt: skip


def test_the_one_sample_whose_dates_decide_nothing_ends_with_a_question(samples: Path) -> None:
    asked = {}
    for file in sorted((samples / "crm_exports").glob("*/*.csv")):
        sniffed = sniff(file)
        found = detect(sniffed.header)
        if found.object is None or found.mapping is None or found.vendor is None:
            continue
        bound = bind(shipped_mapping(found.vendor, found.mapping), sniffed.header)
        decided = decide_table(read_table(file, sniffed), bound)
        if decided.questions:
            asked[file.name] = [(one.column, one.what, one.options) for one in decided.questions]
    assert asked == {"export_Deals_001.csv": [("Closing Date", "date_order", ("d/m", "m/d"))]}


@given(st.lists(st.dates(), max_size=30), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
@settings(max_examples=50, deadline=None)
def test_a_column_written_in_one_order_is_never_read_in_the_other(days: list[object], form: str) -> None:
    texts = [day.strftime(form).zfill(10) for day in days] or [""]  # type: ignore[attr-defined]
    decided = decide(column("Close", *texts), DATE)
    wrong = "m/d" if form.startswith("%d") else "d/m"
    assert decided.value("Close", "date_order") != wrong


def test_the_question_of_a_decimal_mark_shows_a_cell_of_the_file() -> None:
    data = b'Id,Amount\n1,7\n2,"42,000"\n3,"8,500"\n'
    mapping = Mapping.model_validate(
        {"object": "deal", "key": "Id", "fields": {"amount": {"column": "Amount", "type": "money"}}}
    )
    table = read_table(data, sniff(data))
    (asked,) = decide_table(table, bind(mapping, table.header)).questions
    assert asked.message is not None
    assert 'row 2: is "42,000" more than a thousand or less?' in asked.message
