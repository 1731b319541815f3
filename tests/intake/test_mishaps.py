"""What may go wrong around an import, and cases of a second import that have a name of their own."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hedef.definitions.queries import list_in_force
from hedef.intake.engine.reader import Bounds
from hedef.intake.models import ImportJob
from hedef.intake.run import calls, chunks, one, reader
from hedef.intake.services import abandon, resume
from hedef.kernel.errors import Refused
from hedef.ledger.queries import batches, head
from hedef.records.models import Deal
from hedef.records.services import create
from tests.intake.content import answer_content, everything, ledger_content
from tests.intake.support import PIPELINE, assert_adds_up, counts, deal, import_files, write_csv
from tests.intake.test_parts import undone
from tests.intake.test_resume import Killed, files_in

__all__ = ["undone"]
pytestmark = pytest.mark.django_db
type Undone = Callable[[Callable[[], Any]], Any]

BAD = ("D4", "", "", "", "Wonn", "2017-05-01", "2017-05-31", "700")
GOOD = ("D1", "", "", "", "Won", "2017-03-01", "2017-03-20", "1000")


# --- the clock --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_clock_going_back_during_an_import_changes_neither_its_records_nor_the_order_of_seals(
    undone: Undone, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_in(tmp_path)

    def undisturbed() -> tuple[Any, Any]:
        settings.HEDEF = replace(settings.HEDEF, today=date(2026, 11, 18))
        return [answer_content(each) for each in import_files(*files, part_rows=9)], everything(hashes=True)

    def disturbed() -> tuple[Any, Any]:
        perform, days = chunks.perform, iter([date(2026, 11, 17), date(2026, 11, 3), date(2020, 1, 1)] * 100)

        def turned_back(*args: Any, **options: Any) -> None:
            perform(*args, **options)
            settings.HEDEF = replace(settings.HEDEF, today=next(days))

        with monkeypatch.context() as patch:
            patch.setattr(chunks, "perform", turned_back)
            return undisturbed()

    assert undone(disturbed) == undone(undisturbed)
    disturbed()
    told = [(each.seal_no or 0, each.recorded_at) for each in batches(last=None) if each.recorded_at]
    assert told == sorted(told, reverse=True)


# --- full disks -------------------------------------------------------------------------------------------------------


def without_room(folder: Path) -> None:
    """Every rejects file in the folder meets a full disk."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, 3000):
        (folder / f"rejects-B-{number}.csv.new").symlink_to("/dev/full")


def with_room(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()


def test_a_full_disk_under_the_rejects_folder_alone_leaves_nothing_of_a_small_import(
    home: Path, tmp_path: Path, settings: Any
) -> None:
    file, seal = write_csv(tmp_path / "deals.csv", PIPELINE, [GOOD, BAD]), head().seal_no
    without_room(settings.HEDEF.rejects_dir)
    with pytest.raises(Refused, match="no room left on the disk") as refused:
        import_files(file)
    assert refused.value.error_code == "no_room"
    assert (head().seal_no, Deal.objects.count()) == (seal, 0)
    assert [job.state for job in ImportJob.objects.all()] == ["failed"]
    with_room(settings.HEDEF.rejects_dir)
    (answer,) = import_files(file)
    assert counts(answer) == (1, 0, 0, 1)
    assert [each.name for each in settings.HEDEF.rejects_dir.iterdir()] == [answer.rejects_file]


@pytest.mark.slow
def test_a_full_disk_under_the_rejects_folder_alone_interrupts_a_large_import_that_goes_on_later(
    undone: Undone, tmp_path: Path, settings: Any
) -> None:
    files = files_in(tmp_path)

    def undisturbed() -> tuple[Any, Any]:
        return [answer_content(each) for each in import_files(*files, part_rows=9)], everything(hashes=True)

    def disturbed() -> tuple[Any, Any]:
        without_room(settings.HEDEF.rejects_dir)
        with pytest.raises(calls.Interrupted, match="No space left"):
            import_files(*files, part_rows=9)
        with_room(settings.HEDEF.rejects_dir)
        job = ImportJob.objects.filter(state="running").first()
        assert job is not None
        told = [answer_content(each) for each in resume(str(job)).files]
        return told, everything(hashes=True)

    assert undone(disturbed) == undone(undisturbed)


def test_a_full_disk_under_the_staging_folder_alone_is_said_and_leaves_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(3)
    rows = [(f"{dice.getrandbits(700):x}", *GOOD[1:]) for _ in range(42_000)]
    file, seal = write_csv(tmp_path / "deals.csv", PIPELINE, rows), head().seal_no
    with monkeypatch.context() as patch:
        patch.setattr(reader, "bounds", lambda: Bounds(disk_mb=1))
        with pytest.raises(Refused, match="no room left on the disk") as refused:
            import_files(file)
    assert refused.value.error_code == "no_room"
    assert (head().seal_no, Deal.objects.count(), ImportJob.objects.count()) == (seal, 0, 0)
    assert not [each for each in (home / "jobs").rglob("*") if each.is_file()]


# --- kills around the seals -------------------------------------------------------------------------------------------


def killed_at_seal(patch: pytest.MonkeyPatch, files: list[Path], *, after: int, step: str = "close") -> None:
    """The process dies right after the batch (`step` finish: the answer) of file number `after` was sealed."""
    done, left = getattr(one, step), iter(range(after - 1, -1, -1))

    def deadly(*args: Any, **options: Any) -> Any:
        told = done(*args, **options)
        if next(left) == 0:
            raise Killed
        return told

    with patch.context() as broken:
        broken.setattr(one, step, deadly)
        with pytest.raises(Killed):
            import_files(*files, part_rows=9)


SEALS = [("close", 1), ("close", 2), ("close", 3), ("finish", 1), ("finish", 2)]


@pytest.mark.parametrize(
    ("step", "after"), [pytest.param(*each, marks=[] if each[1] == 1 else [pytest.mark.slow]) for each in SEALS]
)
def test_killed_between_two_seals_and_resumed_is_the_undisturbed_import(
    undone: Undone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: int
) -> None:
    files = files_in(tmp_path)

    def undisturbed() -> tuple[Any, Any]:
        return [answer_content(each) for each in import_files(*files, part_rows=9)], everything(hashes=True)

    def disturbed() -> tuple[Any, Any]:
        killed_at_seal(monkeypatch, files, after=after, step=step)
        told = undisturbed()
        assert set(ImportJob.objects.values_list("state", flat=True)) == {"done"}
        assert ImportJob.objects.count() == 3
        return told

    assert undone(disturbed) == undone(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["close", "finish"])
def test_an_import_killed_between_two_seals_is_finished_before_another_file_of_its_source_comes(
    undone: Undone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    files = files_in(tmp_path)
    other = write_csv(tmp_path / "b.csv", PIPELINE, [("X1", *GOOD[1:])])

    def undisturbed() -> Any:
        import_files(*files, part_rows=9)
        (answer,) = import_files(other)
        assert counts(answer) == (1, 0, 0, 0)
        return everything(hashes=True)

    def disturbed() -> Any:
        killed_at_seal(monkeypatch, files, after=1, step=step)
        (answer,) = import_files(other)
        assert counts(answer) == (1, 0, 0, 0)
        assert set(ImportJob.objects.values_list("state", flat=True)) == {"done"}
        return everything(hashes=True)

    assert undone(disturbed) == undone(undisturbed)


def test_an_import_that_is_sealed_in_part_is_not_abandoned_but_finished(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_in(tmp_path)
    killed_at_seal(monkeypatch, files, after=1)
    job = ImportJob.objects.filter(state="running").first()
    assert job is not None
    with pytest.raises(Refused, match="its records are sealed"):
        abandon(str(job))
    assert len(resume(str(job)).files) == 3


# --- a second import --------------------------------------------------------------------------------------------------

HEADER = ("Nr", "Wert", "Stufe", "Angelegt", "Notiz")
MAPPING = """
object: deal
key: Nr
fields:
  amount: {column: Wert, type: money, decimal: ",", currency_code: EUR}
  stage: {column: Stufe, type: stage, process: verkauf}
  created_at: {column: Angelegt, type: instant, order: d/m}
process_start:
  verkauf: [[angebot, open], [gewonnen, won], [verloren, lost]]
"""


def test_a_mapping_that_reads_one_more_column_changes_only_the_new_field(home: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "verkauf.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    rows = [("1", "10,00", "Angebot", "3/4/2024", "ruft an"), ("2", "20,00", "Angebot", "3/4/2024", "")]
    file = write_csv(tmp_path / "a.csv", HEADER, rows)
    import_files(file, source="haus", mapping=mapping)
    before = ledger_content()
    wider = MAPPING.replace("fields:", "fields:\n  next_step: {column: Notiz, type: text}")
    mapping.write_text(wider, encoding="utf-8")
    (answer,) = import_files(file, source="haus", mapping=mapping)
    assert (counts(answer), answer.changes) == ((0, 1, 1, 0), 1)
    after = ledger_content()
    assert after["deal 2"] == before["deal 2"]
    assert after["deal 1"][:-1] == before["deal 1"]
    assert after["deal 1"][-1][-1] == (("next_step", "ruft an"),)
    (again,) = import_files(file, source="haus")
    assert (counts(again), again.batch) == ((0, 0, 2, 0), None)


HUBSPOT = ("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date", "Deal owner")


def test_a_second_pipeline_is_a_process_of_its_own_from_the_file_to_the_deals(home: Path, tmp_path: Path) -> None:
    def row(key: str, pipeline: str, stage: str) -> tuple[str, ...]:
        closed = "2017-02-01" if stage in ("Signed", "Renewed") else ""
        return key, f"Deal {key}", pipeline, stage, "100", "2017-01-02 12:00", closed, ""

    stages = {"Sales": ("Demo", "Offer", "Signed", "Lost"), "Renewals": ("Due", "Talk", "Renewed", "Left")}
    rows = [row(f"{of}{at}", of, stage) for of, all_ in stages.items() for at, stage in enumerate(all_)]
    told = {of.casefold(): f"{a} > {b} > {c} (won) > {d} (lost)" for of, (a, b, c, d) in stages.items()}
    file = write_csv(tmp_path / "deals.csv", HUBSPOT, rows)
    (answer,) = import_files(file, decide=told)
    assert_adds_up([answer])
    assert counts(answer) == (8, 0, 0, 0)
    assert {(one.process, one.status) for one in Deal.objects.all()} == {
        (process, status) for process in ("sales", "renewals") for status in ("open", "won", "lost")
    }
    assert {one.id for one in list_in_force("process")} >= {"sales", "renewals"}
    moved = write_csv(tmp_path / "b.csv", HUBSPOT, [row("Renewals0", "Renewals", "Talk"), *rows[1:4], *rows[5:]])
    (later,) = import_files(moved)
    assert (counts(later), deal("Renewals0").process, deal("Renewals0").stage) == (
        (0, 1, 6, 0), "renewals", deal("Renewals1").stage,
    )  # fmt: skip
    wrong = write_csv(tmp_path / "c.csv", HUBSPOT, [row("X", "Renewals", "Offer")])
    (refused,) = import_files(wrong)
    assert [(one.code, one.level) for one in refused.issues if one.level == "error"] == [("unknown_stage", "error")]


def test_an_owner_written_as_an_e_mail_address_is_the_person_with_that_address(home: Path, tmp_path: Path) -> None:
    ada = create(
        kind="person", fields={"name": "Ada Stone", "email": "ada.stone@acme.example"}, effective_us=1, actor="bo"
    )
    rows = [("D1", "Ada.Stone@ACME.example ", *GOOD[2:]), ("D2", "bo.lind@acme.example", *GOOD[2:])]
    (answer,) = import_files(write_csv(tmp_path / "deals.csv", PIPELINE, rows))
    assert (deal("D1").owner, deal("D2").owner) == (ada, None)
    assert [(one.code, one.count) for one in answer.issues if one.field == "owner"] == [("unknown_person", 1)]
