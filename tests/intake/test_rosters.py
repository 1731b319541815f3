"""Rosters: one person, one main team, one manager, and nobody above themselves."""

from pathlib import Path

import pytest

from hedef.records.models import MODELS
from tests.intake.support import ROSTER, assert_adds_up, counts, import_files, write_csv

pytestmark = pytest.mark.django_db


def standing(kind: str, **of: str) -> int:
    return MODELS[kind].objects.filter(ended_us__isnull=True, to_day__isnull=True, **of).count()


def test_one_person_under_two_managers_stands_under_the_last_one_and_both_are_told(home: Path, tmp_path: Path) -> None:
    rows = [("Ann", "Bo Ay", "East"), ("Ann", "Cem Su", "West"), ("Deniz", "Bo Ay", "East")]
    (answer,) = answers = import_files(write_csv(tmp_path / "teams.csv", ROSTER, rows))
    assert_adds_up(answers)
    assert counts(answer) == (2, 0, 1, 0)
    assert {(one.code, one.count) for one in answer.issues} == {("overlap_membership", 1), ("duplicate_in_file", 1)}
    assert (standing("membership", role="rep"), standing("manager_line")) == (2, 2)
    (cem,) = MODELS["person"].objects.filter(name="Cem Su")
    (ann,) = MODELS["person"].objects.filter(name="Ann")
    assert [one.manager for one in MODELS["manager_line"].objects.filter(person=ann.entity)] == [cem.entity]


def test_a_circle_in_a_roster_loses_the_line_that_closes_it(home: Path, tmp_path: Path) -> None:
    rows = [("Ann", "Bo", "East"), ("Bo", "Ann", "East")]
    (answer,) = import_files(write_csv(tmp_path / "teams.csv", ROSTER, rows))
    assert ("manager_cycle", 1) in {(one.code, one.count) for one in answer.issues}
    assert standing("manager_line") == 1
    assert {one["object"]: one["created"] for one in answer.also}["manager_line"] == 1


def test_two_who_swap_places_in_one_file_are_no_circle(home: Path, tmp_path: Path) -> None:
    import_files(write_csv(tmp_path / "a.csv", ROSTER, [("Ann", "Bo", "East"), ("Bo", "Cem", "East")]))
    later = write_csv(tmp_path / "b.csv", ROSTER, [("Bo", "Ann", "East"), ("Ann", "Cem", "East")])
    (answer,) = import_files(later)
    assert "manager_cycle" not in {one.code for one in answer.issues}
    names = dict(MODELS["person"].objects.values_list("entity", "name"))
    now = MODELS["manager_line"].objects.filter(ended_us__isnull=True, to_day__isnull=True)
    assert {names[one.person]: names[one.manager] for one in now} == {"Bo": "Ann", "Ann": "Cem"}
