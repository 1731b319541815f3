"""A file read and written in parts is the same as one in a single transaction, whatever the size of a part."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.intake.content import answer_content, everything
from tests.intake.support import PIPELINE, ROSTER, THEN, import_files, write_csv

pytestmark = pytest.mark.django_db
type Undone = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def undone(home: Path, settings: Any) -> Undone:
    """Runs something in a home and a database as they are now, answers what it answers, and takes all of it back."""
    number = iter(range(1000))

    def run(work: Callable[[], Any]) -> Any:
        before = settings.HEDEF
        settings.HEDEF = replace(before, home=home / f"copy{next(number)}")
        settings.HEDEF.home.mkdir()
        place = transaction.savepoint_create()
        try:
            return work()
        finally:
            transaction.savepoint_rollback(place)
            settings.HEDEF = before

    return run


def left_by(files: Sequence[Path], **options: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The answers of an import and everything that it leaves."""
    answers = import_files(*files, **options)
    return [answer_content(one) for one in answers], everything()


SAMPLES = {
    "maven": ("maven_crm/*.csv", 997),
    "change log": ("crm_exports/pipedrive_change_log/*.csv", 3001),
    "hubspot": ("crm_exports/hubspot/*.csv", 3),
    "zoho": ("crm_exports/zoho/[AC]*.csv", 2),
    "salesforce": ("crm_exports/salesforce/*.csv", 2),
    "import sheet": ("crm_exports/pipedrive/*.csv", 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_in_parts_are_the_samples_as_a_whole(undone: Undone, samples: Path, name: str) -> None:
    pattern, rows = SAMPLES[name]
    files = sorted(samples.glob(pattern))
    whole = undone(lambda: left_by(files))
    parted = undone(lambda: left_by(files, part_rows=rows))
    assert parted[0] == whole[0]
    assert parted[1] == whole[1]


KEYS = ("D1", "D2", "D3", "D4", "D5", "D6")


@st.composite
def exports(draw: st.DrawFn) -> list[list[tuple[str, ...]]]:
    """Two exports of one source after each other: repeated keys, blanks, faults, changes."""
    found = []
    for _ in range(2):
        rows = []
        for _ in range(draw(st.integers(1, 14))):
            stage = draw(st.sampled_from(("Prospecting", "Engaging", "Won", "Lost", "Wonn")))
            closed = stage in ("Won", "Lost", "Wonn")
            close = f"2017-0{draw(st.integers(5, 9))}-1{draw(st.integers(0, 9))}" if closed else ""
            value = str(draw(st.integers(1, 3)) * 100) if stage == "Won" else ""
            owner = draw(st.sampled_from(("Ada Stone", "Bo Lind", "Nobody")))
            key = draw(st.sampled_from((*KEYS, "")))
            rows.append((key, owner, "", "", stage, "2017-03-01", close, value))
        found.append(rows)
    return found


ONCE = [("D1", "Ada Stone", "", "", "Wonn", "2017-03-01", "2017-05-10", "")]
TWICE = [("D2", "Ada Stone", "", "", stage, "2017-03-01", "", "") for stage in ("Prospecting", "Engaging", "Engaging")]


@example([[*TWICE, *ONCE], [*ONCE, *TWICE]], 2)  # the stages of a process come from all rows, repeated ones too
@given(exports(), st.integers(1, 9))
@hypothesis_settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an import takes too long to shrink its file
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_size_of_a_part_gives_the_same(
    undone: Undone, tmp_path: Path, told: list[list[tuple[str, ...]]], size: int
) -> None:
    roster = write_csv(tmp_path / "teams.csv", ROSTER, [("Ada Stone", "Holly", "East"), ("Bo Lind", "Holly", "East")])
    files = [write_csv(tmp_path / f"{place}.csv", PIPELINE, rows) for place, rows in enumerate(told)]

    def both(**options: Any) -> Any:
        import_files(roster)
        answers = [
            import_files(file, exported_at=THEN + timedelta(days=place), scope="full", **options)[0]
            for place, file in enumerate(files)
        ]
        return [answer_content(one) for one in answers], everything()

    whole, parted = undone(both), undone(lambda: both(part_rows=size))
    for one, other in zip(whole[0], parted[0], strict=True):
        assert [(name, one[name], other[name]) for name in one if one[name] != other[name]] == []
    assert parted[1] == whole[1]


def test_accounts_name_parents_that_stand_later_in_the_file(undone: Undone, tmp_path: Path) -> None:
    header = ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of")
    rows = [(f"Acme {n}", "", "", "", "", "", f"Acme {n + 5}") for n in range(12)]
    files = [write_csv(tmp_path / "a.csv", header, rows)]
    moved = [write_csv(tmp_path / "b.csv", header, [(*rows[0][:6], "Acme 3"), *rows[1:]])]

    def both(**options: Any) -> Any:
        first = left_by(files, **options)
        again = left_by([write_csv(tmp_path / "c.csv", header, rows[::-1])], **options)
        return first, again, left_by(moved, **options)

    whole, parted = undone(both), undone(lambda: both(part_rows=4))
    assert parted == whole
    first, again, last = whole
    parents = {name: one["parent"] for name, one in first[1]["records"].items()}
    assert parents["account Acme 0"] == "account Acme 5"
    assert parents["account Acme 7"] is None
    assert (again[0][0]["created"], again[0][0]["updated"], again[0][0]["changes"]) == (0, 0, 0)
    assert (last[0][0]["updated"], last[0][0]["unchanged"]) == (1, 11)
    assert last[1]["records"]["account Acme 0"]["parent"] == "account Acme 3"
