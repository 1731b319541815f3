"""The facts tables `stage` and `stage_rate`: which rows each seal that changed a process made known."""

from collections import Counter
from dataclasses import asdict
from importlib.resources import files

import pyarrow as pa

from hedef.definitions.queries import list_documents, versions
from hedef.facts.engine.tables import Table
from hedef.ledger import queries as ledger
from hedef.process.engine.stages import Approved, StageRow, stage_rows

_SCHEMA = pa.schema(
    {
        "known_no": pa.int64(),
        "sign": pa.int32(),
        "process": pa.string(),
        "version": pa.int32(),
        "stage": pa.string(),
        "category": pa.string(),
        "order_no": pa.int32(),
        "counts": pa.int32(),
        "limit_days": pa.int32(),
        "warn_days": pa.int32(),
        "clock": pa.string(),
        "stands_for": pa.string(),
        "probability_from": pa.string(),
        "probability_bp": pa.int64(),
        "from_day": pa.date32(),
        "to_day": pa.date32(),
    }
)


def approved_versions(process: str, *, known_no: int | None = None) -> list[Approved]:
    """Versions of a process that were ever approved, oldest first, with the day on which one was retired."""
    found = [one for one in versions("process", process, known_no=known_no) if one.approver]
    return [Approved(one.document, one.until) for one in found]


def read_stages(after: int, upto: int) -> pa.Table:
    """Signed rows that the seals after..upto made known."""
    rows = []
    processes = [one.id for one in list_documents("process")]
    before = _rows(processes, after)
    for seal_no in changed_seals(processes, after, upto):
        now = _rows(processes, seal_no)
        for row, sign in [*((row, -1) for row in before - now), *((row, 1) for row in now - before)]:
            rows.append({"known_no": seal_no, "sign": sign, **asdict(row)})
        before = now
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _rows(processes: list[str], known_no: int) -> Counter[StageRow]:
    if known_no == 0:
        return Counter()
    return Counter(row for one in processes for row in stage_rows(approved_versions(one, known_no=known_no)))


def changed_seals(processes: list[str], after: int, upto: int) -> list[int]:
    """Seals with a change of a version of a process."""
    known = {one.entity for process in processes for one in versions("process", process)}
    blocks = ledger.blocks_after(after, upto, kinds={"document"})
    return sorted({one.seal_no for one in blocks if known & set(one.table.column("entity").to_pylist())})


STAGE = Table(
    "stage",
    {
        "process": "VARCHAR",
        "version": "INTEGER",
        "stage": "VARCHAR",
        "category": "VARCHAR",
        "order_no": "INTEGER",
        "counts": "INTEGER",
        "limit_days": "INTEGER",
        "warn_days": "INTEGER",
        "clock": "VARCHAR",
        "stands_for": "VARCHAR",
        "probability_from": "VARCHAR",
        "probability_bp": "BIGINT",
        "from_day": "DATE",
        "to_day": "DATE",
    },
    kinds=("document",),
    reader=read_stages,
    key="process",
)

STAGE_RATE = Table(
    "stage_rate",
    {
        "known_no": "BIGINT",
        "sign": "INTEGER",
        "process": "VARCHAR",
        "stage": "VARCHAR",
        "day": "DATE",
        "won": "BIGINT",
        "decided": "BIGINT",
        "probability_bp": "BIGINT",
    },
    view=(files("hedef.process") / "sql" / "view_stage_rate.sql").read_text(encoding="utf-8"),
    objects=("deal",),
)
