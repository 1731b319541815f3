"""Fixtures of all rooms: a fresh data folder, the public samples, and loud skips in CI."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from tests.browsing import visit

__all__ = ["visit"]  # fixtures that live in a file of their own

hypothesis.settings.register_profile("hedef", deadline=None)  # a shared machine has slow moments
hypothesis.settings.load_profile("hedef")

ROOT = Path(__file__).resolve().parent.parent
REQUIRE_ALL = os.environ.get("HEDEF_REQUIRE_ALL") == "1"


def missing(what: str) -> None:
    """Skip with the reason shown, or fail where nothing may be skipped."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} (HEDEF_REQUIRE_ALL=1 turns this skip into a failure)")
    pytest.skip(what)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database, so that one expression runs all of it on PostgreSQL too."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"db", "transactional_db", "home", "django_db_setup"} or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of the public sample data; it is not part of the repository."""
    folder = Path(os.environ.get("HEDEF_SAMPLES") or ROOT / "../shared/data").resolve()
    if not (folder / "maven_crm").is_dir():
        missing(f"the public sample data is not at {folder}: set HEDEF_SAMPLES to its folder")
    return folder


@pytest.fixture
def home(tmp_path: Path, settings, db) -> Iterator[Path]:
    """A fresh data folder with its calendar and the documents that ship with Hedef."""
    settings.HEDEF = replace(settings.HEDEF, home=tmp_path / "home", today=None)
    settings.HEDEF.home.mkdir()
    from hedef.definitions.services import ensure_shipped

    ensure_shipped()
    return settings.HEDEF.home
