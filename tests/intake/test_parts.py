"""A file read and written in parts is the same as one in a single transaction, whatever the size of a part."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.intake.content import answer_content, everything
from tests.intake.support import import_files

pytestmark = pytest.mark.django_db
ACCOUNTS = ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of")
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
