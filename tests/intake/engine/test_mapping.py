"""Mappings: shipped, saved, met with headers, and the typed columns they give."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from hedef.intake.engine.bind import bind, used_columns
from hedef.intake.engine.decide import Decided, decide_table
from hedef.intake.engine.detect import detect
from hedef.intake.engine.guess import guess, samples_of
from hedef.intake.engine.read import read_table
from hedef.intake.engine.shapes import Bound, TextTable, TypedTable
from hedef.intake.engine.shipped import shipped_mapping, shipped_mappings
from hedef.intake.engine.sniff import sniff
from hedef.intake.engine.typed import Reading, read_fields
from hedef.intake.schema import Mapping
from hedef.kernel.instants import iso
from hedef.records.engine.kinds import KINDS

READING = Reading(zone="UTC", currency="USD", far_after=date(2036, 11, 24))


def typed(table: TextTable, mapping: Mapping, **person: str) -> tuple[TypedTable, Bound, Decided]:
    bound = bind(mapping, table.header)
    decided = decide_table(table, bound, person=person)
    return read_fields(table, bound, decided, READING), bound, decided


def from_text(text: str, mapping: dict[str, object]) -> TypedTable:
    data = text.encode()
    return typed(read_table(data, sniff(data)), Mapping.model_validate({"object": "deal", "key": "Id"} | mapping))[0]


def sample(file: Path) -> tuple[TypedTable, Bound]:
    sniffed = sniff(file)
    found = detect(sniffed.header)
    assert found.vendor is not None
    assert found.mapping is not None
    read, bound, _ = typed(read_table(file, sniffed), shipped_mapping(found.vendor, found.mapping))
    return read, bound


def from_yaml(text: str) -> Mapping:
    return Mapping.model_validate(YAML(typ="safe").load(text))


def errors(read: TypedTable) -> list[tuple[int, str]]:
    return list(read.findings.filter(pl.col("level") == "error").select("row", "code").iter_rows())


# --- documents -----------------------------------------------------------------------------------------------------


def test_the_mapping_of_the_design_page_is_a_mapping() -> None:
    mapping = from_yaml("""
source: acme-salesforce
object: deal
key: Id
scope: full
time_zone: America/New_York
exported_at: from_file_name
modified_at: LastModifiedDate
same_instant: id_down
fields:
  amount:   {column: Amount, type: money, currency: CurrencyIsoCode, decimal: ".", empty: "null"}
  close_on: {column: CloseDate, type: date, order: m/d}
  owner:    {column: OwnerId, type: person, by: external_key}
  stage:
    {column: StageName, type: stage, process: new-business,
     values: {Negotiation/Review: negotiation, "Proposal/Price Quote": proposal}}
process_start:
  new-business: [[qualification, open], [proposal, open], [negotiation, open], [won, won], [lost, lost]]
hidden_nulls: ["Select", "TBD"]
ignore: [PhotoUrl, LastViewedDate, LastReferencedDate]
""")
    assert mapping.key == ("Id",)
    assert mapping.fields["amount"][0].currency == ("CurrencyIsoCode",)
    assert mapping.modified_at[0].column == ("LastModifiedDate",)
    assert mapping.same_instant == ("id_down",)
    assert mapping.process_start["new-business"][0] == ("qualification", "open")


@pytest.mark.parametrize(
    "text", ["object: deal\nfeilds: {}", "object: deal\nfields: {amount: {column: A, type: cash}}", "key: Id"]
)
def test_a_mapping_with_an_unknown_word_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        from_yaml(text)


@pytest.mark.parametrize("name", sorted(shipped_mappings()))
def test_every_shipped_mapping_is_called_as_its_file(name: tuple[str, str]) -> None:
    mapping = shipped_mappings()[name]
    assert (mapping.vendor, mapping.shape) == name


# fields of mapping documents whose column in the records has another name, or that only steer the import
_ELSEWHERE = {
    "deal": {"lead"}, "activity": {"about", "done"}, "target_line": {"person", "starts_on", "value"},
    "stage_list": {"id", "name", "process"}, "field_list": {"id", "name", "options"},
    "activity_type_list": {"id", "name"}, "deal_split": {"deal", "person", "share", "kind"},
}  # fmt: skip
_ENDINGS = ("", "_minor", "_us", "_bp", "_e4", "_day")
_RENAMED = {"line_number": "line_no"}


@pytest.mark.parametrize("name", sorted(shipped_mappings()))
def test_shipped_mappings_only_fill_fields_that_records_have(name: tuple[str, str]) -> None:
    mapping = shipped_mappings()[name]
    for kind, fields in [(mapping.object, mapping.fields), *((part.object, part.fields) for part in mapping.also)]:
        known = set(KINDS[kind].names) if kind in KINDS else set()
        for field in fields:
            stem = _RENAMED.get(field, field)
            spellings = {stem + ending for ending in _ENDINGS} | {stem.removesuffix("_at") + "_us"}
            assert spellings & known or field in _ELSEWHERE.get(kind, ()), f"{kind}.{field}"


@pytest.mark.parametrize("name", sorted(shipped_mappings()))
def test_values_of_stages_lead_to_the_process_that_the_mapping_starts(name: tuple[str, str]) -> None:
    mapping = shipped_mappings()[name]
    for stages in mapping.process_start.values():
        ids = [stage for stage, _ in stages]
        categories = [category for _, category in stages]
        assert len(set(ids)) == len(ids)
        assert "won" in categories
        assert "lost" in categories
        for spec in mapping.fields.get("stage", ()):
            assert set(spec.values.values()) <= set(ids)


# --- samples -------------------------------------------------------------------------------------------------------

QUESTION = "export_Deals_001.csv"


def test_the_samples_hold_no_error_but_the_undecided_date(samples: Path) -> None:
    wrong = {}
    for folder in ("maven_crm", "crm_exports", "salesforce_wave_sales", "adventureworks_sales"):
        for file in sorted((samples / folder).rglob("*.csv")):
            if detect(sniff(file).header).object is not None and errors(found := sample(file)[0]):
                wrong[file.name] = errors(found)
    assert wrong == {QUESTION: [(2, "undecided_date_order")]}


def test_the_answer_of_a_person_reads_the_undecided_file(samples: Path) -> None:
    file = samples / "crm_exports/zoho" / QUESTION
    table = read_table(file, sniff(file))
    read, _, decided = typed(table, shipped_mapping("zoho", "deals"), **{"Closing Date": "m/d"})
    assert decided.questions == ()
    assert read.fields["close_on"].values.to_list()[:2] == [date(2026, 11, 15), date(2026, 10, 1)]
    assert read.fields["amount"].values.to_list()[:2] == [4_200_000, 1_240_000]


def test_maven_values_add_up_to_the_published_total(samples: Path) -> None:
    read, bound = sample(samples / "maven_crm/sales_pipeline.csv")
    won = read.fields["stage"].values == "Won"
    assert read.fields["amount"].values.filter(won).sum() == 10_005_534_00
    assert won.sum() == 4238
    assert read.fields["amount"].values.null_count() == 2089
    assert bound.unmapped == ()
    lines = read.also[0]
    assert lines["key"].values.null_count() == 0
    assert lines["quantity"].values.unique().to_list() == [10_000]


def test_the_roster_makes_regions_teams_people_and_lines(samples: Path) -> None:
    read, bound = sample(samples / "maven_crm/sales_teams.csv")
    parts = {part.name: columns for part, columns in zip(bound.also, read.also, strict=True)}
    assert {name: columns["key"].values.n_unique() for name, columns in parts.items()} == {
        "manager": 6, "region": 3, "manager_team": 6, "leads": 6, "member": 35, "manager_line": 35,
    }  # fmt: skip
    team = parts["manager_team"]
    assert sorted(set(team["handle"].values)) == ["brinkmann", "losch", "marxen", "neubert", "rouche", "sewald"]
    assert parts["leads"]["key"].values[0] == "leads:Dustin Brinkmann"
    assert set(parts["leads"]["role"].values) == {"manager"}


def test_four_decimals_of_the_orders_are_rounded_and_the_difference_is_known(samples: Path) -> None:
    read, _ = sample(samples / "adventureworks_sales/sales_order_header.csv")
    rounded = read.findings.filter((pl.col("code") == "too_many_decimals") & (pl.col("field") == "amount"))
    assert rounded.height == 5934
    file = samples / "adventureworks_sales/sales_order_header.csv"
    texts = read_table(file, sniff(file)).frame["SubTotal"].to_list()
    exact = sum((Decimal(text) for text in texts), Decimal(0))
    assert read.fields["amount"].values.sum() == (exact + read.fields["amount"].rounding["USD"]) * 100


def test_maven_revenue_is_in_millions(samples: Path) -> None:
    read, _ = sample(samples / "maven_crm/accounts.csv")
    assert read.fields["revenue"].values[0] == 1_100_040_000_00


def test_one_team_stands_behind_two_roles(samples: Path) -> None:
    read, bound = sample(samples / "salesforce_wave_sales/User.csv")
    parts = {part.name: columns for part, columns in zip(bound.also, read.also, strict=True)}
    assert sorted(set(parts["role_team"]["key"].values)) == ["Central", "East"]
    leads = parts["leads"]["key"].values.drop_nulls().to_list()
    assert leads == ["leads:W_Sales_User.19", "leads:W_Sales_User.20"]
    assert parts["member"]["key"].values.drop_nulls().len() == 11
    leading = parts["leads"]["key"].values.is_not_null()
    assert parts["leads"]["team"].values.filter(leading).to_list() == ["East", "Central"]


def test_wave_history_reads_whole_rows_with_their_deal(samples: Path) -> None:
    read, bound = sample(samples / "salesforce_wave_sales/OpportunityHistory.csv")
    assert bound.history is not None
    assert bound.history.entity == "Opportunity.External_Id__c"
    assert bound.mapping.same_instant[0] == "file_order"
    assert set(read.fields["category"].values.drop_nulls()) <= {"commit", "best_case", "pipeline", "omitted", "won"}


def test_stage_date_columns_name_stage_and_pipeline(samples: Path) -> None:
    _, bound = sample(samples / "crm_exports/hubspot/deals_export_stage_dates.csv")
    assert bound.history is not None
    assert [(one.stage, one.process, one.entered) for one in bound.history.stages[:2]] == [
        ("Discovery", "Sales Pipeline", True), ("Qualified", "Sales Pipeline", True),
    ]  # fmt: skip
    assert len(bound.history.stages) == 7
    assert bound.unmapped == ()


def test_territory_history_becomes_half_open(samples: Path) -> None:
    read, _ = sample(samples / "adventureworks_sales/sales_territory_history.csv")
    assert (read.fields["from"].values[0], read.fields["to"].values[0]) == (date(2011, 5, 31), date(2012, 11, 30))
    assert read.fields["to"].values.null_count() == 13
    assert read.key[0] == "275|2|2011-05-31 00:00:00"


def test_ids_that_passed_through_floats_meet_their_like(samples: Path) -> None:
    read, bound = sample(samples / "adventureworks_sales/sales_person.csv")
    hold = read.also[[part.object for part in bound.also].index("territory_hold")]
    assert hold["territory"].values.to_list()[:3] == [None, "2", "4"]
    assert hold["key"].values.to_list()[:2] == [None, "275|2"]


def test_the_import_sheet_makes_five_objects(samples: Path) -> None:
    read, bound = sample(samples / "crm_exports/pipedrive/sample_import.csv")
    made = {
        part.name for part, columns in zip(bound.also, read.also, strict=True) if columns["key"].values[0] is not None
    }
    assert made == {"organization", "person", "activity"}  # the note cell of the sample is blank
    activity = read.also[[part.name for part in bound.also].index("activity")]
    assert iso(activity["due_at"].values[0]) == "2024-12-05T00:00:00Z"
    assert bound.key_is_weak


def test_salesforce_booleans_of_one_or_blank_are_yes_and_no(samples: Path) -> None:
    read, _ = sample(samples / "crm_exports/salesforce/dataloader_Opportunity.csv")
    assert read.checks["closed"].values.null_count() == 0
    assert read.key[0] == "006Nq00000BGi8PIAT"
    assert read.deleted is not None
    assert read.deleted.values.drop_nulls().to_list() == []


# --- rules ---------------------------------------------------------------------------------------------------------


def test_alternatives_of_a_plain_field_fill_each_other_row_by_row() -> None:
    read = from_text(
        "Id,A,B\n1,5,x\n2,,7\n3,bad,8\n",
        {"fields": {"amount": [{"column": "A", "type": "money"}, {"column": "B", "type": "money"}]}},
    )
    assert read.fields["amount"].values.to_list() == [500, 700, None]
    assert errors(read) == [(3, "bad_money")]


def test_alternatives_of_a_reference_stay_apart() -> None:
    fields = {"owner": [{"column": "OwnerId", "type": "person"}, {"column": "Owner", "type": "person", "by": "name"}]}
    read = from_text("Id,OwnerId,Owner\n1,005x,\n2,,Ann\n", {"fields": fields})
    assert read.fields["owner"].values.to_list() == ["005x", None]
    assert read.fields["owner~2"].values.to_list() == [None, "Ann"]


def test_a_missing_key_rejects_the_row() -> None:
    read = from_text("Id,Name\n1,Ann\n,Bob\n4.88E+15,Cy\n", {"fields": {"name": "Name"}})
    assert errors(read) == [(2, "key_missing"), (3, "id_damaged")]
    assert read.rejected_rows().to_list() == [2, 3]


def test_a_weak_key_joins_its_columns_and_needs_them_all() -> None:
    mapping = {"key": ["Opportunity ID"], "weak_key": ["Account", "Name"], "fields": {"name": "Name"}}
    read = from_text("Account,Name\nAcme,Deal\n,Other\n,\n x,y\n", mapping)
    assert read.key.to_list() == ["Acme|Deal", "|Other", None, "x|y"]
    bound = bind(Mapping.model_validate({"object": "deal"} | mapping), ["Name"])
    assert (bound.key, bound.key_is_weak) == ((), False)


def test_one_wrong_cell_that_fills_two_fields_is_one_finding() -> None:
    fields = {"close_on": {"column": "C", "type": "date"}, "closed_at": {"column": "C", "type": "instant"}}
    assert errors(from_text("Id,C\n1,soon\n", {"fields": fields})) == [(1, "bad_date")]


def test_findings_name_row_column_field_and_value() -> None:
    [finding] = from_text(
        "Id,Close Date\n1,2026-02-31\n", {"fields": {"close_on": {"column": "Close Date", "type": "date"}}}
    ).findings.to_dicts()
    assert finding == {
        "row": 1, "column": "Close Date", "field": "close_on", "code": "bad_date", "level": "error",
        "value": "2026-02-31",
        "hint": "There is no such day. Fix the cell.",
    }  # fmt: skip


def test_required_fields_reject_blank_rows_once() -> None:
    read = from_text("Id,Name\n1,\n2,Ann\n", {"fields": {"name": {"column": "Name", "required": True}}})
    assert errors(read) == [(1, "required_missing")]


def test_texts_are_joined_cut_and_chosen_by_rule() -> None:
    fields = {
        "name": {"join": ["First", "Last"]},
        "handle": {"column": "Last", "take": "last_word", "lower": True},
        "domain": {"column": "Web", "extract": "^(?:https?://)?([^/]+)"},
        "status": {"constant": "open", "type": "code"},
        "role": {"column": "Last", "only_if": {"First": "A.*"}, "unless": {"Web": ".*org"}},
    }
    text = "Id,First,Last,Web\n1,Ann,Van Dyk,https://a.com/x\n2,,Bob,b.org\n3,Amy,Ho,c.org\n"
    read = from_text(text, {"fields": fields})
    assert {name: column.values.to_list() for name, column in read.fields.items()} == {
        "name": ["Ann Van Dyk", "Bob", "Amy Ho"],
        "handle": ["dyk", "bob", "ho"],
        "domain": ["a.com", "b.org", "c.org"],
        "status": ["open"] * 3,
        "role": ["Van Dyk", None, None],
    }


def test_days_begin_in_the_zone_of_the_company() -> None:
    mapping = Mapping.model_validate(
        {
            "object": "deal",
            "key": "Id",
            "time_zone": "UTC",
            "fields": {"created_at": {"column": "C", "type": "instant"}},
        }
    )
    data = b"Id,C\n1,2016-11-04 00:00:00\n"
    table = read_table(data, sniff(data))
    bound = bind(mapping, table.header)
    read = read_fields(table, bound, decide_table(table, bound), replace(READING, zone="America/New_York"))
    assert [iso(us) for us in read.fields["created_at"].values] == ["2016-11-04T04:00:00Z"]


def test_columns_of_a_rejects_file_are_ignored_and_others_reported() -> None:
    mapping = Mapping.model_validate(
        {"object": "deal", "key": "Id", "fields": {"name": "Name"}, "ignore": ["Last*Date"]}
    )
    bound = bind(mapping, ["Id", "Name", "Colour", "LastViewedDate", "_row", "_hint"])
    assert bound.unmapped == ("Colour",)
    assert bound.ignored == ("LastViewedDate", "_row", "_hint")
    assert set(used_columns(bound)) == {"Id", "Name"}


def test_a_rejects_column_is_never_taken_for_one_of_the_file() -> None:
    mapping = Mapping.model_validate({"object": "deal", "key": ["Row"], "fields": {"amount": "Value"}})
    bound = bind(mapping, ["Id", "_row", "_value"])
    assert (bound.key, dict(bound.fields), bound.missing) == ((), {}, ("amount",))


# --- guesses -------------------------------------------------------------------------------------------------------


def test_unmapped_columns_are_guessed_with_confidence_and_samples() -> None:
    data = (
        b"Id,Stage Name,Deal Amount,Loss Reason,Colour,Expected close date\n"
        b"1,Won,$5,Price,red,2026-01-01\n2,Lost,$7,Time,blue,2026-02-01\n"
    )
    table = read_table(data, sniff(data))
    names = table.header[1:]
    guesses = {one.column: one for one in guess(names, samples_of(table.frame, names), "deal")}
    assert {name: one.field for name, one in guesses.items()} == {
        "Stage Name": "stage", "Deal Amount": "amount", "Loss Reason": "lost_reason", "Colour": None,
        "Expected close date": "close_on",
    }  # fmt: skip
    assert guesses["Stage Name"].confidence >= 0.9
    assert guesses["Deal Amount"].confidence < 0.9
    assert guesses["Deal Amount"].samples == ("$5", "$7")


def test_values_that_do_not_look_like_the_field_lower_the_confidence() -> None:
    good = guess(["Close Date"], {"Close Date": ["2026-01-01"]}, "deal")[0].confidence
    bad = guess(["Close Date"], {"Close Date": ["red", "blue"]}, "deal")[0].confidence
    assert bad == round(good / 2, 4) or bad < good


def test_a_field_is_guessed_for_its_best_column_only() -> None:
    found = guess(["Amount", "Amounts"], {"Amount": ["1"], "Amounts": ["2"]}, "deal")
    assert [one.field for one in found] == ["amount", None]
