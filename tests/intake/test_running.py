"""Uploads that a worker looks at and imports, the inbox, and clearing away."""

import io
import json
import os
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from hedef.access.services import create_user
from hedef.definitions.services import introduce
from hedef.intake import drafts, queries, services, tasks, tidying, wordings
from hedef.intake.engine.shapes import FINDING_SCHEMA, Sniffed, TextTable
from hedef.intake.models import ImportJob
from hedef.jobs import naming
from hedef.jobs.models import JobRun
from hedef.ledger.queries import head
from hedef.records import services as records
from hedef.records.models import MODELS, Alias
from tests.intake.support import PIPELINE, ROSTER
from tests.intake.test_pages import BAD, GOOD, OWN, PEOPLE, csv, import_, text_of, toasts, upload, user
from tests.process.conftest import PROCESS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG_AGO = 1_700_000_000


@pytest.fixture
def defne(home):
    return user("defne", "operations")


@pytest.fixture
def by_a_worker(settings, home):
    """No upload is small enough for a page."""
    settings.HEDEF = replace(settings.HEDEF, small_upload_kb=0)


def text(header, rows):
    return "\n".join([",".join(header), *(",".join(row) for row in rows)]) + "\n"


# --- uploads ----------------------------------------------------------------------------------------------------------


def test_a_large_upload_is_looked_at_by_a_job_and_shown_as_if_the_page_had_read_it(defne, settings, by_a_worker):
    page = upload(defne, csv(*PEOPLE), csv("deals.csv", PIPELINE, GOOD + BAD))
    assert defne.get(page).url == page  # the job is asked for, and over at once where no worker stands behind it
    by_job = text_of(defne.get(page))
    assert JobRun.objects.get().name == "intake.look_at_draft"
    settings.HEDEF = replace(settings.HEDEF, small_upload_kb=1024)
    other = upload(defne, csv(*PEOPLE), csv("deals.csv", PIPELINE, GOOD + BAD))
    assert text_of(defne.get(other)) == by_job


def test_a_page_that_is_loaded_again_does_not_read_the_files_again(defne, by_a_worker):
    page = upload(defne, csv(*PEOPLE))
    defne.get(page)
    defne.get(page)
    defne.get(page)
    assert JobRun.objects.count() == 1
    defne.post(page, {"decide:key": ""})
    defne.get(page)
    assert JobRun.objects.count() == 1  # nothing new was said


def test_a_large_upload_is_imported_by_a_job_and_its_page_leads_to_the_import(defne, by_a_worker):
    page = upload(defne, csv(*PEOPLE))
    defne.get(page)
    answer = defne.post(page, {"import": "1"}, follow=True)
    imported = f"/intake/imports/J-{ImportJob.objects.get().pk}/"
    assert answer.redirect_chain[-1][0] == imported
    assert MODELS["person"].objects.count() == 3
    run = JobRun.objects.get(task="hedef.intake.tasks.import_draft")
    assert (run.state, run.result["written"]) == ("done", 2)
    assert defne.get(page).url == imported
    assert user("olga", "operations").get(page).status_code == 404


def test_what_stops_an_import_by_a_job_is_said_on_the_page_of_the_upload(defne, by_a_worker, settings):
    page = upload(defne, csv(*PEOPLE))
    defne.get(page)
    (settings.HEDEF.uploads_dir / page.split("/")[3] / "000.csv").write_bytes(b"\x00\x01\x02\xff" * 50)
    answer = defne.post(page, {"import": "1"}, follow=True)
    assert "people.csv holds no text that could be a table." in answer.text
    run = JobRun.objects.get(task="hedef.intake.tasks.import_draft")
    assert (run.state, run.final) == ("failed", True)
    assert ImportJob.objects.filter(state="done").count() == 0


def test_a_second_run_of_an_import_job_writes_nothing_again(defne, by_a_worker, settings):
    page = upload(defne, csv(*PEOPLE))
    token = page.split("/")[3]
    draft = drafts.of_token(token)
    told = {"jobs": ["J-9"], "written": 2, "rejected": 0}
    drafts.keep_answer(draft, told)
    assert tasks.import_draft.enqueue(token=token, language="en").return_value == told
    assert MODELS["person"].objects.count() == 0
    assert not draft.folder.exists()


# --- the inbox --------------------------------------------------------------------------------------------------------


@pytest.fixture
def put(home, settings):
    def put(name, content, source="crm"):
        folder = settings.HEDEF.inbox_dir / source
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
        os.utime(folder / name, (LONG_AGO, LONG_AGO))
        return folder

    return put


def look_twice():
    tasks.scan_inbox.enqueue()
    tasks.scan_inbox.enqueue()


def answer_beside(folder, place):
    return json.loads(next((folder / place).glob("*.answer.json")).read_text(encoding="utf-8"))


def test_a_file_in_the_inbox_is_imported_and_moved_with_its_answer(put):
    folder = put("people.csv", text(ROSTER, PEOPLE[2]))
    look_twice()
    assert MODELS["person"].objects.count() == 3
    assert [one.name for one in folder.iterdir() if one.suffix == ".csv"] == []
    told = answer_beside(folder, "done")
    assert (told["source"], told["created"], told["rejected"]) == ("crm", 2, 0)
    assert sum(one.name.endswith("-people.csv") for one in (folder / "done").iterdir()) == 1


def test_a_file_that_is_still_being_written_is_left_alone(put):
    folder = put("people.csv", text(ROSTER, PEOPLE[2][:1]))
    tasks.scan_inbox.enqueue()
    with (folder / "people.csv").open("a", encoding="utf-8") as file:
        file.write("Bob Hill,Mia Stone,East\n")
    look_twice()
    assert MODELS["person"].objects.count() == 0
    put("more.csv.part", text(ROSTER, PEOPLE[2]))
    os.utime(folder / "people.csv", (LONG_AGO + 60, LONG_AGO + 60))
    look_twice()
    assert MODELS["person"].objects.count() == 3
    assert (folder / "more.csv.part").exists()


def test_the_same_file_twice_in_the_inbox_does_nothing(put):
    folder = put("people.csv", text(ROSTER, PEOPLE[2]))
    look_twice()
    sealed = head().seal_no
    put("people.csv", text(ROSTER, PEOPLE[2]))
    look_twice()
    assert head().seal_no == sealed
    assert len(list((folder / "done").glob("*.answer.json"))) == 2


def test_a_file_of_the_inbox_that_cannot_be_read_is_moved_with_the_reason(put):
    folder = put("people.csv", "")
    look_twice()
    assert [one["code"] for one in answer_beside(folder, "failed")["issues"]] == ["empty_file"]
    assert MODELS["person"].objects.count() == 0


def test_a_file_of_the_inbox_that_nobody_knows_waits_for_a_person_on_the_page(put, defne):
    folder = put("strange.csv", "a,b\n1,2\n")
    look_twice()
    page = answer_beside(folder, "asked")["page"]
    assert "Say what the file holds" in text_of(defne.get(page))


def test_an_undecided_date_of_the_inbox_becomes_an_upload_that_every_importer_may_answer(put, defne):
    import_(defne, csv(*PEOPLE))
    rows = [("D1", "Ann Bell", "", "", "Won", "2026-01-05", "05/02/2026", "10")]
    folder = put("deals.csv", text(PIPELINE, rows))
    look_twice()
    assert "deals.csv" in text_of(defne.get("/intake/"))
    page = answer_beside(folder, "asked")["page"]
    assert "to answer" in text_of(defne.get(page))
    assert user("olga", "operations").get(page).status_code == 200
    assert not (folder / "deals.csv").exists()


# --- clearing away ----------------------------------------------------------------------------------------------------


def test_an_upload_that_nobody_went_on_with_is_cleared_after_a_day_one_of_the_inbox_after_thirty(defne, settings):
    old = drafts.of_token(upload(defne, csv(*PEOPLE)).split("/")[3])
    new = drafts.of_token(upload(defne, csv(*PEOPLE)).split("/")[3])
    kept = drafts.start([SimpleUploadedFile("x.csv", b"a\n")], actor=drafts.INBOX, source="crm", take=_write)
    two_days = datetime.now(UTC).timestamp() - 2 * 86400
    for draft in (old, kept):
        for file in [draft.folder, *draft.folder.iterdir()]:
            os.utime(file, (two_days, two_days))
    assert tidying.clear_uploads() == 1
    assert (old.folder.exists(), new.folder.exists(), kept.folder.exists()) == (False, True, True)


def _write(file, place):
    place.write_bytes(file.read())


def test_an_import_that_nobody_works_on_ends_as_failed_and_says_so(home):
    left = ImportJob.objects.create(file_name="deals.csv", actor="ada", source="crm", started_us=1)
    assert tidying.resume_imports() == 1
    found = queries.job(f"J-{left.pk}")
    assert (found.state, found.error["code"]) == ("failed", "broken_off")


def test_an_import_that_a_job_works_on_is_left_alone(home):
    ImportJob.objects.create(file_name="deals.csv", actor="ada", source="crm", started_us=1)
    JobRun.objects.create(id="x" * 8, task="hedef.intake.tasks.import_draft", state="running", created_at=NOW)
    assert tidying.resume_imports() == 0


# --- the page of jobs -------------------------------------------------------------------------------------------------


def test_the_page_of_jobs_shows_states_and_offers_to_repeat_what_failed(defne, by_a_worker):
    JobRun.objects.create(
        id="failed-1",
        task="hedef.intake.tasks.import_draft",
        state="failed",
        created_at=NOW,
        error={"code": "worker_lost", "message": "x", "hint": "y"},
    )
    JobRun.objects.create(id="running1", task="hedef.facts.tasks.compact", state="running", created_at=NOW)
    shown = text_of(defne.get("/jobs/"))
    assert "1 job failed and waits for a person." in shown
    assert "The worker ended before the job did" in shown
    assert defne.get("/jobs/failed-1/").status_code == 200
    defne.post("/jobs/running1/stop")
    assert JobRun.objects.get(id="running1").stop_asked
    defne.post("/jobs/failed-1/retry")
    assert any("no longer in the queue" in one for one in toasts(defne))
    assert user("fin", "finance").post("/jobs/failed-1/retry").status_code == 403
    assert user("deniz", "rep").get("/jobs/").status_code == 403


def test_a_demo_says_that_jobs_run_by_another_clock_than_the_company_lives_on(defne, settings):
    JobRun.objects.create(id="running1", task="hedef.facts.tasks.compact", state="running", created_at=NOW)
    pages = ("/jobs/", "/jobs/running1/")
    assert all("Jobs run by the clock of this computer" not in text_of(defne.get(one)) for one in pages)
    settings.HEDEF = replace(settings.HEDEF, today=date(2017, 8, 31))
    assert all("the company lives on 31 Aug 2017." in text_of(defne.get(one)) for one in pages)


def test_programs_read_and_act_on_jobs(defne):
    create_user(username="ada", name="Ada", roles=["operations"], now=NOW)
    JobRun.objects.create(id="running1", task="hedef.facts.tasks.compact", state="running", created_at=NOW)
    told = defne.get("/api/v1/jobs/").json()
    assert (told["schema"], [one["name"] for one in told["jobs"]]) == ("hedef.jobs/1", ["facts.compact"])
    assert {"inbox", "resume", "sweep", "uploads"} <= {one["key"] for one in told["schedules"]}
    assert defne.get("/api/v1/jobs/running1").json()["jobs"][0]["state"] == "running"
    assert defne.get("/api/v1/jobs/nobody99").status_code == 404


# --- words of stages, spellings, saved mappings -----------------------------------------------------------------------


@pytest.fixture
def process(home):
    introduce(actor="defne", text=PROCESS)


def own(defne, words, **answers):
    """The page of an upload of a shape nobody knows, with these words in its stage column."""
    rows = [
        (f"X{n}", f"Line {n}", "10", "EUR", word, "2026-12-01", "2026-01-05", "Ann Bell", "Ege") for n, word in words
    ]
    page = upload(defne, csv("own.csv", OWN, rows), source="own")
    token = page.split("/")[3]
    defne.post(page, {"object:000.csv": "deal"})
    if answers:
        defne.post(page, answers)
    return page, drafts.of_token(token)


def test_words_for_stages_are_shown_with_their_rows_and_given_a_meaning_that_the_source_keeps(defne, process):
    import_(defne, csv(*PEOPLE))
    page, _draft = own(defne, enumerate(["Bekleyen", "Bekleyen", "Won"]))
    shown = text_of(defne.get(page))
    assert "Stages of sales 1 word unknown" in shown
    assert "2 rows to fix" in shown
    defne.post(page, {"stage:sales:Bekleyen": "offer", "was-stage:sales:Bekleyen": ""})
    assert "all known" in text_of(defne.get(page))
    assert "rows to fix" not in text_of(defne.get(page))
    defne.post(page, {"import": "1"})
    assert sorted(MODELS["deal"].objects.values_list("stage", flat=True)) == ["offer", "offer", "won"]
    again, _draft = own(defne, enumerate(["Bekleyen"], start=7))
    assert "all known" in text_of(defne.get(again))


def test_a_spelling_is_confirmed_once_and_known_for_its_source_from_then_on(defne, process):
    import_(defne, csv(*PEOPLE), source="own")
    rows = [("X1", "One", "10", "EUR", "Offer", "2026-12-01", "2026-01-05", "Ann Bel", "Ege")]
    page = upload(defne, csv("own.csv", OWN, rows), source="own")
    defne.post(page, {"object:000.csv": "deal"})
    shown = text_of(defne.get(page))
    assert "1 spelling unknown" in shown
    assert "Ann Bell (likely)" in shown
    defne.post(page, {"decide:person:Ann Bel": "Ann Bell"})
    defne.post(page, {"import": "1"})
    assert MODELS["deal"].objects.get().owner == MODELS["person"].objects.get(name="Ann Bell").entity
    rows = [("X2", "Two", "10", "EUR", "Offer", "2026-12-01", "2026-01-05", "Ann Bel", "Ege")]
    assert "spelling unknown" not in text_of(defne.get(upload(defne, csv("own.csv", OWN, rows), source="own")))


@pytest.mark.parametrize("large", [False, True])
def test_a_likely_spelling_that_the_page_leaves_open_joins_nobody(defne, settings, process, large):
    products = csv("products.csv", ("product", "series", "sales_price"), [("GTX Pro", "GTX", "4821")])
    import_(defne, csv(*PEOPLE), products)
    if large:
        settings.HEDEF = replace(settings.HEDEF, small_upload_kb=0)
    rows = [("D1", "Ann Bel", "GTXPro", "", "Won", "2026-01-05", "2026-02-01", "1200.50")]
    page = upload(defne, csv("deals.csv", PIPELINE, rows))
    defne.get(page)
    shown = text_of(defne.get(page))
    assert "2 spellings unknown" in shown
    assert "suggested" not in shown
    defne.post(page, {"import": "1", "decide:person:Ann Bel": "", "decide:product:GTXPro": ""})
    told = {one["code"] for one in queries.jobs(last=1)[0].answer["issues"]}
    assert {"unknown_person", "unknown_product"} <= told
    assert MODELS["deal"].objects.get().owner is None
    assert not Alias.objects.exists()


def test_people_whom_another_file_of_the_upload_brings_are_not_asked_about(defne, process):
    import_(defne, csv("others.csv", ROSTER, [("Cem Ak", "Mia Stone", "East")]))
    rows = [("D1", "Ann Bell", "", "", "Won", "2026-01-05", "2026-02-01", "1200.50")]
    page = upload(defne, csv("deals.csv", PIPELINE, rows), csv(*PEOPLE))
    assert "spelling unknown" not in text_of(defne.get(page))


def test_an_undone_import_says_by_which_batch_it_was_undone(defne):
    import_(defne, csv(*PEOPLE))
    (job,) = queries.jobs()
    undone = records.undo_batch(job.batch, actor="defne", reason="wrong file")
    assert f"undone by B-{undone.batch}" in text_of(defne.get("/intake/"))
    assert f"Undone by B-{undone.batch}: nothing of it counts" in text_of(defne.get(f"/intake/imports/{job}/"))


@pytest.mark.parametrize("step", ["main", "also0", "waiting-main", "waiting-also0", "repeated", "history"])
def test_progress_is_said_in_words_of_people(step):
    assert naming.step_words(step) in ("Writing", "Joining rows that name each other")
    assert naming.step_words("waiting for another import of own") == "Waiting for another import of own"


def test_a_saved_mapping_shows_its_versions_takes_words_for_stages_and_goes_back(defne, process):
    import_(defne, csv(*PEOPLE))
    page, _draft = own(defne, enumerate(["Offer"]))
    defne.post(page, {"import": "1"})
    assert "own" in text_of(defne.get("/intake/mappings/"))
    address = "/intake/mappings/own-deal/"
    defne.post(address, {"new-word": "Bekleyen", "new-stage": "sales/offer"})
    assert "Bekleyen" in text_of(defne.get(address))
    assert "Version 2" in text_of(defne.get(address))
    defne.post(address, {"new-word": "Bekleyen", "new-stage": "sales/nothing"})
    assert any("has no stage nothing" in one for one in toasts(defne))
    defne.post(f"{address}undo")
    shown = text_of(defne.get(address))
    assert "Version 3" in shown
    assert "No word was given to a stage" in shown
    fin = user("fin", "finance")
    assert fin.get(address).status_code == 200
    assert fin.post(address, {"new-word": "X", "new-stage": "sales/offer"}).status_code == 403
    assert defne.get("/intake/mappings/nothing/").status_code == 404


def test_an_archive_of_several_files_becomes_its_files(defne):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.csv", text(ROSTER, PEOPLE[2]))
        archive.writestr("deals.csv", text(PIPELINE, GOOD))
    page = upload(defne, SimpleUploadedFile("export.zip", packed.getvalue()), source="crm")
    shown = text_of(defne.get(page))
    assert "people.csv" in shown
    assert "deals.csv" in shown
    assert sorted(drafts.of_token(page.split("/")[3]).files.values()) == [
        "export.zip: deals.csv",
        "export.zip: people.csv",
    ]
    defne.post(page, {"import": "1"})
    assert MODELS["person"].objects.count() == 3
    assert MODELS["deal"].objects.count() == 2


def test_which_sheet_of_a_workbook_is_meant_is_asked_on_the_page(defne):
    place = io.BytesIO()
    with xlsxwriter.Workbook(place) as book:
        for name, rows in (("This year", GOOD), ("Last year", BAD)):
            sheet = book.add_worksheet(name)
            for at, row in enumerate([PIPELINE, *rows]):
                sheet.write_row(at, 0, row)
    files = [csv(*PEOPLE), SimpleUploadedFile("Pipeline.xlsx", place.getvalue())]
    page = upload(defne, *files, source="crm")
    shown = defne.get(page)
    assert "Several sheets of the file hold records." in text_of(shown)
    assert 'name="decide:Pipeline.xlsx: sheet"' in shown.text
    defne.post(page, {"decide:Pipeline.xlsx: sheet": "This year"})
    assert "Several sheets" not in text_of(defne.get(page))
    defne.post(page, {"import": "1"})
    assert sorted(MODELS["deal"].objects.values_list("amount_minor", flat=True)) == [80_000, 120_050]


def test_which_records_of_a_json_are_meant_is_asked_on_the_page_of_an_archive_too(defne):
    packed = io.BytesIO()
    people = {"staff": [dict(zip(ROSTER, row, strict=True)) for row in PEOPLE[2]], "other": [{"a": "1"}, {"a": "2"}]}
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.json", json.dumps(people))
        archive.writestr("deals.csv", text(PIPELINE, GOOD))
    page = upload(defne, SimpleUploadedFile("export.zip", packed.getvalue()), source="crm")
    assert 'name="decide:export.zip: people.json: list"' in defne.get(page).text
    defne.post(page, {"decide:export.zip: people.json: list": "staff"})
    assert "export.zip: people.json" in text_of(defne.get(page))
    defne.post(page, {"import": "1"})
    assert MODELS["deal"].objects.count() == 2


def test_words_of_a_large_upload_are_counted_part_by_part(home):
    frame = pl.DataFrame({"stage": ["Won", " Won", "", "Lost", "Won", "Lost"]})
    sniffed = Sniffed("text", "utf-8", ",", ("stage",), 1, (), 0, 0, 2, (), "deals.csv")
    none = pl.DataFrame(schema=FINDING_SCHEMA)
    parts = [TextTable(frame[at : at + 2], sniffed, none, (), (), False, None, None, at + 1) for at in (0, 2, 4)]

    class InParts:
        count = 3

        def part(self, at, columns=None):
            return parts[at]

    assert wordings._counted(InParts(), "stage", None) == [(None, "Won", 3), (None, "Lost", 2)]


# --- broken-off imports -----------------------------------------------------------------------------------------------


def broken_off(folder):
    """An import of a large file that stopped in the middle, as a killed one leaves it; its job."""
    file = folder / "people.csv"
    file.write_text(text(ROSTER, [(f"Person {n:04d}", "Mia Stone", "East") for n in range(60)]), encoding="utf-8")
    calls = []

    def killed(step, done, total):
        calls.append(step)
        if step == "plan" and done:
            raise SystemExit

    with pytest.raises(SystemExit):
        services.run_import(files=[file], actor="ada", source="crm", part_rows=10, progress=killed)
    job = ImportJob.objects.get()
    assert job.state == "running"
    ImportJob.objects.update(heartbeat_us=1, started_us=1)
    return file


def test_a_broken_off_import_goes_on_where_it_was(home, tmp_path):
    broken_off(tmp_path)
    assert tidying.resume_imports() == 1
    assert ImportJob.objects.get().state == "done"
    assert MODELS["person"].objects.count() == 61


def test_a_broken_off_import_whose_file_is_gone_is_taken_back_and_says_so(home, tmp_path):
    broken_off(tmp_path).unlink()
    assert tidying.resume_imports() == 1
    job = ImportJob.objects.get()
    assert (job.state, "its file is gone" in job.error["message"]) == ("abandoned", True)
    assert MODELS["person"].objects.filter(ended_us=None).count() == 0
