"""Vendor and file shape by headers, for every sample file."""

import gzip
from pathlib import Path

import pytest

from hedef.intake.engine.detect import ACCEPT, detect, signatures
from hedef.intake.engine.headers import clean_header, find, fold, fold_for_detection
from hedef.intake.engine.shipped import shipped_mapping
from hedef.intake.engine.sniff import sniff

EXPECTED = {
    "maven_crm/accounts.csv": ("files", "accounts", "account"),
    "maven_crm/data_dictionary.csv": ("files", "data_dictionary", None),
    "maven_crm/products.csv": ("files", "products", "product"),
    "maven_crm/sales_pipeline.csv": ("files", "opportunities", "deal"),
    "maven_crm/sales_teams.csv": ("files", "roster", "person"),
    "crm_exports/headers_reference.csv": ("files", "header_list", None),
    "crm_exports/hubspot/deals_export_stage_dates.csv": ("hubspot", "deals", "deal"),
    "crm_exports/hubspot/dummy_hubspot_companies.csv": ("hubspot", "companies", "account"),
    "crm_exports/hubspot/dummy_hubspot_contacts.csv": ("hubspot", "contacts", "contact"),
    "crm_exports/hubspot/dummy_hubspot_deals.csv": ("hubspot", "deals", "deal"),
    "crm_exports/pipedrive/sample_import.csv": ("pipedrive", "import_sheet", "deal"),
    "crm_exports/pipedrive_change_log/activity.csv": ("pipedrive", "activities", "activity"),
    "crm_exports/pipedrive_change_log/activity_types.csv": ("pipedrive", "activity_types", "activity_type_list"),
    "crm_exports/pipedrive_change_log/deal_changes.csv": ("pipedrive", "change_log", "deal"),
    "crm_exports/pipedrive_change_log/fields.csv": ("pipedrive", "fields", "field_list"),
    "crm_exports/pipedrive_change_log/stages.csv": ("pipedrive", "stages", "stage_list"),
    "crm_exports/pipedrive_change_log/users.csv": ("pipedrive", "users", "person"),
    "crm_exports/salesforce/dataloader_Account.csv": ("salesforce", "account", "account"),
    "crm_exports/salesforce/dataloader_Contact.csv": ("salesforce", "contact", "contact"),
    "crm_exports/salesforce/dataloader_Lead.csv": ("salesforce", "lead", "lead"),
    "crm_exports/salesforce/dataloader_Opportunity.csv": ("salesforce", "opportunity", "deal"),
    "crm_exports/zoho/Accounts.csv": ("zoho", "accounts", "account"),
    "crm_exports/zoho/Contacts.csv": ("zoho", "contacts", "contact"),
    "crm_exports/zoho/Leads.csv": ("zoho", "leads", "lead"),
    "crm_exports/zoho/Potentials.csv": ("zoho", "deals", "deal"),
    "crm_exports/zoho/Users.csv": ("zoho", "users", "person"),
    "crm_exports/zoho/export_Accounts_001.csv": ("zoho", "accounts", "account"),
    "crm_exports/zoho/export_Deals_001.csv": ("zoho", "deals", "deal"),
    "salesforce_wave_sales/Account.csv": ("salesforce", "account", "account"),
    "salesforce_wave_sales/Event.csv": ("salesforce", "event", "activity"),
    "salesforce_wave_sales/Lead.csv": ("salesforce", "lead", "lead"),
    "salesforce_wave_sales/Manager.csv": ("salesforce", "manager", "manager_line"),
    "salesforce_wave_sales/Opportunity.csv": ("salesforce", "opportunity", "deal"),
    "salesforce_wave_sales/OpportunityHistory.csv": ("salesforce", "opportunity_history", "deal"),
    "salesforce_wave_sales/OpportunityLineItem.csv": ("salesforce", "opportunity_line_item", "deal_line"),
    "salesforce_wave_sales/PricebookEntry.csv": ("salesforce", "pricebook_entry", "price"),
    "salesforce_wave_sales/Product2.csv": ("salesforce", "product", "product"),
    "salesforce_wave_sales/Quota.csv": ("salesforce", "quota", "target_line"),
    "salesforce_wave_sales/Task.csv": ("salesforce", "task", "activity"),
    "salesforce_wave_sales/User.csv": ("salesforce", "user", "person"),
    "adventureworks_sales/sales_order_header.csv": ("files", "order_headers", "order"),
    "adventureworks_sales/sales_person.csv": ("files", "sales_persons", "person"),
    "adventureworks_sales/sales_person_quota_history.csv": ("files", "quotas", "target_line"),
    "adventureworks_sales/sales_territory.csv": ("files", "territories", "territory"),
    "adventureworks_sales/sales_territory_history.csv": ("files", "territory_history", "territory_hold"),
}


def test_every_sample_file_is_expected(samples: Path) -> None:
    folders = ("maven_crm", "crm_exports", "salesforce_wave_sales", "adventureworks_sales")
    there = {str(file.relative_to(samples)) for folder in folders for file in (samples / folder).rglob("*.csv")}
    assert there == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sample_files_are_known(name: str, samples: Path) -> None:
    found = detect(sniff(samples / name).header)
    assert (found.vendor, found.mapping, found.object) == EXPECTED[name]
    assert found.accepted
    assert found.score >= max(ACCEPT, 1.2 * found.second)
    assert found.describes_data == (found.object is None)


def test_order_lines_inside_gzip_are_known(samples: Path) -> None:
    data = gzip.decompress((samples / "adventureworks_sales/reseller_sales_lines.csv.gz").read_bytes())
    found = detect(sniff(data).header)
    assert (found.vendor, found.shape, found.object) == ("files", "order_lines", "order_line")


@pytest.mark.parametrize("name", ["telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv", "m3_competition/m3_other.csv"])
def test_files_of_no_vendor_stay_unknown(name: str, samples: Path) -> None:
    found = detect(sniff(samples / name).header)
    assert not found.accepted
    assert found.score <= 0.26


@pytest.mark.parametrize(
    "header",
    [
        "Id,Username,FirstName,LastName,Name,Email,IsActive,ManagerId,UserRoleId,Department",
        "Id,Username,Name,Email,IsActive",
        "Id,Username,LastName,FirstName,Email,ManagerId,IsActive",
        "First Name,Last Name,Username,Alias,Active,Role,Profile,Email",
        "Full Name,Alias,Username,Role,Active,Profile",
    ],
)
def test_users_without_their_time_zone_are_known(header: str) -> None:
    found = detect(header.split(","))
    assert (found.vendor, found.mapping, found.accepted) == ("salesforce", "user", True)


def test_every_shape_of_a_record_has_a_mapping_of_its_kind() -> None:
    for one in signatures():
        for shape in one.shapes:
            if shape.object is not None:
                assert shipped_mapping(one.vendor, shape.mapping or shape.shape).object == shape.object


def test_every_signature_knows_itself() -> None:
    for one in signatures():
        for shape in one.shapes:
            found = detect(shape.headers)
            assert (found.vendor, found.mapping, found.accepted) == (one.vendor, shape.mapping or shape.shape, True)


REFERENCE_OBJECTS = {
    ("pipedrive", "deals"): "deal", ("pipedrive", "persons"): "contact", ("pipedrive", "activities"): "activity",
    ("zoho", "deals"): "deal", ("zoho", "contacts"): "contact", ("zoho", "accounts"): "account",
    ("hubspot", "deals"): "deal", ("hubspot", "contacts"): "contact",
    ("salesforce", "opportunity"): "deal", ("salesforce", "opportunity history"): "deal",
    ("salesforce", "opportunity field history report"): "deal", ("salesforce", "opportunity report"): "deal",
}  # fmt: skip


def test_the_published_header_lists_of_the_vendors_are_known(samples: Path) -> None:
    from hedef.intake.engine.read import read_table

    file = samples / "crm_exports/headers_reference.csv"
    known = 0
    for row in read_table(file, sniff(file)).frame.iter_rows(named=True):
        expected = REFERENCE_OBJECTS.get((row["vendor"], row["object"]))
        if expected is not None:
            found = detect(clean_header(row["headers_pipe_separated"].split("|"))[0])
            assert (found.vendor, found.object, found.accepted) == (row["vendor"], expected, True), row["object"]
            known += 1
    assert known == 13


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Account.External_Id__c", "AccountId"),
        ("External_Id__c", "External Id"),
        ("Person - Name*", "Person name"),
        ("\ufeffId", "ID "),
        ("Probability (%)", "probability"),
        ("CreatedDate__c", "Created Date"),
        ("Deal Owner", "Deal owner"),
        ("Amount__c", "amount"),
    ],
)
def test_headers_are_compared_without_case_space_and_punctuation(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_stage_date_columns_are_one_name_for_detection() -> None:
    assert fold_for_detection('Date entered "Proposal (Sales Pipeline)"') == fold_for_detection('Date entered "X"')


def test_the_first_name_that_is_there_is_found_as_the_file_spells_it() -> None:
    assert find(["Record ID", "Deal ID"], ["Name", "deal_id"]) == "deal_id"
    assert find(["Missing"], ["Name"]) is None


def test_columns_that_begin_with_an_underscore_do_not_count() -> None:
    header = [
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    ]
    assert detect([*header, "_row", "_line", "_code", "_field", "_value", "_hint"]).score == detect(header).score
