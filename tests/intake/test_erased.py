"""Whoever was erased stays erased: no file kept, no answer of an import, no later file brings a word back."""

from pathlib import Path

import pytest

from hedef.ledger.queries import verify
from hedef.records import services
from hedef.records.models import MODELS, ExternalKey
from tests.intake.support import ROSTER, counts, import_files, write_csv

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
