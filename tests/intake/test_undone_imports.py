"""An import that was taken back may be made again, and then stands as it stood; its kept files go with the erased."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hedef.intake.models import ImportJob
from hedef.records import queries, services
from hedef.records.models import MODELS, ExternalKey
from tests.intake.support import PIPELINE, ROSTER, counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

AGENTS = [("Ada Stone", "Holly Perry", "East"), ("Bo Lind", "Holly Perry", "East")]
WON = ("D1", "Ada Stone", "", "", "Won", "2017-03-01", "2017-03-20", "1000")
OPEN = ("D2", "Bo Lind", "", "", "Engaging", "2017-04-01", "", "")
FIELDS = ("stage", "status", "amount_minor", "owner", "close_on", "created_us", "closed_us", "ended_us")


@pytest.fixture
def deals(home: Path, tmp_path: Path) -> Path:
    roster = write_csv(tmp_path / "teams.csv", ROSTER, AGENTS)
    file = write_csv(tmp_path / "deals.csv", PIPELINE, [WON, OPEN])
    import_files(roster)
    return file


def stands() -> list[dict[str, object]]:
    return list(MODELS["deal"].objects.order_by("entity").values("entity", *FIELDS))


def past(key: str) -> list[object]:
    entity = ExternalKey.objects.get(object="deal", ext_id=key).entity
    days = [datetime(2017, month, 10, tzinfo=UTC) for month in (2, 3, 4, 5)]
    told = [queries.state(entity, as_of_us=int(day.timestamp()) * 1_000_000) for day in days]
    return [None if one is None else (one["stage"], one["status"], one["amount_minor"]) for one in told]


def test_an_import_taken_back_and_made_again_stands_as_it_stood(deals: Path) -> None:
    (first,) = import_files(deals)
    before, then = stands(), (past("D1"), past("D2"))
    assert first.batch is not None
    services.undo_batch(int(first.batch[2:]), actor="ops", reason="wrong file")
    assert all(queries.state(row["entity"]) is None for row in before)
    (again,) = import_files(deals)
    assert (counts(again)[0] + counts(again)[1], counts(again)[2:]) == (2, (0, 0))
    assert (stands(), (past("D1"), past("D2"))) == (before, then)


def test_an_update_taken_back_is_read_again_though_the_file_is_the_same(deals: Path, tmp_path: Path) -> None:
    import_files(deals)
    changed = write_csv(tmp_path / "b.csv", PIPELINE, [(*WON[:7], "1500"), OPEN])
    (second,) = import_files(changed)
    assert second.batch is not None
    services.undo_batch(int(second.batch[2:]), actor="ops", reason="wrong file")
    assert deal("D1").amount_minor == 100_000
    (third,) = import_files(changed)
    assert (counts(third), deal("D1").amount_minor) == ((0, 1, 1, 0), 150_000)
    (fourth,) = import_files(changed)
    assert fourth.nothing_changed


def test_what_a_later_file_said_too_is_read_again_after_the_undo_of_the_first_that_said_it(
    deals: Path, tmp_path: Path
) -> None:
    import_files(deals)
    wrong = write_csv(tmp_path / "b.csv", PIPELINE, [(*WON[:7], "1500"), OPEN])
    later = write_csv(tmp_path / "c.csv", PIPELINE, [(*WON[:6], "2017-03-21", "1500"), OPEN])
    (second,), (third,) = import_files(wrong), import_files(later)
    assert second.batch is not None
    assert third.batch is not None
    services.undo_batch(int(second.batch[2:]), actor="ops", reason="wrong file")
    assert deal("D1").amount_minor == 100_000
    (again,) = import_files(later)
    assert (counts(again), deal("D1").amount_minor) == ((0, 1, 1, 0), 150_000)
    (fourth,) = import_files(later)
    assert fourth.nothing_changed


def test_an_undo_taken_back_leaves_the_records_and_their_past_as_the_source_said(deals: Path) -> None:
    (first,) = import_files(deals)
    before, then = stands(), (past("D1"), past("D2"))
    assert first.batch is not None
    undone = services.undo_batch(int(first.batch[2:]), actor="ops", reason="wrong file")
    assert undone.batch is not None
    services.undo_batch(undone.batch, actor="ops", reason="it was right")
    assert stands() == before
    import_files(deals)
    assert (stands(), (past("D1"), past("D2"))) == (before, then)
    (again,) = import_files(deals)
    assert again.nothing_changed


def test_rejects_and_waiting_uploads_go_with_an_erased_person(home: Path) -> None:
    from django.conf import settings

    lead = services.create(kind="lead", fields={"name": "Gülizar"}, effective_us=5, actor="ada")
    batch = queries.last_change(lead).batch
    rejects, waiting = settings.HEDEF.rejects_dir / f"rejects-B-{batch}.csv", settings.HEDEF.uploads_dir / ("a" * 24)
    told = {"actor": "ada", "file_name": "leads.csv", "started_us": 1, "state": ImportJob.State.DONE}
    ImportJob.objects.create(**told, batch=batch, rejects_file=rejects.name)
    ImportJob.objects.create(**told, batch=batch + 1, rejects_file="rejects-other.csv")
    for file in (rejects, rejects.with_name("rejects-other.csv"), waiting / "000.csv"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Gülizar", encoding="utf-8")
    assert services.erase(lead, actor="ops", reason="asked").files == 2
    assert not waiting.exists()
    assert [one.name for one in rejects.parent.iterdir()] == ["rejects-other.csv"]


def test_the_page_of_a_batch_leads_to_its_import(deals: Path) -> None:
    from hedef.ledger.telling import batch_link

    (first,) = import_files(deals)
    assert first.batch is not None
    link = batch_link(int(first.batch[2:]))
    assert link is not None
    assert link.url == f"/intake/imports/{link.label}/"
