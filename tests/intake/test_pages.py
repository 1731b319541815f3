"""Data pages: who sees and imports what, an upload from file to ledger, rows mended in place, nothing left behind."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hedef.access.services import create_user
from hedef.definitions.services import introduce
from hedef.intake import fixing, queries
from hedef.intake.models import ImportJob
from hedef.ledger.queries import head
from hedef.records.models import MODELS
from tests.intake.engine.test_hostile import macro_workbook, nan_json, path_traversal, three_thousand_columns
from tests.intake.support import PIPELINE, ROSTER, deal
from tests.process.conftest import PROCESS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = ("people.csv", ROSTER, [("Ann Bell", "Mia Stone", "East"), ("Bob Hill", "Mia Stone", "East")])
GOOD = [
    ("D1", "Ann Bell", "", "", "Won", "2026-01-05", "2026-02-01", "1200.50"),
    ("D2", "Bob Hill", "", "", "Engaging", "2026-01-06", "", "800"),
]
BAD = [
    ("D3", "Ann Bell", "", "", "Waiting", "2026-01-07", "", "900"),
    ("D4", "Bob Hill", "", "", "Won", "2026-01-08", "31.11.2026", "700"),
    ("D5", "Bob Hill", "", "", "Engaging", "2026-01-09", "", "twelve"),
]
OWN = ("Deal Id", "Deal Name", "Amount", "Currency", "Stage", "Close Date", "Created Date", "Owner", "Region")
OWN_ROWS = [
    ("X1", "Alpha line", "1200.50", "EUR", "Offer", "2026-12-01", "2026-01-05", "Ann Bell", "Ege"),
    ("X2", "Beta line", "900", "USD", "Won", "2026-02-01", "2026-01-06", "Ann Bell", "Ege"),
]


@pytest.fixture(autouse=True)
def today(home, settings):
    settings.HEDEF = replace(settings.HEDEF, today=date(2026, 3, 2))


def user(username: str, *roles: str) -> Client:
    """A signed-in visitor."""
    made = create_user(username=username, name=username.title(), roles=list(roles), now=NOW)
    client = Client()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def defne(home):
    return user("defne", "operations")


def csv(name, header, rows):
    lines = [",".join(header), *(",".join(row) for row in rows)]
    return SimpleUploadedFile(name, ("\n".join(lines) + "\n").encode(), content_type="text/csv")


def upload(client, *files, source=""):
    """The address of the upload's page."""
    answer = client.post("/intake/upload", {"files": list(files), "source": source})
    assert answer.status_code == 302
    return answer.url


def text_of(answer):
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert main is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main[0])).split())


def toasts(client):
    return re.findall(r'<div class="toast(?: bad)?"[^>]*>(.*?)</div>', client.get("/intake/").text)


def import_(client, *files, source=""):
    """Upload and import; the number of the job, or the address of the list for several files."""
    page = upload(client, *files, source=source)
    return client.post(page, {"import": "1"}).url


@pytest.fixture
def pipeline(defne):
    """People and five deals, three of which have a fault; the address of the import's page."""
    import_(defne, csv(*PEOPLE))
    return import_(defne, csv("deals.csv", PIPELINE, GOOD + BAD))


# --- who ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/intake/", "/intake/uploads/0123456789abcdef01234567/", "/intake/imports/J-1/"])
def test_a_signed_out_visitor_is_asked_to_sign_in(client, db, path):
    assert client.get(path).url.startswith("/sign-in/")


def test_who_reads_everything_sees_imports_and_uploads_nothing(pipeline):
    fin = user("fin", "finance")
    assert "deals.csv" in fin.get("/intake/").text
    assert 'name="files"' not in fin.get("/intake/").text
    assert "3 rows wait to be fixed." in text_of(fin.get(pipeline))
    assert "Import the fixed rows" not in fin.get(pipeline).text
    assert fin.post("/intake/upload", {"files": [csv(*PEOPLE)]}).status_code == 403
    assert fin.post(pipeline, {"cell-0-4": "Won"}).status_code == 403
    assert fin.get(f"{pipeline}rejects.csv").status_code == 403


def test_a_rep_sees_neither_imports_nor_sources(pipeline):
    rep = user("deniz", "rep")
    for path in ("/intake/", pipeline, f"{pipeline}rejects.csv"):
        assert rep.get(path).status_code == 403
    assert "/intake/" not in rep.get("/").text


def test_operations_download_the_rejected_rows_as_they_were_written(defne, pipeline):
    answer = defne.get(f"{pipeline}rejects.csv")
    told = answer.content.decode("utf-8-sig")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="rejects-B-')
    assert told.splitlines()[0].startswith(",".join(PIPELINE))
    assert "31.11.2026" in told


def test_an_upload_belongs_to_who_made_it(defne):
    page = upload(defne, csv(*PEOPLE))
    other = user("olga", "operations")
    missing = other.get("/intake/uploads/0123456789abcdef01234567/")
    for answer in (other.get(page), other.post(page, {"import": "1"}), other.post(f"{page}cancel")):
        assert answer.status_code == 404
        assert text_of(answer) == text_of(missing)
    assert "people.csv" in defne.get("/intake/").text
    assert "people.csv" not in other.get("/intake/").text
    assert defne.get(page).status_code == 200


# --- from file to ledger --------------------------------------------------------------------------------------------


def test_nothing_is_written_before_the_person_agrees(defne, settings):
    import_(defne, csv(*PEOPLE))
    before = head().seal_no
    page = upload(defne, csv("deals.csv", PIPELINE, GOOD + BAD))
    shown = text_of(defne.get(page))
    assert "Nothing is written yet. 5 rows, 8 columns" in shown
    assert "3 rows to fix" in shown
    assert "Won deals USD +$1.20k $0 0 $1.20k 1" in shown
    assert "Open deals USD +$800 $0 0 $800 1" in shown
    assert "Sum in USD: file $3,600.50 = taken $2,000.50 + to fix $1,600.00" in shown
    assert "3 of 5 rows were rejected" in shown
    assert (head().seal_no, MODELS["deal"].objects.count(), ImportJob.objects.count()) == (before, 0, 1)
    answer = defne.post(page, {"import": "1"})
    assert "2 new, 0 changed. 3 rows wait to be fixed." in text_of(defne.get(answer.url))
    assert (MODELS["deal"].objects.count(), deal("D1").amount_minor) == (2, 1_200_50)
    assert list(settings.HEDEF.uploads_dir.iterdir()) == []


def test_several_files_go_in_together_in_the_order_they_need(defne):
    page = upload(defne, csv("deals.csv", PIPELINE, GOOD), csv(*PEOPLE))
    shown = text_of(defne.get(page))
    assert "names nobody known" not in shown
    assert "8 checks passed" in shown
    assert defne.post(page, {"import": "1"}).url == "/intake/"
    assert deal("D1").owner is not None


def test_one_file_of_several_can_be_left_out(defne, settings):
    page = upload(defne, csv(*PEOPLE), SimpleUploadedFile("empty.csv", b" "))
    assert "empty.csv" in text_of(defne.get(page))
    assert 'name="import" value="1" disabled' in defne.get(page).text
    defne.post(page, {"leave": "001.csv"})
    assert "empty.csv" not in defne.get(page).text
    assert 'name="import" value="1" disabled' not in defne.get(page).text
    defne.post(page, {"leave": "000.csv"})
    assert "It is the only file of this upload." in defne.get(page).text


def test_the_same_file_again_changes_nothing(defne):
    import_(defne, csv(*PEOPLE))
    sealed = head().seal_no
    page = upload(defne, csv(*PEOPLE))
    assert "Nothing would be written" in text_of(defne.get(page))
    assert "Nothing new: the ledger already says all of it." in text_of(
        defne.get(defne.post(page, {"import": "1"}).url)
    )
    assert head().seal_no == sealed


def test_a_question_is_answered_on_the_page_and_remembered_for_the_next_file(defne, samples):
    file = samples / "crm_exports" / "zoho" / "export_Deals_001.csv"
    page = upload(defne, SimpleUploadedFile(file.name, file.read_bytes()))
    shown = defne.get(page).text
    assert "does the day or the month come first?" in shown
    assert 'name="import" value="1" disabled' in shown
    defne.post(page, {"decide:Closing Date": "m/d"})
    assert "does the day or the month come first?" not in defne.get(page).text
    defne.post(page, {"import": "1"})
    assert deal("4876876000000312").close_on == date(2026, 10, 1)


def test_a_column_is_given_another_field_or_left_out_by_hand(defne):
    import_(defne, csv(*PEOPLE))
    header = (*PIPELINE, "Comment")
    rows = [(*row, "call again") for row in GOOD]
    page = upload(defne, csv("deals.csv", header, rows))
    assert "1 column not used" in text_of(defne.get(page))
    chosen = {
        "column:000.csv:Comment": "next_step",
        "was:000.csv:Comment": "-",
        "column:000.csv:sales_agent": "-",
        "was:000.csv:sales_agent": "owner",
        "column:000.csv:close_value": "amount",
        "was:000.csv:close_value": "amount",
    }
    defne.post(page, chosen)
    assert text_of(defne.get(page)).count("by hand") == 2
    defne.post(page, {"import": "1"})
    assert (deal("D1").next_step, deal("D1").owner, deal("D1").amount_minor) == ("call again", None, 1_200_50)
    again = text_of(defne.get(upload(defne, csv("deals-2.csv", header, rows))))
    assert "saved mapping" in again
    assert "Nothing would be written" in again


def test_a_file_of_no_known_shape_is_read_as_the_person_says(defne):
    import_(defne, csv(*PEOPLE))
    introduce(actor="defne", text=PROCESS)
    page = upload(defne, csv("own.csv", OWN, OWN_ROWS))
    assert "These columns fit no export that Hedef knows." in text_of(defne.get(page))
    assert defne.post(page, {"import": "1"}).url == page
    assert "what it holds was not said" in defne.get(page).text
    defne.post(page, {"object:000.csv": "deal"})
    shown = text_of(defne.get(page))
    assert "Won deals USD +$900" in shown
    assert "Open deals EUR +€1.20k" in shown
    defne.post(page, {"import": "1"})
    found = deal("X1")
    assert (found.name, found.amount_minor, found.currency, found.stage) == ("Alpha line", 1_200_50, "EUR", "offer")
    assert (found.close_on, found.owner is not None, deal("X2").status) == (date(2026, 12, 1), True, "won")


def test_another_key_and_another_object_are_a_choice(defne):
    page = upload(defne, csv("own.csv", ("Label", "Nick"), [("Anadolu", "an"), ("Bosphorus", "bo")]))
    defne.post(page, {"object:000.csv": "account"})
    assert "Which column is different in every row" in defne.get(page).text
    defne.post(page, {"key:000.csv": "Nick", "column:000.csv:Label": "name", "was:000.csv:Label": "-"})
    defne.post(page, {"import": "1"})
    assert sorted(MODELS["account"].objects.values_list("name", flat=True)) == ["Anadolu", "Bosphorus"]
    page = upload(defne, csv("own.csv", ("Label", "Nick"), [("Anadolu", "an")]), source="other")
    defne.post(page, {"object:000.csv": "spaceship"})
    assert "These columns fit no export that Hedef knows." in text_of(defne.get(page))


# --- rows to fix ------------------------------------------------------------------------------------------------------


def cells(client, page):
    """Column -> name of the form's cell, of the rows to fix."""
    found = re.findall(r'<label for="(cell-\d+-\d+)">(.*?)<', client.get(page).text)
    return {unescape(column): name for name, column in found}


def test_faulty_cells_are_mended_on_the_page_and_only_they_are_imported(defne, pipeline):
    place = cells(defne, pipeline)
    assert sorted(place) == ["close_date", "close_value", "deal_stage"]
    shown = text_of(defne.get(pipeline))
    assert "Unknown stage" in shown
    mended = {"deal_stage": "Engaging", "close_date": "2026-02-03", "close_value": "1200"}
    answer = defne.post(pipeline, {place[column]: value for column, value in mended.items()})
    assert "3 new, 0 changed." in text_of(defne.get(answer.url))
    assert "Rows to fix" not in text_of(defne.get(answer.url))
    assert (deal("D3").stage, deal("D4").close_on, deal("D5").amount_minor) == ("engaging", date(2026, 2, 3), 1_200_00)
    assert (deal("D1").amount_minor, MODELS["deal"].objects.count()) == (1_200_50, 5)
    before = text_of(defne.get(pipeline))
    assert "The rejected rows were imported again." in before
    assert "Rows to fix" not in before
    assert "imported again" in text_of(defne.get("/intake/"))


def test_rows_of_which_none_was_mended_still_wait_where_they_stood(defne, pipeline):
    place = cells(defne, pipeline)
    defne.post(pipeline, {place["close_value"]: "still twelve"})
    assert "Rows to fix" in text_of(defne.get(pipeline))
    assert sorted(cells(defne, pipeline)) == sorted(place)


def test_rows_that_are_still_wrong_come_back_and_are_mended_next(defne, pipeline):
    place = cells(defne, pipeline)
    second = defne.post(pipeline, {place["deal_stage"]: "Won", place["close_value"]: "still twelve"}).url
    assert "2 rows wait to be fixed." in text_of(defne.get(second))
    place = cells(defne, second)
    third = defne.post(second, {place["close_value"]: "12", place["close_date"]: "2026-02-03"}).url
    assert "Rows to fix" not in text_of(defne.get(third))
    assert MODELS["deal"].objects.count() == 5


def test_a_file_without_a_single_good_row_is_mended_too(defne):
    import_(defne, csv(*PEOPLE), csv("deals.csv", PIPELINE, GOOD))
    page = import_(defne, csv("more.csv", PIPELINE, BAD[2:]))
    assert "0 new, 0 changed. 1 row waits to be fixed." in text_of(defne.get(page))
    answer = defne.post(page, {cells(defne, page)["close_value"]: "12"})
    assert "1 new, 0 changed." in text_of(defne.get(answer.url))
    assert deal("D5").amount_minor == 12_00


def test_rows_of_a_file_mapped_by_hand_are_mended_with_the_same_meaning(defne):
    import_(defne, csv(*PEOPLE))
    introduce(actor="defne", text=PROCESS)
    faulty = ("X3", "Gamma line", "a lot", "EUR", "Offer", "2026-12-01", "2026-01-05", "Ann Bell", "Ege")
    page = upload(defne, csv("own.csv", OWN, [*OWN_ROWS, faulty]))
    defne.post(page, {"object:000.csv": "deal"})
    page = defne.post(page, {"import": "1", "object:000.csv": "deal"}).url
    defne.post(page, {cells(defne, page)["Amount"]: "55.50"})
    assert (deal("X3").amount_minor, deal("X3").name, deal("X3").currency) == (55_50, "Gamma line", "EUR")


def test_rows_that_were_mended_are_not_mended_twice(defne, pipeline):
    place = cells(defne, pipeline)
    answer = defne.post(pipeline, {place["close_value"]: "12"})
    fixed = ImportJob.objects.get(pk=int(answer.url.strip("/").rpartition("-")[2]))
    assert defne.post(pipeline, {place["close_value"]: "13"}).url == pipeline
    assert f"These rows were imported again with {fixed}." in defne.get(pipeline).text
    assert deal("D5").amount_minor == 12_00


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "No cell was changed."),
        ({"cell-0-999": "x"}, "A cell of the form does not belong to these rows."),
        ({"cell-99-0": "x"}, "A cell of the form does not belong to these rows."),
        ({"cell-²-0": "x"}, "A cell of the form does not belong to these rows."),
        ({"cell-0": "x"}, "A cell of the form does not belong to these rows."),
    ],
)
def test_a_form_that_mends_nothing_says_so(defne, pipeline, form, said):
    assert defne.post(pipeline, form).url == pipeline
    assert said in defne.get(pipeline).text
    assert MODELS["deal"].objects.count() == 2


def test_rows_to_fix_are_paged(defne, monkeypatch, pipeline):
    monkeypatch.setattr(fixing, "SHOWN", 2)
    assert sorted(cells(defne, pipeline)) == ["close_date", "deal_stage"]
    assert list(cells(defne, f"{pipeline}?page=2").values()) == ["cell-2-7"]
    assert defne.get(f"{pipeline}?page=nonsense").status_code == 200


def test_no_file_of_an_upload_or_a_fix_stays_behind(defne, settings, pipeline):
    page = upload(defne, csv(*PEOPLE))
    assert len(list(settings.HEDEF.uploads_dir.iterdir())) == 1
    assert defne.post(f"{page}cancel").url == "/intake/"
    assert "The upload was thrown away. Nothing was written." in toasts(defne)
    assert defne.get(page).status_code == 404
    defne.post(pipeline, {cells(defne, pipeline)["close_value"]: "12"})
    assert list(settings.HEDEF.uploads_dir.iterdir()) == []


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    ["..%2F..%2Fetc", "../", "%2e%2e", "a" * 24, "ABCDEF0123456789abcdef01", "ş" * 24, "0" * 300, "draft.json"],
)
def test_a_made_up_token_is_an_upload_that_is_not_there(defne, token):
    assert defne.get(f"/intake/uploads/{token}/").status_code == 404
    assert defne.post(f"/intake/uploads/{token}/cancel").status_code == 404


@pytest.mark.parametrize("name", ["../../escape.csv", "..\\..\\escape.csv", "/etc/passwd.csv", "<b>x</b>.csv"])
def test_a_file_name_is_a_label_and_never_a_path(defne, settings, name):
    file = csv(*PEOPLE)
    file.name = name
    page = upload(defne, file)
    assert defne.get(page).status_code == 200
    assert "<b>x</b>" not in defne.get(page).text
    folder = settings.HEDEF.uploads_dir / page.strip("/").rpartition("/")[2]
    assert sorted(one.name for one in folder.iterdir()) == ["000.csv", "draft.json", "look.json"]
    assert not (settings.HEDEF.uploads_dir.parent / "escape.csv").exists()
    defne.post(page, {"import": "1"})
    assert "/" not in ImportJob.objects.latest("pk").file_name


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b" ", "strange.csv is empty."),
        (b"PK\x03\x04" + b"\x00" * 40, "cannot be unpacked"),
        (b"\x00\x01\x02\xff" * 50, "holds no text that could be a table"),
        (b"Alpha,Beta\n1,2\n", "These columns fit no export that Hedef knows."),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_imports_nothing(defne, data, said):
    page = upload(defne, SimpleUploadedFile("strange.csv", data))
    shown = defne.get(page)
    assert shown.status_code == 200
    assert said in text_of(shown)
    assert 'name="import" value="1" disabled' in shown.text
    assert defne.post(page, {"import": "1"}).url == page
    assert ImportJob.objects.count() == 0


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (nan_json, "deals.json", "deals.json içinde NaN var. JSON böyle bir sayı tanımaz."),
        (macro_workbook, "deals.xlsx", "deals.xlsx makro içeriyor. Makrosuz XLSX olarak"),
        (path_traversal, "deals.zip", "deals.zip, adı başka bir yeri gösteren bir dosya içeriyor"),
        (three_thousand_columns, "deals.csv", "deals.csv içinde 3000 sütun var; en çok 2000 sütun olabilir."),
    ],
)
def test_a_refusal_of_the_reader_is_said_in_turkish_with_its_reason_and_cure(defne, tmp_path, make, name, said):
    make(tmp_path / name)
    page = upload(defne, SimpleUploadedFile(name, (tmp_path / name).read_bytes()))
    assert said in text_of(defne.get(page, headers={"Accept-Language": "tr"}))


def test_an_upload_without_a_file_is_a_message(defne):
    assert defne.post("/intake/upload", {"source": "x"}).url == "/intake/"
    assert toasts(defne) == ["No file was chosen. Choose one or more files."]


def test_a_file_beyond_the_limit_is_a_message(defne, settings):
    settings.HEDEF = replace(settings.HEDEF, upload_limit_mb=0)
    assert upload(defne, csv(*PEOPLE)) == "/intake/"
    assert "people.csv: the upload is larger than 0 MB; nothing of it was kept." in toasts(defne)[0]
    assert list(settings.HEDEF.incoming_dir.iterdir()) == []


@pytest.mark.parametrize(
    "form",
    [
        {"decide:nobody": "x"},
        {"column:009.csv:close_value": "amount", "column:": "", "object:": "deal", "key:../x": "y"},
        {"column:000.csv:no such column": "amount"},
        {"column:000.csv:close_value": "no such field"},
        {"leave": "../draft.json"},
        {"key:000.csv": "no such column", "object:000.csv": "deal"},
    ],
)
def test_an_answer_that_fits_nothing_is_no_fault_of_the_house(defne, form):
    page = upload(defne, csv("deals.csv", PIPELINE, GOOD))
    assert defne.post(page, form).status_code == 302
    assert defne.get(page).status_code == 200
    assert defne.post(page, {"import": "1"}).status_code == 302


@pytest.mark.parametrize("number", ["J-99", "x", "²", "9" * 30, "J-"])
def test_an_import_that_is_not_there_is_a_page_that_says_so(defne, number):
    assert defne.get(f"/intake/imports/{number}/").status_code == 404


def test_rejected_rows_whose_file_was_cleared_away_are_no_fault(defne, settings, pipeline):
    for file in settings.HEDEF.rejects_dir.iterdir():
        file.unlink()
    assert "Rows to fix" not in text_of(defne.get(pipeline))
    assert defne.get(f"{pipeline}rejects.csv").status_code == 404
    assert defne.post(pipeline, {"cell-0-4": "Won"}).url == pipeline


def test_the_address_of_the_form_leads_to_the_form(defne):
    assert defne.get("/intake/upload").url == "/intake/"


# --- cost -------------------------------------------------------------------------------------------------------------


def questions(client, path):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_pages_ask_as_often_for_three_rows_as_for_one(defne):
    import_(defne, csv(*PEOPLE))
    one = import_(defne, csv("deals.csv", PIPELINE, BAD[:1]))
    defne.get("/intake/")  # the message of the import was shown
    lists, job = questions(defne, "/intake/"), questions(defne, one)
    three = import_(defne, csv("deals-2.csv", PIPELINE, BAD))
    import_(defne, csv("people-2.csv", ROSTER, [("Cem Ak", "Kai Ruhi", "West")]))
    defne.get("/intake/")
    assert (questions(defne, "/intake/") <= lists, questions(defne, three) <= job) == (True, True)


def test_the_trust_of_all_sources_is_asked_once(defne):
    import_(defne, csv(*PEOPLE), source="one")
    defne.get("/intake/")
    before = questions(defne, "/intake/")
    import_(defne, csv(*PEOPLE), source="two")
    defne.get("/intake/")
    assert [one.name for one in queries.sources()] == ["two", "one"]
    assert questions(defne, "/intake/") == before


def test_a_part_for_htmx_is_the_page_without_its_frame(defne):
    whole, part = defne.get("/intake/"), defne.get("/intake/", headers={"HX-Request": "true"})
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert part.text.strip().startswith('<div class="page-head">')
