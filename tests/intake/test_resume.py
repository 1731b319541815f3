"""An import that is killed at any point and resumed is the undisturbed one; what is abandoned was never there."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hedef.intake.models import ImportJob
from hedef.intake.run import chunks
from hedef.intake.services import abandon, preview, resume
from hedef.kernel.errors import NeedsDecision, Refused
from hedef.ledger.models import LedgerBatch
from hedef.ledger.queries import head
from hedef.records.models import MODELS, ExternalKey
from tests.intake.content import answer_content, everything
from tests.intake.support import PIPELINE, ROSTER, THEN, counts, import_files, write_csv
from tests.intake.test_parts import undone

__all__ = ["undone"]
ROOT = Path(__file__).resolve().parents[2]
AGENTS = [("Ada Stone", "Holly Perry", "East"), ("Bo Lind", "Holly Perry", "East"), ("Cy Park", "Ivo Hart", "West")]
ACCOUNTS = ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of")
type Undone = Callable[[Callable[[], Any]], Any]


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it."""


def files_in(folder: Path, *, deals: int = 60, accounts: int = 23) -> list[Path]:
    """A roster, accounts of which some belong to later ones, deals with repeated keys, blanks and faults."""
    dice = random.Random(7)
    parent = {n: f"Acme {(n * 5) % accounts}" if n % 3 else "" for n in range(accounts)}
    companies = [(f"Acme {n}", "tech", "1999", "12.5", "10", "USA", parent[n]) for n in range(accounts)]
    rows = []
    for n in range(deals):
        stage = dice.choice(("Prospecting", "Engaging", "Won", "Lost", "Won"))
        close = f"2017-0{dice.randint(5, 9)}-{dice.randint(10, 28)}" if stage in ("Won", "Lost") else ""
        value = str(dice.randint(1, 9) * 100) if stage == "Won" else "0" if close else ""
        owner = dice.choice(("Ada Stone", "Bo Lind", "Cy Park", "Nobody Known"))
        wrong = stage if n % 11 else "Wonn"
        key = f"D{n % (deals - deals // 8)}"
        rows.append((key, owner, "", f"Acme {n % accounts}", wrong, "2017-03-01", close, value))
    return [
        write_csv(folder / "teams.csv", ROSTER, AGENTS),
        write_csv(folder / "accounts.csv", ACCOUNTS, companies),
        write_csv(folder / "deals.csv", PIPELINE, rows),
    ]


# --- in this process --------------------------------------------------------------------------------------------------


def kill_after(steps: int, patch: pytest.MonkeyPatch) -> None:
    """The process dies in the middle of the chunk that brings the step after `steps` of them."""
    left = iter(range(steps, -1, -1))
    perform = chunks.perform

    def deadly(*args: Any, **options: Any) -> None:
        perform(*args, **options)
        if next(left) == 0:
            raise Killed

    patch.setattr(chunks, "perform", deadly)


def killed(files: list[Path], patch: pytest.MonkeyPatch, *, after: int, **options: Any) -> None:
    with patch.context() as broken:
        kill_after(after, broken)
        with pytest.raises(Killed):
            import_files(*files, part_rows=9, **options)


POINTS = [pytest.param(one, marks=[] if one in (2, 21) else [pytest.mark.slow]) for one in (0, 1, 2, 5, 8, 13, 21, 30)]


@pytest.mark.django_db
@pytest.mark.parametrize("point", POINTS)
def test_kill_at_every_step_of_an_import_and_resume_is_the_undisturbed_import(
    undone: Undone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    files = files_in(tmp_path)

    def undisturbed() -> tuple[Any, Any]:
        answers = import_files(*files, part_rows=9)
        return [answer_content(one) for one in answers], everything(hashes=True)

    def disturbed() -> tuple[Any, Any]:
        killed(files, monkeypatch, after=point)
        assert not LedgerBatch.objects.filter(kind="import", seal_no__isnull=False).exists()
        return undisturbed()

    whole, broken = undone(undisturbed), undone(disturbed)
    assert broken[0] == whole[0]
    assert broken[1] == whole[1]


@pytest.mark.django_db
def test_a_killed_import_shows_how_far_it_is_and_is_resumed_by_its_job(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_in(tmp_path)
    killed(files, monkeypatch, after=28)
    jobs = list(ImportJob.objects.order_by("pk"))
    assert [job.state for job in jobs] == ["running"] * 3
    assert jobs[2].step in ("plan", "main")
    assert jobs[1].rows_done == jobs[1].rows_total == 23
    answers = resume(f"J-{jobs[1].pk}").files
    assert [one.job for one in answers] == [str(job) for job in jobs]
    assert [one.state for one in ImportJob.objects.all()] == ["done"] * 3
    assert not list((home / "jobs").iterdir())
    with pytest.raises(Refused, match="only an import that was interrupted"):
        resume(jobs[1].pk)


@pytest.mark.django_db
def test_an_abandoned_import_leaves_nothing_behind(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_in(tmp_path)
    import_files(files[0])
    before, seal = everything(), head().seal_no
    killed(files[1:], monkeypatch, after=15)
    assert MODELS["account"].objects.exists()
    abandon(ImportJob.objects.filter(state="running").first().pk)
    after = everything()
    assert after["records"] == before["records"]
    assert after["ledger"] == before["ledger"]
    assert [one[:3] for one in after["keys"]] == [one[:3] for one in before["keys"]]
    assert not ImportJob.objects.filter(state="running").exists()
    assert head().seal_no == seal + 1  # the process that the file told of stays
    answers = import_files(*files[1:], part_rows=9)
    assert [one.counts.created for one in answers] == [23, 49]


@pytest.mark.django_db
def test_another_file_of_the_source_takes_a_killed_import_back_first(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_in(tmp_path)
    import_files(*files[:2])
    killed(files[2:], monkeypatch, after=3)
    other = write_csv(tmp_path / "b.csv", PIPELINE, [("X1", "Ada Stone", "", "", "Engaging", "2017-03-01", "", "")])
    (answer,) = import_files(other)
    assert counts(answer) == (1, 0, 0, 0)
    assert set(ExternalKey.objects.filter(object="deal").values_list("ext_id", flat=True)) == {"X1"}
    assert ImportJob.objects.filter(state="abandoned").count() == 1


@pytest.mark.django_db
def test_a_question_in_the_last_file_leaves_nothing_of_the_first(home: Path, tmp_path: Path) -> None:
    files = files_in(tmp_path)
    deal = ("D1", "Ada Stone", "", "", "Qualify", "2017-03-01", "", "")
    asked = write_csv(tmp_path / "deals.csv", PIPELINE, [deal, ("D2", *deal[1:4], "Propose", *deal[5:])])
    with pytest.raises(NeedsDecision):
        import_files(files[0], files[1], asked, part_rows=9, yes=False)
    assert everything()["records"] == {}
    assert [job.state for job in ImportJob.objects.all()] == ["asking"]


@pytest.mark.django_db
def test_a_rehearsal_in_parts_says_what_the_import_does_and_writes_nothing(home: Path, tmp_path: Path) -> None:
    files = files_in(tmp_path)
    options = {"actor": "ada", "yes": True, "part_rows": 9, "exported_at": THEN}
    seal = head().seal_no
    planned = preview(files=files, **options).files
    assert (everything()["records"], head().seal_no, ImportJob.objects.count()) == ({}, seal, 0)
    written = import_files(*files, part_rows=9)
    for rehearsed, done in zip(planned, written, strict=True):
        left, right = answer_content(rehearsed), answer_content(done)
        assert {**left, "trust": None} == {**right, "trust": None}


# --- in processes of their own ----------------------------------------------------------------------------------------


def start(home: Path, **order: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, str(Path(__file__).with_name("importing.py")), str(home), json.dumps(order, default=str)]
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "HEDEF_DATABASE_URL": ""}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(process: "subprocess.Popen[str]") -> dict[str, Any]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err[-3000:]
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    return answer


def run(home: Path, **order: Any) -> dict[str, Any]:
    return told(start(home, **order))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A home with its tables, to be copied: making one takes a second."""
    run(tmp_path / "fresh")
    return tmp_path / "fresh"


def copy(fresh: Path, name: str) -> Path:
    return Path(shutil.copytree(fresh, fresh.with_name(name)))


RUNS = 50
LARGE = {"deals": 900, "accounts": 200}


@pytest.mark.slow
def test_fifty_imports_killed_with_minus_nine_at_random_moments_end_as_the_undisturbed_one(
    fresh: Path, tmp_path: Path
) -> None:
    order = {"files": files_in(tmp_path, **LARGE), "options": {"part_rows": 60}}
    began = time.monotonic()
    whole = run(copy(fresh, "whole"), **order, content=True)
    takes = time.monotonic() - began
    dice = random.Random(2)
    for number in range(RUNS):
        home = copy(fresh, f"home{number}")
        process = start(home, **order)
        time.sleep(dice.uniform(0.2, 1.0) * takes)
        process.kill()
        process.communicate()
        assert run(home, **order, content=True)["content"] == whole["content"], number
        shutil.rmtree(home)


@pytest.mark.slow
def test_two_imports_of_one_source_at_once_the_second_waits(fresh: Path, tmp_path: Path) -> None:
    order = {"files": files_in(tmp_path, **LARGE), "options": {"part_rows": 60}}
    whole = run(copy(fresh, "whole"), **order, content=True)
    home = copy(fresh, "home")
    both = [told(one) for one in [start(home, **order), start(home, **order)]]
    assert run(home, content=True)["content"] == whole["content"]
    created = sorted([one["created"] for one in answer["answers"]] for answer in both)
    assert created == [[0, 0, 0], [one["created"] for one in whole["answers"]]]


@pytest.mark.slow
def test_imports_of_two_sources_run_side_by_side(fresh: Path, tmp_path: Path) -> None:
    left, right = tmp_path / "left", tmp_path / "right"
    left.mkdir()
    right.mkdir()
    orders = [
        {"files": files_in(folder, **LARGE), "options": {"part_rows": 60, "source": folder.name}}
        for folder in (left, right)
    ]
    home = copy(fresh, "home")
    both = [told(one) for one in [start(home, **order) for order in orders]]
    assert [[one["created"] for one in answer["answers"]] for answer in both] == [[3, 200, 727]] * 2
    content = run(home, content=True)["content"]
    assert len([key for key in content["keys"] if key[0] == "deal"]) == 2 * 727


@pytest.mark.slow
@pytest.mark.parametrize("limit", [700_000, 900_000, 1_200_000])
def test_a_full_disk_loses_nothing_and_the_import_goes_on(fresh: Path, tmp_path: Path, limit: int) -> None:
    order = {"files": files_in(tmp_path, **LARGE), "options": {"part_rows": 60}}
    whole = run(copy(fresh, "whole"), **order, content=True)
    home = copy(fresh, "home")
    size = (home / "hedef.sqlite3").stat().st_size
    full = run(home, **order, limit=size + limit - 700_000)
    assert full["fault"]["code"] == "interrupted"
    assert "hedef import --resume J-" in full["fault"]["hint"]
    assert run(home, **order, content=True)["content"] == whole["content"]
