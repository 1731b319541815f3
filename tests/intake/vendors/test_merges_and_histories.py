"""Merges that a source names, former values of an API answer, forms of weekly exports, translated headers."""

import json
from pathlib import Path
from typing import Any

import pytest

from hedef.ledger.queries import batches
from hedef.records.models import MODELS, Deal, ExternalKey
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

ACCOUNT = ("Id", "IsDeleted", "MasterRecordId", "Name", "Industry", "BillingCountry", "OwnerId", "SystemModstamp")
ACCOUNT += ("Type", "BillingStreet", "BillingCity", "NumberOfEmployees", "AnnualRevenue", "Website")
NOBODY, THEN = "000000000000000AAA", "2017-09-01 08:00:00"
REST = ("Customer", "Hauptstraße 1", "Köln", "50", "1000", "")


def account(at: int) -> str:
    return f"001{at:0>12}AAA"


def accounts(path: Path, *rows: tuple[int, str, str]) -> Path:
    """Rows of number, IsDeleted and MasterRecordId, in the forms of a weekly export (ISO-8859-1, 0 and 1)."""
    told = [(account(at), gone, into, f"Müller {at}", "Banking", "DE", NOBODY, THEN, *REST) for at, gone, into in rows]
    write_csv(path, ACCOUNT, told)
    path.write_bytes(path.read_text(encoding="utf-8").encode("iso-8859-1"))
    return path


def entity(object_: str, key: str) -> int:
    return ExternalKey.objects.get(object=object_, ext_id=key).entity


def test_a_weekly_export_is_read_with_its_booleans_blanks_and_letters(home: Path, tmp_path: Path) -> None:
    (answer,) = import_files(accounts(tmp_path / "Account.csv", (1, "0", NOBODY), (2, "0", NOBODY)))
    assert counts(answer) == (2, 0, 0, 0)
    assert {one.code for one in answer.issues} == {"encoding_guessed"}
    assert MODELS["account"].objects.get(entity=entity("account", account(1))).name == "Müller 1"


def test_an_account_that_salesforce_merged_is_merged_here_and_once(home: Path, tmp_path: Path) -> None:
    import_files(accounts(tmp_path / "a.csv", (1, "0", NOBODY), (2, "0", NOBODY)))
    loser, survivor = entity("account", account(2)), entity("account", account(1))
    later = accounts(tmp_path / "b.csv", (1, "0", NOBODY), (2, "1", account(1)))
    (answer,) = import_files(later)
    assert {one.code for one in answer.issues} == {"encoding_guessed", "merged"}
    assert entity("account", account(2)) == survivor
    assert MODELS["account"].objects.get(entity=survivor).ended_us is None
    assert MODELS["account"].objects.get(entity=loser).ended_us is not None
    assert [one.kind for one in batches(last=None)].count("merge") == 1
    again = accounts(tmp_path / "c.csv", (1, "0", NOBODY), (2, "1", account(1)), (3, "0", NOBODY))
    import_files(again)
    assert [one.kind for one in batches(last=None)].count("merge") == 1


HUBSPOT = ("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date", "Merged deal IDs")
HUBSPOT += ("Deal owner", "Owner assigned date", "Closed Won Reason")


def hubspot(path: Path, *rows: tuple[str, str]) -> Path:
    told = [
        (key, f"Deal {key}", "Sales Pipeline", "Contract Sent", "10", "2017-01-02 09:00", "", merged, "", "", "")
        for key, merged in rows
    ]
    return write_csv(path, HUBSPOT, told)


def test_deals_that_hubspot_merged_become_one_and_are_not_gone(home: Path, tmp_path: Path) -> None:
    import_files(hubspot(tmp_path / "a.csv", ("1", ""), ("2", ""), ("3", "")), scope="full")
    (answer,) = import_files(hubspot(tmp_path / "b.csv", ("1", "2;3")), scope="full", confirm_gone=False)
    assert {one.code: one.count for one in answer.issues}["merged"] == 1
    assert entity("deal", "2") == entity("deal", "3") == entity("deal", "1")
    (third,) = import_files(hubspot(tmp_path / "c.csv", ("1", "2;3 ")), scope="full")
    assert (third.gone, Deal.objects.filter(ended_us=None).count()) == (0, 1)


def test_a_merge_with_a_record_nobody_knows_changes_nothing(home: Path, tmp_path: Path) -> None:
    import_files(hubspot(tmp_path / "a.csv", ("1", "77;78")))
    assert [one.kind for one in batches(last=None)].count("merge") == 0
    assert deal("1").ended_us is None


def answer_of_the_api(path: Path, stages: list[tuple[str, str]]) -> Path:
    history = [{"value": value, "timestamp": at, "sourceType": "CRM_UI", "sourceId": "u1"} for value, at in stages]
    made = {"value": "2024-01-01T08:00:00.000Z", "timestamp": "2024-01-01T08:00:00.000Z", "sourceType": "CRM_UI"}
    properties = {
        "hs_object_id": "9", "dealname": "Van", "dealstage": stages[-1][0], "pipeline": "default", "amount": "500.0",
        "createdate": "2024-01-01T08:00:00.000Z", "hs_lastmodifieddate": "2024-03-01T08:00:00.000Z", "closedate": None,
    }  # fmt: skip
    record: dict[str, Any] = {"id": "9", "properties": properties, "archived": False}
    record["propertiesWithHistory"] = {"dealstage": history[::-1], "createdate": [made], "amount": []}
    path.write_text(json.dumps({"results": [record], "paging": {"next": {"after": "10"}}}), encoding="utf-8")
    return path


def test_former_stages_of_an_api_answer_are_the_history_of_the_deal(home: Path, tmp_path: Path) -> None:
    from hedef.kernel.instants import to_us
    from hedef.records import queries

    stages = [("appointmentscheduled", "2024-01-01T08:00:00.000Z"), ("qualifiedtobuy", "2024-02-01T08:00:00.000Z")]
    told = import_files(answer_of_the_api(tmp_path / "deals.json", stages), exported_at=None)
    assert [(one.object, one.file["name"]) for one in told] == [
        ("deal", "deals.json"),
        ("deal_history", "deals.json: history"),
    ]
    assert not [issue.code for one in told for issue in one.issues]
    from datetime import UTC, datetime

    def stage_on(month: int, day: int) -> object:
        state = queries.state(entity("deal", "9"), as_of_us=to_us(datetime(2024, month, day, tzinfo=UTC)))
        return None if state is None else state["stage"]

    assert [stage_on(1, 15), stage_on(2, 15)] == ["appointment-scheduled", "qualified-to-buy"]


def contact_of_the_api(path: Path, emails: list[tuple[str, str]], made: str = "2024-01-01T08:00:00.000Z") -> Path:
    properties = {
        "hs_object_id": "7", "firstname": "Su", "lastname": "Ay", "email": emails[-1][0], "jobtitle": "Buyer",
        "createdate": made, "lastmodifieddate": "2024-03-01T08:00:00.000Z",
    }  # fmt: skip
    history = [{"value": value, "timestamp": at, "sourceType": "CRM_UI", "sourceId": "u1"} for value, at in emails]
    past = {"email": history[::-1], "createdate": [{"value": made, "timestamp": made}], "phone": []}
    record = {"id": "7", "properties": properties, "propertiesWithHistory": past, "archived": False}
    path.write_text(json.dumps({"results": [record]}), encoding="utf-8")
    return path


def test_former_values_of_contacts_are_their_history_and_twice_changes_nothing(home: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from hedef.kernel.instants import to_us
    from hedef.records import queries

    emails = [("su@old.com", "2024-01-01T08:00:00.000Z"), ("su@new.com", "2024-02-01T08:00:00.000Z")]
    told = import_files(contact_of_the_api(tmp_path / "people.json", emails), exported_at=None)
    assert [one.object for one in told] == ["contact", "contact_history"]
    assert not [issue.code for one in told for issue in one.issues if issue.level != "info"]

    def email_on(month: int, day: int) -> object:
        state = queries.state(entity("contact", "7"), as_of_us=to_us(datetime(2024, month, day, tzinfo=UTC)))
        return None if state is None else (state["email"], state["job_title"])

    assert [email_on(1, 15), email_on(2, 15)] == [("su@old.com", "Buyer"), ("su@new.com", "Buyer")]
    again = import_files(contact_of_the_api(tmp_path / "again.json", emails), exported_at=None)
    assert [(one.counts.created, one.counts.updated) for one in again] == [(0, 0), (0, 0)]
    emails.append(("su@newest.com", "2024-04-01T08:00:00.000Z"))
    import_files(contact_of_the_api(tmp_path / "later.json", emails), exported_at=None)
    assert [email_on(1, 15), email_on(2, 15)] == [("su@old.com", "Buyer"), ("su@new.com", "Buyer")]
    assert email_on(5, 1) == ("su@newest.com", "Buyer")


def test_an_archived_deal_of_an_api_answer_is_ended(home: Path, tmp_path: Path) -> None:
    file = answer_of_the_api(tmp_path / "a.json", [("appointmentscheduled", "2024-01-01T08:00:00.000Z")])
    import_files(file, exported_at=None)
    told = json.loads(file.read_text(encoding="utf-8"))
    told["results"][0]["archived"] = True
    (tmp_path / "b.json").write_text(json.dumps(told), encoding="utf-8")
    import_files(tmp_path / "b.json", exported_at=None)
    assert deal("9").ended_us is not None


def test_one_answer_about_several_kinds_of_records_is_a_question(home: Path, tmp_path: Path) -> None:
    from hedef.kernel.errors import NeedsDecision

    person = {"id": 1, "name": "Su Ay", "first_name": "Su", "last_name": "Ay", "org_id": None}
    person |= {"add_time": "2024-01-01 10:00:00", "active_flag": True, "owner_id": {"id": 5, "name": "Ann"}}
    person |= {"email": [{"value": "x@a.com", "primary": False}, {"value": "su@a.com", "primary": True}]}
    data = [{"item": "person", "id": 1, "data": person}, {"item": "note", "id": 2, "data": {"id": 2, "content": "x"}}]
    file = tmp_path / "recents.json"
    file.write_text(json.dumps({"success": True, "data": data}), encoding="utf-8")
    with pytest.raises(NeedsDecision) as asked:
        import_files(file)
    assert asked.value.decisions[0]["options"] == ["person", "note"]
    (answer,) = import_files(file, decide={"list": "person"})
    assert (answer.object, counts(answer)) == ("contact", (1, 0, 0, 0))
    assert MODELS["contact"].objects.get().email == "su@a.com"


OWNERS = (
    "Record ID",
    "Deal Name",
    "Pipeline",
    "Deal Stage",
    "Amount",
    "Create Date",
    "Deal owner",
    "Owner assigned date",
)


def test_a_new_owner_holds_since_the_vendor_says_so(home: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from hedef.kernel.instants import to_us
    from hedef.records import queries

    people = write_csv(tmp_path / "users.csv", ("id", "name", "email", "modified"), [
        ("1", "Ann Oz", "ann@a.com", "2017-01-01 08:00:00"), ("2", "Bo Ak", "bo@a.com", "2017-01-01 08:00:00"),
    ])  # fmt: skip
    import_files(people, source="crm")
    row = ("5", "Van", "Sales Pipeline", "Contract Sent", "10", "2017-01-02 09:00")
    first = write_csv(tmp_path / "a.csv", OWNERS, [(*row, "ann@a.com", "2017-01-02 09:00")])
    second = write_csv(tmp_path / "b.csv", OWNERS, [(*row[:4], "20", row[5], "bo@a.com", "2017-10-10 09:00")])
    import_files(first, source="crm")
    import_files(second, source="crm", exported_at=datetime(2017, 11, 1, tzinfo=UTC))

    def owner_on(day: int) -> object:
        state = queries.state(entity("deal", "5"), as_of_us=to_us(datetime(2017, 10, day, tzinfo=UTC)))
        assert state is not None
        return state["owner"], state["amount_minor"]

    ann, bo = (entity("person", key) for key in ("1", "2"))
    assert [owner_on(9), owner_on(11)] == [(ann, 1000), (bo, 1000)]
    assert deal("5").amount_minor == 2000


CONTACTS = ("Record ID", "First Name", "Last Name", "Email", "Contact owner", "Lifecycle Stage", "Lead Status")
CONTACTS += ("Create Date", "Became a Lead Date", "Became a Sales Qualified Lead Date", "Became an Opportunity Date")


def test_lifecycle_dates_of_a_contact_are_the_events_of_its_lead(home: Path, tmp_path: Path) -> None:
    made = ("2024-01-01 08:00", "2024-01-02 08:00")
    rows = [
        ("1", "Su", "Ay", "su@a.com", "", "Sales Qualified Lead", "Open", *made, "2024-01-05 08:00", ""),
        ("2", "Can", "Ak", "can@a.com", "", "Customer", "", *made, "2024-01-06 08:00", "2024-02-01 08:00"),
        ("3", "Ela", "Er", "ela@a.com", "", "Subscriber", "", "2024-01-01 08:00", "", "", ""),
    ]
    (answer,) = import_files(write_csv(tmp_path / "contacts.csv", CONTACTS, rows), exported_at=None)
    assert (counts(answer), {one["object"]: one["created"] for one in answer.also}) == ((3, 0, 0, 0), {"lead": 2})
    leads = {one.name: one for one in MODELS["lead"].objects.all()}
    assert leads["Su Ay"].accepted_us is not None
    assert leads["Su Ay"].converted_us is None
    assert (leads["Can Ak"].status, leads["Can Ak"].converted_us is not None) == ("converted", True)


def test_an_export_in_another_language_says_how_to_read_it(home: Path, tmp_path: Path) -> None:
    from hedef.kernel.errors import WrongUse

    header = ("Obchod - Název", "Obchod - Hodnota", "Obchod - Fáze", "Obchod - Stav", "Organizace - Název")
    with pytest.raises(WrongUse) as refused:
        import_files(write_csv(tmp_path / "obchody.csv", header, [("Vůz", "10", "Nabídka", "Otevřeno", "Acme")]))
    assert (refused.value.error_code, "Pipedrive in another language" in (refused.value.hint or "")) == (
        "unknown_object",
        True,
    )


PIPEDRIVE = ("Deal - ID", "Deal - Title", "Deal - Value", "Deal - Currency", "Deal - Stage", "Deal - Pipeline")
PIPEDRIVE += ("Deal - Status", "Deal - Owner", "Deal - Deal created", "Deal - Won time", "Deal - Lost reason")


def test_a_deal_that_pipedrive_deleted_ends_and_status_closes_what_its_stage_leaves_open(
    home: Path, tmp_path: Path
) -> None:
    def row(key: str, status: str, won: str = "", reason: str = "") -> tuple[str, ...]:
        return (key, f"Deal {key}", "10", "EUR", "Offer", "Sales", status, "", "2017-01-02 10:00:00", won, reason)

    first = write_csv(tmp_path / "a.csv", PIPEDRIVE, [row("1", "Open"), row("2", "open"), row("3", "OPEN")])
    import_files(first)
    second = [row("1", "won", "2017-09-01 10:00:00"), row("2", "Lost", reason="Price"), row("3", "Deleted")]
    from datetime import UTC, datetime

    later = datetime(2017, 11, 1, tzinfo=UTC)
    (answer,) = import_files(write_csv(tmp_path / "b.csv", PIPEDRIVE, second), exported_at=later)
    assert (counts(answer)[3], answer.ended) == (0, 1)
    assert [deal(key).status for key in ("1", "2")] == ["won", "lost"]
    assert deal("3").ended_us is not None


REPORT = ("Opportunity ID", "Opportunity Name", "Field / Event", "Old Value", "New Value", "Edit Date")


@pytest.mark.parametrize(("old", "told"), [("Qualification", set()), ("Prospecting", {"history_disagrees"})])
def test_the_old_value_of_a_history_report_is_checked(home: Path, tmp_path: Path, old: str, told: set[str]) -> None:
    key = "006000000000001AAA"
    rows = [
        (key, "Van", "Created.", "", "", "2017-01-05 10:00:00"),
        (key, "Van", "Stage", "", "Qualification", "2017-01-05 10:00:00"),
        (key, "Van", "Stage", old, "Closed Won", "2017-02-20 10:00:00"),
    ]
    (answer,) = import_files(write_csv(tmp_path / "report.csv", REPORT, rows))
    assert ({one.code for one in answer.issues}, deal(key).status) == (told, "won")


HISTORY = ("Id", "OpportunityId", "CreatedDate", "StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
HISTORY += ("FromOpportunityStageName", "PrevAmount", "PrevCloseDate")


@pytest.mark.parametrize(("former", "told"), [("100", set()), ("90", {"history_disagrees"})])
def test_what_a_history_row_says_was_before_is_checked(home: Path, tmp_path: Path, former: str, told: set[str]) -> None:
    key, day = "006000000000001AAA", "2017-03-01"
    made = "2017-01-05 10:00:00"
    first = (
        "008000000000001AAA",
        key,
        made,
        "Qualification",
        "100",
        day,
        "20",
        "Pipeline",
        "",
        "",
        "",
    )
    then = ("008000000000002AAA", key, "2017-02-05 10:00:00", "Proposal", "150", day, "40", "Pipeline")
    file = write_csv(tmp_path / "h.csv", HISTORY, [first, (*then, "Qualification", former, day)])
    (answer,) = import_files(file)
    assert {one.code for one in answer.issues} == told


ACTIVITIES = ("Record ID", "Activity type", "Activity date", "Activity assigned to", "Call outcome", "Task status")
ACTIVITIES += ("Due date", "Call title", "Associated contact email", "Call duration")


def test_activities_of_hubspot_find_their_contact_and_pass_a_day(home: Path, tmp_path: Path) -> None:
    contact = ("1", "Su", "Ay", "su@a.com", "", "Subscriber", "", "2024-01-01 08:00", "", "", "")
    contacts = write_csv(tmp_path / "contacts.csv", CONTACTS, [contact])
    day = "2024-01-05 08:00"
    rows = [("71", "Call", day, "", "Connected", "", day, "Hello", "su@a.com", "25:00:00")]
    rows += [("72", "Task", day, "", "", "Not started", day, "", "su@a.com", "")]
    told = import_files(contacts, write_csv(tmp_path / "activities.csv", ACTIVITIES, rows), exported_at=None)
    assert [(one.object, counts(one)) for one in told] == [("contact", (1, 0, 0, 0)), ("activity", (2, 0, 0, 0))]
    call, task = (MODELS["activity"].objects.get(kind=kind) for kind in ("call", "task"))
    assert (call.seconds, call.outcome, call.contact) == (90_000, "Connected", entity("contact", "1"))
    assert (call.done_us is not None, task.done_us) == (True, None)
