"""The public samples, each in a fresh home: rows add up, figures are the published ones, twice changes nothing."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hedef.intake.services import run_import
from hedef.kernel.errors import NeedsDecision
from hedef.ledger.queries import blocks_after
from hedef.records.engine.kinds import KINDS
from hedef.records.models import MODELS, Deal, ExternalKey
from tests.intake.support import assert_adds_up, counts

pytestmark = pytest.mark.django_db

WAVE = "salesforce_wave_sales"


def import_all(files: list[Path], **options: Any) -> dict[str, Any]:
    answers = run_import(files=sorted(files), actor="ada", yes=True, **options).files
    assert_adds_up(answers)
    return {one.file["name"]: one for one in answers}


def assert_again_changes_nothing(files: list[Path]) -> None:
    before = MODELS["deal"].objects.count()
    again = import_all(files)
    assert {
        name: (one.batch, one.changes, one.counts.created, one.counts.updated) for name, one in again.items()
    } == dict.fromkeys(again, (None, 0, 0, 0))
    assert MODELS["deal"].objects.count() == before


def test_maven_won_value_by_quarter_and_region_is_the_published_one(home: Path, samples: Path) -> None:
    files = list((samples / "maven_crm").glob("*.csv"))
    answers = import_all(files)
    assert {name: counts(one) for name, one in answers.items()} == {
        "sales_teams.csv": (35, 0, 0, 0),
        "accounts.csv": (85, 0, 0, 0),
        "products.csv": (7, 0, 0, 0),
        "sales_pipeline.csv": (8800, 0, 0, 0),
        "data_dictionary.csv": (0, 0, 0, 0),
    }
    assert answers["data_dictionary.csv"].object is None
    assert answers["sales_pipeline.csv"].totals == (
        {
            "currency": "USD",
            "rows": 6711,
            "file": "10005534.00",
            "sealed": "10005534.00",
            "rejected": "0.00",
            "repeated": "0.00",
        },
    )
    won = Counter[str]()
    by_region = Counter[tuple[str, str]]()
    regions = _regions()
    for one in Deal.objects.filter(status="won"):
        quarter = f"{one.close_on.year}-Q{(one.close_on.month + 2) // 3}"
        won[quarter] += one.amount_minor
        by_region[regions[one.owner], quarter] += one.amount_minor
    quarters = ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")
    assert [won[one] for one in quarters] == [113_467_200, 308_611_100, 298_225_500, 280_249_600]
    assert [by_region["Central", one] for one in quarters] == [34_798_800, 95_732_100, 105_320_200, 98_778_200]
    assert [by_region["East", one] for one in quarters] == [32_915_100, 101_682_300, 91_976_700, 82_485_300]
    assert [by_region["West", one] for one in quarters] == [45_753_300, 111_196_700, 100_928_600, 98_986_100]
    decided = Counter(Deal.objects.values_list("status", flat=True))
    assert (decided["won"], decided["won"] + decided["lost"]) == (4238, 6711)
    assert_again_changes_nothing(files)


def _regions() -> dict[int, str]:
    """Region of every person through the team of the manager, from the records alone."""
    teams = {one.entity: one for one in MODELS["team"].objects.all()}
    return {
        one.person: teams[teams[one.team].parent].name
        for one in MODELS["membership"].objects.filter(ended_us__isnull=True)
    }


def test_maven_products_are_found_under_the_confirmed_spelling(home: Path, samples: Path) -> None:
    import_all(list((samples / "maven_crm").glob("*.csv")))
    product = MODELS["product"].objects.get(name="GTX Pro").entity
    lines = MODELS["deal_line"].objects.filter(product=product).values_list("deal", flat=True)
    won = Deal.objects.filter(status="won", entity__in=list(lines))
    assert (won.count(), sum(one.amount_minor for one in won)) == (729, 351_057_800)


def test_wave_history_ends_in_the_current_state_of_every_deal(home: Path, samples: Path) -> None:
    files = list((samples / WAVE).glob("*.csv"))
    answers = import_all(files)
    history = answers["OpportunityHistory.csv"]
    assert counts(history)[3] == 0
    chosen = next(one for one in history.decisions if one["what"] == "same_instant")
    assert (chosen["value"], chosen["proof"]["file_order"], chosen["proof"]["id_up"]) == ("file_order", 3553, 3491)
    assert _agreeing_with(samples / WAVE / "Opportunity.csv") == 3553
    assert _reopenings() == (403, 384)
    assert _visits() == 10_186
    assert counts(answers["Quota.csv"]) == (0, 0, 0, 264)
    assert [one.code for one in answers["Quota.csv"].issues] == ["plan_missing"]
    assert_again_changes_nothing(files)


def _agreeing_with(file: Path) -> int:
    import csv

    names = {"Closed Won": "won", "Closed Lost": "lost", "Proposal/Quote": "proposal", "Negotiation": "negotiation"}
    names |= {"Needs Analysis": "needs-analysis", "Qualification": "qualification"}
    entity = dict(ExternalKey.objects.filter(object="deal").values_list("ext_id", "entity"))
    stage = dict(Deal.objects.values_list("entity", "stage"))
    with file.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    return sum(stage[entity[row["External_Id__c"]]] == names[row["StageName"]] for row in rows)


def _told_stages() -> dict[int, list[tuple[str | None, str | None]]]:
    """Stage and status of every deal after each of its living changes, by a fold of its own."""
    rows = []
    for block in blocks_after(0, kinds={"deal"}):
        rows += [{**row, "seal_no": block.seal_no, "batch": block.batch} for row in block.table.to_pylist()]
    voided = {(row["void_batch"], row["void_ord"]) for row in rows if row["act"] == "void"}
    living = [row for row in rows if row["act"] != "void" and (row["batch"], row["ord"]) not in voided]
    living.sort(key=lambda row: (row["entity"], row["effective_us"], row["seal_no"], row["ord"]))
    stage_bit, status_bit = KINDS["deal"].bit("stage"), KINDS["deal"].bit("status")
    told: dict[int, list[tuple[str | None, str | None]]] = {}
    for row in living:
        seen = told.setdefault(row["entity"], [(None, None)])
        stage, status = seen[-1]
        stage = row["stage"] if row["mask"] & stage_bit else stage
        status = row["status"] if row["mask"] & status_bit else status
        seen.append((stage, status))
    return told


def _reopenings() -> tuple[int, int]:
    """How often a closed deal was open again, and how many deals that were."""
    closed = ("won", "lost")
    found = Counter[int]()
    for entity, told in _told_stages().items():
        for before, after in itertools.pairwise(told):
            found[entity] += before[1] in closed and after[1] not in closed
    return sum(found.values()), sum(1 for times in found.values() if times)


def _visits() -> int:
    total = 0
    for told in _told_stages().values():
        stages = [stage for stage, _ in told]
        total += sum(after is not None and after != before for before, after in itertools.pairwise(stages))
    return total


def test_a_history_that_comes_alone_opens_the_deals_and_the_snapshot_adds_the_rest(home: Path, samples: Path) -> None:
    folder = samples / WAVE
    first = import_all([folder / "OpportunityHistory.csv"])["OpportunityHistory.csv"]
    assert first.counts.created == 3553
    import_all([folder / "User.csv", folder / "Opportunity.csv"])
    assert Deal.objects.count() == 3553
    assert _agreeing_with(folder / "Opportunity.csv") == 3553
    assert _visits() == 10_186
    assert not Deal.objects.filter(owner__isnull=True).exists()


def test_pipedrive_change_log_makes_deals_stages_and_second_lives(home: Path, samples: Path) -> None:
    files = list((samples / "crm_exports/pipedrive_change_log").glob("*.csv"))
    answers = import_all(files)
    log = answers["deal_changes.csv"]
    assert counts(log) == (993, 6687, 0, 0)
    assert {one.code: one.count for one in log.issues} == {"id_reused": 4}
    assert Counter(Deal.objects.values_list("status", flat=True)) == {"lost": 993}
    assert Deal.objects.exclude(lost_reason=None).first().lost_reason in {
        "Customer Not Ready",
        "Pricing Issues",
        "Unreachable Customer",
        "Product Mismatch",
        "Duplicate Entry",
    }
    assert MODELS["activity"].objects.exclude(deal=None).count() == 5
    assert_again_changes_nothing(files)


def test_a_lost_reason_closes_deals_only_when_a_person_agrees(home: Path, samples: Path) -> None:
    folder = samples / "crm_exports/pipedrive_change_log"
    with pytest.raises(NeedsDecision) as asked:
        run_import(files=[folder / "stages.csv", folder / "deal_changes.csv"], actor="ada")
    assert [one["what"] for one in asked.value.decisions] == ["lost_by"]
    assert not Deal.objects.exists()


def test_adventureworks_orders_holds_and_quotas(home: Path, samples: Path) -> None:
    files = list((samples / "adventureworks_sales").glob("*.csv"))
    answers = import_all(files)
    orders = answers["sales_order_header.csv"]
    assert counts(orders) == (31_465, 0, 0, 0)
    assert orders.totals[0]["file"] == orders.totals[0]["sealed"] == "109846382.18"
    too_many = {one.field: one.count for one in orders.issues if one.code == "too_many_decimals"}
    assert too_many["amount"] == 5934
    sold = MODELS["order"].objects.exclude(owner=None)
    assert (sold.count(), sum(one.amount_minor for one in sold)) == (3806, 8_048_770_429)
    assert counts(answers["sales_person_quota_history.csv"]) == (0, 0, 0, 163)
    holds = MODELS["territory_hold"].objects.filter(ended_us__isnull=True)
    assert holds.count() == 17
    assert not holds.filter(from_day=None).exists()
    assert_again_changes_nothing(files)


CRM = [
    "hubspot/deals_export_stage_dates.csv",
    "hubspot/dummy_hubspot_companies.csv",
    "hubspot/dummy_hubspot_contacts.csv",
    "hubspot/dummy_hubspot_deals.csv",
    "pipedrive/sample_import.csv",
    "pipedrive_change_log/activity.csv",
    "pipedrive_change_log/activity_types.csv",
    "pipedrive_change_log/deal_changes.csv",
    "pipedrive_change_log/fields.csv",
    "pipedrive_change_log/stages.csv",
    "pipedrive_change_log/users.csv",
    "salesforce/dataloader_Account.csv",
    "salesforce/dataloader_Contact.csv",
    "salesforce/dataloader_Lead.csv",
    "salesforce/dataloader_Opportunity.csv",
    "zoho/Accounts.csv",
    "zoho/Contacts.csv",
    "zoho/Leads.csv",
    "zoho/Potentials.csv",
    "zoho/Users.csv",
    "zoho/export_Accounts_001.csv",
]


@pytest.mark.parametrize("name", CRM)
def test_every_vendor_sample_alone_adds_up_and_twice_changes_nothing(home: Path, samples: Path, name: str) -> None:
    files = [samples / "crm_exports" / name]
    answer = next(iter(import_all(files).values()))
    assert answer.counts.rows_read > 0
    assert answer.counts.rejected == 0
    assert_again_changes_nothing(files)


def test_zoho_dates_that_decide_nothing_stop_with_their_question(home: Path, samples: Path) -> None:
    file = samples / "crm_exports/zoho/export_Deals_001.csv"
    with pytest.raises(NeedsDecision) as asked:
        run_import(files=[file], actor="ada", yes=True)
    assert asked.value.exit_code == 4
    assert [(one["column"], one["what"], one["options"]) for one in asked.value.decisions] == [
        ("Closing Date", "date_order", ["d/m", "m/d"])
    ]
    assert not Deal.objects.exists()
    answer = import_all([file], decide={"Closing Date": "m/d"})["export_Deals_001.csv"]
    assert counts(answer) == (3, 0, 0, 0)
    assert {str(one.close_on) for one in Deal.objects.filter(status="won")} == {"2026-10-01"}


def test_hubspot_stage_dates_move_a_creation_that_came_too_late(home: Path, samples: Path) -> None:
    answer = import_all([samples / "crm_exports/hubspot/deals_export_stage_dates.csv"])["deals_export_stage_dates.csv"]
    assert {one.code: one.count for one in answer.issues} == {"stage_before_create": 15}
    assert "discovery > qualified > demo > proposal > negotiation" in next(
        one["value"] for one in answer.decisions if one["what"] == "process"
    )


def test_zoho_as_a_whole_finds_every_owner_and_account(home: Path, samples: Path) -> None:
    names = ("Accounts", "Contacts", "Leads", "Potentials", "Users")
    answers = import_all([samples / "crm_exports/zoho" / f"{name}.csv" for name in names])
    assert {one.trust.level for one in answers.values()} == {"trusted"}
    assert not Deal.objects.filter(owner=None).exists()
