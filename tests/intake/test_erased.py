"""Whoever was erased stays erased: no file kept, no answer of an import, no later file brings a word back."""

import json
import os
from pathlib import Path

import pytest
from django.db import connection

from hedef.intake import inbox
from hedef.intake.datafix import accept_fix, ask_fix
from hedef.intake.models import ImportJob
from hedef.kernel.scope import EVERYTHING
from hedef.ledger.engine import decode
from hedef.ledger.models import LedgerBlock
from hedef.ledger.queries import verify
from hedef.records import services
from hedef.records.models import MODELS, ExternalKey
from tests.intake.support import PIPELINE, ROSTER, counts, import_files, write_csv

ANNA = "Anna Snelling"
PEOPLE = ((ANNA, "Dustin Brinkmann", "Central"), ("Boris Faz", "Dustin Brinkmann", "Central"))


@pytest.fixture
def roster(home: Path, tmp_path: Path) -> Path:
    """A roster without ids: people are called by name, their lines by two names."""
    file = write_csv(tmp_path / "sales_teams.csv", ROSTER, PEOPLE)
    import_files(file)
    return file


def _erase(name: str) -> int:
    entity = MODELS["person"].objects.get(name=name).entity
    services.erase(entity, actor="ops", reason="asked for it")
    return int(entity)


def _ids() -> str:
    return "\n".join(ExternalKey.objects.values_list("ext_id", flat=True))


def _numbers() -> dict[str, list[int]]:
    kinds = ("person", "team", "membership", "manager_line")
    return {kind: list(MODELS[kind].objects.order_by("entity").values_list("entity", flat=True)) for kind in kinds}


@pytest.mark.parametrize("name", [ANNA, "Dustin Brinkmann"])
def test_ids_that_are_names_are_hashed_and_mean_the_same_with_the_next_file(roster: Path, name: str) -> None:
    assert name in _ids()
    before, erased = _numbers(), _erase(name)
    assert name not in _ids()
    assert "Boris Faz" in _ids()
    again = write_csv(roster, ROSTER, [*PEOPLE, ("Cecily Lampkin", "Dustin Brinkmann", "Central")])
    (told,) = import_files(again)
    assert counts(told)[:2] == (1, 0)
    assert name not in _ids()
    assert MODELS["person"].objects.get(entity=erased).name is None
    after = _numbers()
    assert {kind: len(after[kind]) - len(before[kind]) for kind in before} == {
        "person": 1,
        "team": 0,
        "membership": 1,
        "manager_line": 1,
    }
    assert verify() == []


def _everything(home: Path) -> str:
    """All texts of the database and all files of the home, kept blocks unpacked."""
    found = [str(decode(block).to_pylist()) for block in LedgerBlock.objects.all()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(json.loads(one)) if _is_json(one) else str(one) for row in cursor.fetchall() for one in row]
    files = [one for one in home.rglob("*") if one.is_file()]
    return "\n".join(found + [str(one) for one in files] + [one.read_bytes().decode("latin-1") for one in files])


def _is_json(value: object) -> bool:
    return isinstance(value, str) and value[:1] in ("{", "[")


def test_no_word_is_left_in_files_answers_and_requests(home: Path, tmp_path: Path) -> None:
    lies = home / "inbox" / "crm" / "sales_teams.csv"
    lies.parent.mkdir(parents=True)
    write_csv(lies, ROSTER, PEOPLE)
    assert inbox.import_file("crm", lies.name)["state"] == "done"
    deals = [("D1", "Ana Snelling", "GTX", "Acme", "Won", "2017-01-03", "2017-02-01", "100")]
    deals += [("D2", ANNA, "GTX", "Acme", "Lost", "2017-01-03", "2017-02-01", "0")]
    import_files(write_csv(tmp_path / "sales_pipeline.csv", PIPELINE, deals), source="crm")
    entity = MODELS["person"].objects.get(name=ANNA).entity
    fix = ask_fix(
        about=f"P-{entity}",
        field="name",
        right="Anna Snelling-Roe",
        sentence="Anna Snelling married.",
        actor="ada",
        scope=EVERYTHING,
        now_us=1_600_000_000_000_000,
    )
    accept_fix(fix.pk, actor="ops", now_us=1_600_000_000_000_000)
    job = ImportJob.objects.order_by("pk")[0]
    ImportJob.objects.filter(pk=job.pk).update(decisions=[{"samples": [ANNA, "Boris Faz"]}], error={ANNA: "P-3"})
    for place in ("uploads/0123", "rejects", "incoming/x", "inbox/crm/failed", f"jobs/{job}"):
        (home / place).mkdir(parents=True, exist_ok=True)
    old = home / "incoming" / "x"
    for one in (home / "uploads/0123/rows.csv", home / "inbox/crm/failed/x.csv", home / f"jobs/{job}/0.txt", old / "f"):
        one.write_text(ANNA, encoding="utf-8")
    os.utime(old, (0, 0))
    assert "Snelling" in _everything(home)
    services.erase(entity, actor="ops", reason="asked for it")
    left = _everything(home)
    assert [word for word in (ANNA, "anna snelling", "Snelling-Roe") if word in left] == []
    assert ImportJob.objects.get(pk=job.pk).decisions == [{"samples": ["", "Boris Faz"]}]
    assert verify() == []


def test_what_a_running_import_reads_stays(roster: Path, home: Path) -> None:
    upload = home / "uploads" / "0123" / "rows.csv"
    job = ImportJob.objects.order_by("pk")[0]
    staged = home / "jobs" / str(job) / "0.parquet"
    for one in (upload, staged):
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text("x", encoding="utf-8")
    ImportJob.objects.filter(pk=job.pk).update(state="running", order={"files": [str(upload)]})
    _erase(ANNA)
    assert upload.is_file()
    assert staged.is_file()
    ImportJob.objects.filter(pk=job.pk).update(state="failed", batch=None)
    _erase("Boris Faz")
    assert not upload.exists()
    assert not staged.exists()
