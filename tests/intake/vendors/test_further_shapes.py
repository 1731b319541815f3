"""Exports in other languages, offers, columns of a company's own: small files in the shapes the vendors document."""

import json
from pathlib import Path

import pytest

from hedef.intake.engine.languages import english
from hedef.intake.schema import Mapping
from hedef.records.models import MODELS
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

QUOTE = ("Record Id", "Quote Owner", "Quote Number", "Subject", "Quote Stage", "Valid Until", "Deal Name.id")
QUOTE += ("Sub Total", "Discount", "Tax", "Adjustment", "Grand Total", "Created Time")


def test_quotes_of_zoho_are_kept_beside_their_deal_and_are_no_orders(home: Path, tmp_path: Path) -> None:
    header = ("Record Id", "Deal Name", "Stage", "Closing Date", "Amount", "Created Time")
    made = "2024-02-01 10:00:00"
    deals = write_csv(tmp_path / "Deals_001.csv", header, [("1", "Van", "Qualification", "2024-05-20", "1000", made)])
    right = ("61", "", "Q-1", "Van", "Delivered", "2024-03-31", "1", "1,000.00", "100", "90", "10", "1,000.00", made)
    wrong = ("62", "", "Q-2", "Van", "Draft", "2024-03-31", "1", "1,000.00", "0", "0", "0", "999.00", made)
    quotes = write_csv(tmp_path / "Quotes_001.csv", QUOTE, [right, wrong])
    _, answer = import_files(deals, quotes)
    assert (answer.object, counts(answer)) == ("quote", (2, 0, 0, 0))
    assert {one.code: one.count for one in answer.issues if not one.code.startswith("unknown")} == {"check_conflict": 1}
    told = MODELS["quote"].objects.order_by("entity").values_list("number", "deal", "status", "amount_minor")
    assert list(told) == [("Q-1", deal("1").entity, "Delivered", 100_000), ("Q-2", deal("1").entity, "Draft", 100_000)]
    assert not MODELS["order"].objects.exists()


TURKISH = ("Anlaşma - ID", "Anlaşma - Başlık", "Anlaşma - Değer", "Anlaşma - Para birimi", "Anlaşma - Aşama")
TURKISH += ("Anlaşma - Satış hattı", "Anlaşma - Durum", "Anlaşma - Anlaşma oluşturuldu", "Anlaşma - Kazanma zamanı")
GERMAN = ("Deal - ID", "Deal - Titel", "Deal - Wert", "Deal - Währung von Wert", "Deal - Phase", "Deal - Pipeline")
GERMAN += ("Deal - Status", "Deal - Deal erstellt", "Deal - Gewonnen am")


@pytest.mark.parametrize(("header", "won"), [(TURKISH, "Kazanıldı"), (GERMAN, "Gewonnen")])
def test_deals_of_pipedrive_are_read_in_the_language_of_their_user(
    home: Path, tmp_path: Path, header: tuple[str, ...], won: str
) -> None:
    made, at = "2024-01-02 09:00:00", "2024-02-20 10:00:00"
    rows = [
        ("1", "Van", "100", "EUR", "Demo", "Main", won, made, at),
        ("2", "Bus", "70", "EUR", "Demo", "Main", "", made, ""),
    ]
    (answer,) = import_files(write_csv(tmp_path / "deals.csv", header, rows), decide={"main": "Demo > Won > Lost"})
    assert (answer.vendor["name"], answer.object, counts(answer)) == ("pipedrive", "deal", (2, 0, 0, 0))
    assert [(deal(one).status, deal(one).amount_minor, deal(one).currency) for one in ("1", "2")] == [
        ("won", 10_000, "EUR"),
        ("open", 7_000, "EUR"),
    ]


def test_a_prefix_that_nobody_knows_is_told_by_the_words_behind_it() -> None:
    header = ("Affär - Titel", "Affär - Wert", "Affär - Phase", "Affär - Egenskap")
    assert english(header) == {
        "Deal - Title": "Affär - Titel",
        "Deal - Value": "Affär - Wert",
        "Deal - Stage": "Affär - Phase",
        "Deal - Egenskap": "Affär - Egenskap",
    }
    assert english(("Deal - Title", "Deal - Value", "Deal - Stage")) == {}


DYNAMICS_TR = ("(Değiştirmeyin) Fırsat", "(Değiştirmeyin) Satır Sağlama Toplamı", "(Değiştirmeyin) Değiştirilme Tarihi")
DYNAMICS_TR += ("Konu", "Tahmini Gelir", "Gerçekleşen Gelir", "Para Birimi", "Tahmini Kapanış Tarihi")
DYNAMICS_TR += ("Gerçekleşen Kapanış Tarihi", "Durum", "Durum Açıklaması", "İşlem Hattı Aşaması", "Oluşturma Tarihi")
DYNAMICS_DE = ("(Nicht ändern) Verkaufschance", "(Nicht ändern) Zeilenprüfsumme", "(Nicht ändern) Geändert am", "Thema")
DYNAMICS_DE += ("Geschätzter Umsatz", "Tatsächlicher Umsatz", "Währung", "Geschätztes Abschlussdatum")
DYNAMICS_DE += ("Tatsächliches Abschlussdatum", "Status", "Statusgrund", "Pipelinephase", "Erstellt am")


@pytest.mark.parametrize(
    ("header", "states", "phases"),
    [
        (DYNAMICS_TR, ("Açık", "Kazanıldı", "Kaybedildi"), ("2-Geliştir", "4-Kapat", "3-Öner")),
        (DYNAMICS_DE, ("Offen", "Gewonnen", "Verloren"), ("2-Entwickeln", "4-Abschließen", "3-Vorschlagen")),
    ],
)
def test_opportunities_of_dynamics_are_read_in_other_languages(
    home: Path, tmp_path: Path, header: tuple[str, ...], states: tuple[str, ...], phases: tuple[str, ...]
) -> None:
    keys = [f"{at}f1e2d3c-0000-0000-0000-00000000000{at}" for at in (1, 2, 3)]
    made, changed, due = "2024-01-02 09:00", "2024-03-01 10:00", ("EUR", "2024-05-01")
    rows = [
        (keys[0], "x", changed, "A", "1000", "", *due, "", states[0], "", phases[0], made),
        (keys[1], "x", changed, "B", "1000", "900", *due, "2024-02-20", states[1], "", phases[1], made),
        (keys[2], "x", changed, "C", "1000", "", *due, "2024-02-21", states[2], "Price", phases[2], made),
    ]
    (answer,) = import_files(write_csv(tmp_path / "opportunities.csv", header, rows))
    assert (answer.vendor["name"], counts(answer)) == ("dynamics", (3, 0, 0, 0))
    assert [(deal(one).stage, deal(one).status, deal(one).amount_minor, deal(one).lost_reason) for one in keys] == [
        ("develop", "open", 100_000, None),
        ("won", "won", 90_000, None),
        ("lost", "lost", 100_000, "Price"),
    ]


def test_why_a_deal_of_hubspot_was_won_is_kept(home: Path, tmp_path: Path) -> None:
    header = (
        "Record ID",
        "Deal Name",
        "Pipeline",
        "Deal Stage",
        "Amount",
        "Create Date",
        "Close Date",
        "Closed Won Reason",
    )
    rows = [("7", "Van", "Sales Pipeline", "Closed Won", "100", "2024-01-02 09:00", "2024-02-02 09:00", "Best support")]
    import_files(write_csv(tmp_path / "deals.csv", header, rows))
    assert deal("7").won_reason == "Best support"


OWN = """
vendor: files
object: deal
source: acme
key: Id
fields:
  name: Title
  amount: {column: Amount, type: money}
  created_at: {column: Made, type: instant}
  "custom:Tier": {column: Tier, type: code}
  "custom:Renewal day": {column: Renews, type: date}
"""


def test_columns_of_a_company_s_own_are_kept_and_follow_the_file(home: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "own.yaml"
    mapping.write_text(OWN)
    header, made = ("Id", "Title", "Amount", "Made", "Tier", "Renews"), "2024-01-02 09:00"
    first = write_csv(
        tmp_path / "a.csv", header, [("1", "Van", "5", made, "Gold", "2024-05-31"), ("2", "Bus", "5", made, "", "")]
    )
    import_files(first, mapping=mapping, source="acme")
    assert json.loads(deal("1").extra) == {"Renewal day": "2024-05-31", "Tier": "Gold"}
    assert deal("2").extra is None
    (again,) = import_files(
        write_csv(tmp_path / "b.csv", header, [("1", "Van", "5", made, "Silver", "")]), source="acme"
    )
    assert counts(again) == (0, 1, 0, 0)
    assert json.loads(deal("1").extra) == {"Tier": "Silver"}


def test_a_file_with_other_columns_of_its_own_replaces_only_these(home: Path, tmp_path: Path) -> None:
    own, other = tmp_path / "own.yaml", tmp_path / "other.yaml"
    own.write_text(OWN)
    other.write_text(OWN.replace('  "custom:Renewal day": {column: Renews, type: date}\n', ""))
    header, made = ("Id", "Title", "Amount", "Made", "Tier", "Renews"), "2024-01-02 09:00"
    row = ("1", "Van", "5", made, "Gold", "2024-05-31")
    import_files(write_csv(tmp_path / "a.csv", header, [row]), mapping=own, source="acme")
    bare = write_csv(tmp_path / "b.csv", header[:5], [("1", "Van", "5", made, "")])
    (told,) = import_files(bare, mapping=other, source="acme")
    assert (counts(told), json.loads(deal("1").extra)) == ((0, 1, 0, 0), {"Renewal day": "2024-05-31"})
    dearer = write_csv(tmp_path / "c.csv", header[:5], [("1", "Van", "6", made, "")])
    import_files(dearer, mapping=other, source="acme")
    assert json.loads(deal("1").extra) == {"Renewal day": "2024-05-31"}
    whole = write_csv(tmp_path / "d.csv", header, [("1", "Van", "6", made, "Iron", "")])
    import_files(whole, mapping=own, source="acme")
    assert json.loads(deal("1").extra) == {"Tier": "Iron"}


def test_a_column_is_kept_as_a_field_of_its_own_by_a_word_on_the_command_line(home: Path, tmp_path: Path) -> None:
    header = ("Deal ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Colour")
    row = ("7", "Van", "Sales Pipeline", "Contract Sent", "100", "2024-01-02 09:00", "red")
    (told,) = import_files(write_csv(tmp_path / "deals.csv", header, [row]), decide={"Colour": "custom"})
    assert json.loads(deal("7").extra) == {"Colour": "red"}
    assert ("Colour", "custom", "person") in {(one["column"], one["value"], one["by"]) for one in told.decisions}


def test_a_column_of_its_own_is_no_amount() -> None:
    with pytest.raises(ValueError, match="cannot be of type money"):
        Mapping.model_validate({"object": "deal", "fields": {"custom:X": {"column": "X", "type": "money"}}})
