"""Imports and trust through the command line and the API: same answers, same refusals."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hedef.access.services import create_user, make_token
from hedef.cli import run
from hedef.intake.models import ImportJob, TrustState
from hedef.intake.queries import check
from hedef.records.models import Deal
from tests.intake.support import PIPELINE, import_files, write_csv

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
GOOD = ("D1", "", "", "", "Won", "2017-03-01", "2017-03-20", "1000")
BAD = ("D2", "", "", "", "Nowhere", "2017-03-01", "2017-03-20", "1000")
KEYS = [
    "schema", "job", "batch", "seal_no", "dry_run", "nothing_changed", "source", "object", "vendor", "plan", "file",
    "rows_read", "created", "updated", "unchanged", "rejected", "gone", "ended", "changes", "also", "decisions",
    "issues", "totals", "rejects_file", "trust", "ms", "peak_mb",
]  # fmt: skip


@pytest.fixture
def tokens(home: Path) -> dict[str, dict[str, str]]:
    found = {}
    for username, roles in (("defne", ["operations"]), ("deniz", ["rep"])):
        create_user(username=username, name=username.title(), roles=roles, now=NOW, password="bosporus-wind")
        _, plain = make_token(username=username, name="test", now=datetime.now(UTC))
        found[username] = {"Authorization": f"Bearer {plain}"}
    return found


def upload(client: Client, path: Path, headers: dict[str, str], **form: str) -> Any:
    file = SimpleUploadedFile(path.name, path.read_bytes(), content_type="text/csv")
    return client.post("/api/v1/intake/imports", {"files": file, **form}, headers=headers)


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "deals.csv", PIPELINE, [GOOD, BAD])


def test_an_upload_answers_with_every_key_and_its_job_can_be_followed(
    client: Client, tokens: dict[str, dict[str, str]], deals: Path
) -> None:
    answer = upload(client, deals, tokens["defne"], yes="true").json()
    assert list(answer) == KEYS
    assert (answer["rows_read"], answer["created"], answer["rejected"]) == (2, 1, 1)
    assert answer["file"]["name"] == "deals.csv"
    job = client.get(f"/api/v1/intake/jobs/{answer['job']}", headers=tokens["defne"]).json()
    assert (job["state"], job["answer"]["batch"], job["actor"]) == ("done", answer["batch"], "defne")
    trust = client.get("/api/v1/intake/trust", headers=tokens["defne"]).json()
    assert (trust["schema"], trust["trust"]["level"]) == ("hedef.trust/1", "blocked")
    assert {one["check"]: one["level"] for one in trust["checks"]}["reconciliation"] == "trusted"


def test_a_large_upload_is_accepted_and_its_job_shows_progress_and_answer(
    client: Client, tokens: dict[str, dict[str, str]], deals: Path, settings: Any
) -> None:
    settings.HEDEF = replace(settings.HEDEF, small_upload_kb=0)
    accepted = upload(client, deals, tokens["defne"], yes="true", source="crm", exported_at="2017-06-01")
    assert accepted.status_code == 202
    address = accepted.json()["address"]
    assert (accepted["Location"], accepted.json()["schema"]) == (address, "hedef.import_job/1")
    told = client.get(address, headers=tokens["defne"]).json()
    assert (told["state"], told["file_name"], told["source"], told["error"]) == ("done", "deals.csv", "crm", None)
    assert sorted(told["answer"]) == sorted(KEYS)  # PostgreSQL keeps a stored answer in an order of its own
    assert (told["answer"]["created"], told["answer"]["rejected"]) == (1, 1)
    of_import = client.get(f"/api/v1/intake/jobs/{told['answer']['job']}", headers=tokens["defne"]).json()
    assert {*of_import} == {*told}
    assert client.get(address, headers=tokens["deniz"]).status_code == 403
    assert list(settings.HEDEF.uploads_dir.iterdir()) == []


def test_a_question_of_a_large_upload_stands_in_its_job(
    client: Client, tokens: dict[str, dict[str, str]], tmp_path: Path, settings: Any
) -> None:
    settings.HEDEF = replace(settings.HEDEF, small_upload_kb=0)
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [(*GOOD[:5], "03/04/2017", "03/05/2017", "5")])
    accepted = upload(client, file, tokens["defne"], yes="true").json()
    told = client.get(accepted["address"], headers=tokens["defne"]).json()
    assert (told["state"], told["answer"]) == ("asking", None)
    assert {one["column"] for one in told["decisions"]} == {"engage_date", "close_date"}
    assert Deal.objects.count() == 0


def test_a_rep_may_not_import_and_nothing_is_written(
    client: Client, tokens: dict[str, dict[str, str]], deals: Path
) -> None:
    assert upload(client, deals, tokens["deniz"]).status_code == 403
    assert client.get("/api/v1/intake/trust", headers=tokens["deniz"]).status_code == 403
    assert (ImportJob.objects.count(), Deal.objects.count()) == (0, 0)


def test_a_question_is_409_with_its_decisions(
    client: Client, tokens: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [(*GOOD[:5], "03/04/2017", "03/05/2017", "5")])
    refused = upload(client, file, tokens["defne"], yes="true")
    assert refused.status_code == 409
    assert {one["column"] for one in refused.json()["decisions"]} == {"engage_date", "close_date"}
    told = json.dumps({"engage_date": "d/m", "close_date": "d/m"})
    assert upload(client, file, tokens["defne"], yes="true", decide=told).json()["created"] == 1


def test_answers_that_are_no_json_object_are_refused(
    client: Client, tokens: dict[str, dict[str, str]], deals: Path
) -> None:
    for wrong in ("[]", "{", '{"a": 1}'):
        assert upload(client, deals, tokens["defne"], decide=wrong).status_code == 400


def command(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = run([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_command_prints_one_answer_for_one_file_and_a_list_for_several(
    home: Path, deals: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, one = command("import", str(deals), "--yes", capsys=capsys)
    assert (code, list(one)) == (1, KEYS)
    other = write_csv(tmp_path / "more.csv", PIPELINE, [("D3", *GOOD[1:])])
    code, both = command("import", str(deals), str(other), "--yes", "--dry-run", capsys=capsys)
    assert (code, list(both), len(both["files"])) == (1, ["schema", "files"], 2)
    assert [list(told) for told in both["files"]] == [KEYS, KEYS]
    assert Deal.objects.count() == 1


def test_the_command_stops_with_4_and_lists_its_questions(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [(*GOOD[:5], "2017-03-01", "03/05/2017", "5")])
    code, asked = command("import", str(file), "--yes", capsys=capsys)
    assert (code, asked["schema"], [one["column"] for one in asked["decisions"]]) == (
        4,
        "hedef.error/1",
        ["close_date"],
    )
    code, done = command("import", str(file), "--decide", "close_date=m/d", capsys=capsys)
    assert (code, done["created"]) == (0, 1)
    assert Deal.objects.get().close_on.isoformat() == "2017-03-05"


def test_a_missing_file_and_a_wrong_option_are_wrong_use(
    home: Path, deals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("import", "nowhere.csv", capsys=capsys)[0] == 2
    assert command("import", str(deals), "--scope", "half", capsys=capsys)[0] == 2
    assert command("import", str(deals), "--decide", "m/d", capsys=capsys)[0] == 2


def test_check_exits_with_the_level(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, nothing = command("check", capsys=capsys)
    assert (code, nothing["trust"]["level"]) == (1, "unknown")
    import_files(write_csv(tmp_path / "a.csv", PIPELINE, [GOOD]))
    assert command("check", capsys=capsys)[0] == 0
    import_files(write_csv(tmp_path / "b.csv", PIPELINE, [GOOD, ("D9", *GOOD[1:]), BAD]))
    code, blocked = command("check", "--source", "files", capsys=capsys)
    assert (code, blocked["trust"]["level"]) == (3, "blocked")
    assert command("check", "--source", "nobody", capsys=capsys)[0] == 2


def test_the_trust_of_an_old_number_is_what_was_measured_then(home: Path, tmp_path: Path) -> None:
    (first,) = import_files(write_csv(tmp_path / "a.csv", PIPELINE, [GOOD]))
    import_files(write_csv(tmp_path / "b.csv", PIPELINE, [GOOD, ("D9", *GOOD[1:]), BAD]))
    assert check(known_no=first.seal_no).trust.level == "trusted"
    assert check().trust.level == "blocked"
    assert TrustState.objects.filter(seal_no=first.seal_no).count() >= 4


def test_trust_reaches_the_facts(home: Path, tmp_path: Path) -> None:
    from hedef.facts.queries import pin, trust_of

    import_files(write_csv(tmp_path / "a.csv", PIPELINE, [GOOD, BAD]))
    found = trust_of(("deal",), pin=pin())
    assert found.level == "blocked"
    assert any(reason.code == "domain" for reason in found.reasons)
