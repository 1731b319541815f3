"""Every file of the public samples alone: what it gives, what it asks, or why it is refused. Rows always add up."""

from pathlib import Path
from typing import Any

import pytest

from hedef.intake.services import run_import
from hedef.kernel.errors import NeedsDecision, WrongUse
from hedef.records.models import MODELS, Deal
from tests.intake.support import assert_adds_up, counts

pytestmark = pytest.mark.django_db

# object, (created, updated, unchanged, rejected), other records of the same rows, codes of what was found
GIVES: dict[str, tuple[str | None, tuple[int, int, int, int], dict[str, int], set[str]]] = {
    "adventureworks_sales/sales_order_header.csv": (
        "order",
        (31465, 0, 0, 0),
        {},
        {"too_many_decimals", "unknown_account", "unknown_person"},
    ),
    "adventureworks_sales/sales_person.csv": ("person", (17, 0, 0, 0), {"territory_hold": 14}, {"unknown_territory"}),
    "adventureworks_sales/sales_person_quota_history.csv": ("target_line", (0, 0, 0, 163), {}, {"plan_missing"}),
    "adventureworks_sales/sales_territory.csv": ("territory", (10, 0, 0, 0), {"territory": 3}, set()),
    "adventureworks_sales/sales_territory_history.csv": (
        "territory_hold",
        (0, 0, 0, 17),
        {},
        {"unknown_person", "unknown_territory"},
    ),
    "crm_exports/headers_reference.csv": (None, (0, 0, 0, 0), {}, {"not_data"}),
    "crm_exports/hubspot/deals_export_stage_dates.csv": ("deal", (30, 0, 0, 0), {}, {"stage_before_create"}),
    "crm_exports/hubspot/dummy_hubspot_companies.csv": ("account", (200, 0, 0, 0), {}, {"unknown_person"}),
    "crm_exports/hubspot/dummy_hubspot_contacts.csv": (
        "contact",
        (950, 0, 0, 0),
        {"lead": 349},
        {"unknown_account", "unknown_person"},
    ),
    "crm_exports/hubspot/dummy_hubspot_deals.csv": (
        "deal",
        (500, 0, 0, 0),
        {},
        {"unknown_account", "unknown_contact", "unknown_person"},
    ),
    "crm_exports/pipedrive/api_recents_response_with_null.json": (
        "contact",
        (3, 0, 0, 0),
        {},
        {"unknown_account", "unknown_person"},
    ),
    "crm_exports/pipedrive/sample_import.csv": (
        "deal",
        (1, 0, 0, 0),
        {"account": 1, "contact": 1, "activity": 1},
        set(),
    ),
    "crm_exports/pipedrive_change_log/activity.csv": (
        "activity",
        (2267, 0, 6, 0),
        {},
        {"duplicate_in_file", "unknown_deal", "unknown_person"},
    ),
    "crm_exports/pipedrive_change_log/activity_types.csv": ("activity_type_list", (0, 0, 4, 0), {}, set()),
    "crm_exports/pipedrive_change_log/deal_changes.csv": (
        "deal_history",
        (993, 6687, 0, 0),
        {},
        {"id_reused", "unknown_person"},
    ),
    "crm_exports/pipedrive_change_log/fields.csv": ("field_list", (0, 0, 4, 0), {}, set()),
    "crm_exports/pipedrive_change_log/stages.csv": ("stage_list", (0, 0, 9, 0), {}, set()),
    "crm_exports/pipedrive_change_log/users.csv": ("person", (1787, 0, 0, 0), {}, set()),
    "crm_exports/salesforce/dataloader_Account.csv": ("account", (94, 0, 0, 0), {}, {"unknown_person"}),
    "crm_exports/salesforce/dataloader_Contact.csv": (
        "contact",
        (64, 0, 0, 0),
        {},
        {"unknown_account", "unknown_person"},
    ),
    "crm_exports/salesforce/dataloader_Lead.csv": ("lead", (14, 0, 0, 0), {}, {"unknown_person"}),
    "crm_exports/salesforce/dataloader_Opportunity.csv": (
        "deal",
        (58, 0, 0, 0),
        {},
        {"close_before_create", "unknown_account", "unknown_person"},
    ),
    "crm_exports/salesforce/sfdx_tree_Opportunitys.json": ("deal", (278, 0, 0, 0), {}, set()),
    "crm_exports/zoho/Accounts.csv": ("account", (2229, 0, 0, 0), {}, {"unknown_person"}),
    "crm_exports/zoho/Contacts.csv": ("contact", (1265, 0, 0, 0), {}, {"unknown_account", "unknown_person"}),
    "crm_exports/zoho/Leads.csv": ("lead", (3900, 0, 0, 0), {}, {"status_conflict", "unknown_person"}),
    "crm_exports/zoho/Potentials.csv": (
        "deal",
        (2035, 0, 0, 0),
        {},
        {"check_conflict", "probability_conflict", "unknown_person"},
    ),
    "crm_exports/zoho/Users.csv": ("person", (11, 0, 0, 0), {}, set()),
    "crm_exports/zoho/export_Accounts_001.csv": ("account", (2, 0, 0, 0), {}, set()),
    "it_win_prediction/Win_Prediction_Data.csv": (
        "deal",
        (10047, 0, 14, 0),
        {},
        {"lost_with_amount_zero", "unknown_person", "won_without_amount"},
    ),
    "it_win_prediction/data_dictionary.csv": (None, (0, 0, 0, 0), {}, {"not_data"}),
    "maven_crm/accounts.csv": ("account", (85, 0, 0, 0), {}, set()),
    "maven_crm/data_dictionary.csv": (None, (0, 0, 0, 0), {}, {"not_data"}),
    "maven_crm/products.csv": ("product", (7, 0, 0, 0), {"price": 7}, set()),
    "maven_crm/sales_pipeline.csv": (
        "deal",
        (8800, 0, 0, 0),
        {"deal_line": 8800},
        {"lost_with_amount_zero", "unknown_account", "unknown_person", "unknown_product"},
    ),
    "maven_crm/sales_teams.csv": (
        "person",
        (35, 0, 0, 0),
        {"person": 6, "team": 9, "membership": 41, "manager_line": 35},
        set(),
    ),
    "salesforce_wave_sales/Account.csv": ("account", (2733, 0, 0, 0), {}, {"unknown_person"}),
    "salesforce_wave_sales/Event.csv": ("activity", (5382, 0, 0, 0), {}, {"unknown_about", "unknown_person"}),
    "salesforce_wave_sales/Lead.csv": (
        "lead",
        (900, 0, 0, 0),
        {},
        {"unknown_account", "unknown_contact", "unknown_deal", "unknown_person"},
    ),
    "salesforce_wave_sales/Manager.csv": ("manager_line", (0, 0, 0, 11), {}, {"unknown_person"}),
    "salesforce_wave_sales/Opportunity.csv": (
        "deal",
        (3553, 0, 0, 0),
        {},
        {"unknown_account", "unknown_person", "won_without_amount"},
    ),
    "salesforce_wave_sales/OpportunityHistory.csv": ("deal_history", (3553, 8244, 35, 0), {}, set()),
    "salesforce_wave_sales/OpportunityLineItem.csv": ("deal_line", (0, 0, 0, 3553), {}, {"unknown_deal"}),
    "salesforce_wave_sales/PricebookEntry.csv": ("price", (0, 0, 0, 11), {}, {"unknown_product"}),
    "salesforce_wave_sales/Product2.csv": ("product", (11, 0, 0, 0), {}, set()),
    "salesforce_wave_sales/Quota.csv": ("target_line", (0, 0, 0, 264), {}, {"plan_missing"}),
    "salesforce_wave_sales/Task.csv": ("activity", (5368, 0, 0, 0), {}, {"unknown_about", "unknown_person"}),
    "salesforce_wave_sales/User.csv": ("person", (13, 0, 0, 0), {"team": 2, "membership": 13}, set()),
    "salvirt_b2b/Salvirt_B2B_ML_dataset.csv": ("deal", (448, 0, 0, 0), {}, {"unknown_person"}),
    "x_education_leads/Leads.csv": ("lead", (9240, 0, 0, 0), {}, set()),
    "x_education_leads/data_dictionary.csv": (None, (0, 0, 0, 0), {}, {"not_data"}),
}
ASKS = {
    "crm_exports/hubspot/api_v3_responses.json": "list",
    "crm_exports/zoho/export_Deals_001.csv": "Closing Date",
}
NO_RECORDS = (  # series of numbers, calculations and a table of customers: not what a CRM holds
    "comp_examples/comp_examples.csv",
    "comp_examples/comp_examples.json",
    "telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv",
    "timeseries_small/PBS_dataset.csv",
    "timeseries_small/Uschange.csv",
    "timeseries_small/monthly-car-sales.csv",
    "timeseries_small/monthly-shampoo-sales.csv",
    "timeseries_small/monthly-writing-paper-sales.csv",
    "timeseries_small/monthly_champagne_sales.csv",
    "m3_competition/m3_monthly.csv",
    "m3_competition/m3_other.csv",
    "m3_competition/m3_quarterly.csv",
    "m3_competition/m3_yearly.csv",
    "m3_competition/published_results.csv",
)
LARGE = {"adventureworks_sales/reseller_sales_lines.csv.gz", "online_retail/online_retail.csv.gz"}


def import_one(file: Path, **options: Any) -> Any:
    answers = run_import(files=[file], actor="ada", yes=True, **options).files
    assert_adds_up(answers)
    return answers[0]


def test_every_sample_file_has_its_answer_here(samples: Path) -> None:
    there = {str(one.relative_to(samples)) for one in samples.rglob("*") if one.suffix in (".csv", ".json", ".gz")}
    assert there == {*GIVES, *ASKS, *NO_RECORDS, *LARGE}


@pytest.mark.parametrize("name", sorted(GIVES))
def test_a_sample_file_gives_its_records(home: Path, samples: Path, name: str) -> None:
    answer = import_one(samples / name)
    object_, told, also, codes = GIVES[name]
    assert (answer.object, counts(answer)) == (object_, told)
    assert {one["object"]: one["created"] for one in answer.also} == also
    assert {one.code for one in answer.issues} == codes


@pytest.mark.parametrize("name", sorted(ASKS))
def test_a_sample_file_asks_its_question(home: Path, samples: Path, name: str) -> None:
    with pytest.raises(NeedsDecision) as asked:
        import_one(samples / name)
    assert [one["column"] for one in asked.value.decisions] == [ASKS[name]]


@pytest.mark.parametrize("name", NO_RECORDS)
def test_a_file_without_records_of_a_crm_is_refused(home: Path, samples: Path, name: str) -> None:
    with pytest.raises(WrongUse, match="fit no known export") as refused:
        import_one(samples / name)
    assert refused.value.error_code == "unknown_object"
    assert Path(name).name in refused.value.message


LISTS = {"companies_data": "account", "contacts_data": "contact", "deals_data": "deal", "products_data": "product"}


@pytest.mark.parametrize("name", LISTS)
def test_each_list_of_a_hubspot_answer_gives_its_records(home: Path, samples: Path, name: str) -> None:
    file = samples / "crm_exports/hubspot/api_v3_responses.json"
    answer = import_one(file, decide={"list": f"mock_{name}.results"})
    assert (answer.object, counts(answer), answer.issues) == (LISTS[name], (2, 0, 0, 0), ())


def test_a_hubspot_deal_stands_in_the_pipeline_and_stage_of_its_internal_names(home: Path, samples: Path) -> None:
    file = samples / "crm_exports/hubspot/api_v3_responses.json"
    import_one(file, decide={"list": "mock_deals_data.results"})
    told = Deal.objects.order_by("amount_minor").values_list("process", "stage", "amount_minor")
    assert told.first() == ("sales-pipeline", "qualified-to-buy", 50_000)


def test_what_hubspot_contacts_were_before_is_their_history(home: Path, samples: Path) -> None:
    file = samples / "crm_exports/hubspot/api_v3_responses.json"
    meant = {"list": "mock_contacts_with_history.results"}
    answers = run_import(files=[file], actor="ada", yes=True, decide=meant).files
    assert [one.object for one in answers] == ["contact", "contact_history"]
    assert counts(answers[0]) == (1, 0, 1, 0)
    assert "history_left_out" not in {one.code for answer in answers for one in answer.issues}


def test_google_is_one_source_and_late_columns_are_barred_from_scoring(home: Path, samples: Path) -> None:
    answer = import_one(samples / "x_education_leads/Leads.csv")
    sources = MODELS["lead"].objects.values_list("source", flat=True)
    assert sum(one == "Google" for one in sources) == 2873
    assert "google" not in set(sources)
    late = {one["column"] for one in answer.decisions if one["what"] == "late"}
    assert late == {"Tags", "Lead Quality", "Lead Profile", "Last Notable Activity"}


def test_deals_that_agree_in_every_column_are_asked_about(home: Path, samples: Path) -> None:
    file = samples / "it_win_prediction/Win_Prediction_Data.csv"
    with pytest.raises(NeedsDecision) as asked:
        run_import(files=[file], actor="ada")
    assert [(one["column"], one["options"]) for one in asked.value.decisions] == [("copies", ["equal", "apart"])]
    assert not Deal.objects.exists()
    answer = import_one(file, decide={"copies": "apart"})
    assert counts(answer) == (10_061, 0, 0, 0)
    again = import_one(file, decide={"copies": "apart"})
    assert again.nothing_changed


def test_unknown_is_a_level_of_an_attribute_and_no_blank(home: Path, samples: Path) -> None:
    import_one(samples / "salvirt_b2b/Salvirt_B2B_ML_dataset.csv")
    assert (Deal.objects.filter(status="won").count(), Deal.objects.filter(status="lost").count()) == (227, 221)
    assert Deal.objects.filter(source=None).count() == 0


def test_returns_are_credit_notes_and_customers_lose_their_decimals(home: Path, samples: Path, tmp_path: Path) -> None:
    import gzip

    part = tmp_path / "retail.csv"
    with gzip.open(samples / "online_retail/online_retail.csv.gz", "rt", encoding="utf-8") as file:
        part.write_text("".join(line for _, line in zip(range(3000), file, strict=False)), encoding="utf-8")
    answer = import_one(part)
    assert counts(answer) == (2955, 0, 44, 0)
    notes = MODELS["invoice"].objects.filter(document="credit_note")
    assert {one.number[0] for one in notes} == {"C"}
    given_back = MODELS["invoice_line"].objects.filter(invoice__in=[one.entity for one in notes])
    assert all(one.quantity_e4 < 0 and one.amount_minor < 0 for one in given_back)
    assert MODELS["account"].objects.filter(name="17850").count() == 1
    line = MODELS["invoice_line"].objects.filter(quantity_e4=60_000, unit_price_minor=255).first()
    assert line.amount_minor == 1530


@pytest.mark.slow
def test_all_invoices_are_read_and_full_copies_are_equal(home: Path, samples: Path) -> None:
    answer = import_one(samples / "online_retail/online_retail.csv.gz")
    assert counts(answer) == (536_641, 0, 5268, 0)
    assert {one["object"]: one["created"] for one in answer.also} == {
        "account": 4372,
        "product": 4070,
        "invoice": 25_900,
    }


@pytest.mark.slow
def test_order_lines_find_their_headers_and_without_them_say_so(home: Path, samples: Path) -> None:
    folder = samples / "adventureworks_sales"
    alone = import_one(folder / "reseller_sales_lines.csv.gz")
    assert counts(alone) == (0, 0, 0, 60_855)
    files = [folder / "sales_order_header.csv", folder / "reseller_sales_lines.csv.gz"]
    told = {one.object: one for one in run_import(files=files, actor="ada", yes=True).files}
    assert counts(told["order_line"]) == (60_855, 0, 0, 0)
    assert "check_conflict" in {one.code for one in told["order_line"].issues}
