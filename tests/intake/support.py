"""Small helpers of the import tests: write a file, import it, look at what the records hold."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hedef.intake.answer import ImportAnswer
from hedef.intake.services import run_import
from hedef.records.models import MODELS, ExternalKey

PIPELINE = (
    "opportunity_id",
    "sales_agent",
    "product",
    "account",
    "deal_stage",
    "engage_date",
    "close_date",
    "close_value",
)
ROSTER = ("sales_agent", "manager", "regional_office")
THEN = datetime(2017, 10, 1, tzinfo=UTC)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def import_files(*files: Path, **options: Any) -> tuple[ImportAnswer, ...]:
    told = {"yes": True, "exported_at": THEN, **options}
    return run_import(files=list(files), actor="ada", **told).files


def deal(key: str) -> Any:
    entity = ExternalKey.objects.get(object="deal", ext_id=key).entity
    return MODELS["deal"].objects.get(entity=entity)


def counts(answer: ImportAnswer) -> tuple[int, int, int, int]:
    """created, updated, unchanged, rejected"""
    one = answer.counts
    return one.created, one.updated, one.unchanged, one.rejected


def assert_adds_up(answers: Sequence[ImportAnswer]) -> None:
    for one in answers:
        told = one.as_json()
        assert told["rows_read"] == sum(told[name] for name in ("created", "updated", "unchanged", "rejected"))
