"""Rejected rows mended on the page: the rejects file read, cells changed, and imported again."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from hedef.intake.answer import ImportAnswers
from hedef.intake.drafts import start
from hedef.intake.models import ImportJob
from hedef.intake.run.rejects import ADDED
from hedef.intake.services import run_import
from hedef.kernel.errors import NotFound, WrongUse

SHOWN = 100


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that kept its row out. `name` is its key in the form."""

    name: str
    column: str
    value: str


@dataclass(frozen=True)
class BadRow:
    """A rejected row: where it stood, why, and the cells to mend (none: no column is to blame, all are shown)."""

    row: int
    line: str
    codes: tuple[str, ...]
    hint: str
    cells: tuple[BadCell, ...]


@dataclass(frozen=True)
class Rejects:
    """The rejects file of an import."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    def bad_rows(self, first: int = 0, count: int = SHOWN) -> list[BadRow]:
        return [self._bad(place, row) for place, row in enumerate(self.rows[first : first + count], first)]

    def _bad(self, place: int, row: Mapping[str, str]) -> BadRow:
        own = [name for name in self.header if name not in ADDED]
        blamed = [part.strip() for part in row["_field"].split(";")]
        columns = [name for name in own if name in blamed] or own
        cells = tuple(BadCell(f"cell-{place}-{own.index(name)}", name, row[name]) for name in columns)
        codes = tuple(part.strip() for part in row["_code"].split(";"))
        return BadRow(int(row["_row"]), row["_line"], codes, row["_hint"], cells)


def rejects_of(job: ImportJob) -> Rejects:
    """The rejects of an import; NotFound when it has none or they were cleared away."""
    path = settings.HEDEF.rejects_dir / Path(job.rejects_file or "-").name
    if not job.rejects_file or not path.is_file():
        raise NotFound(f"{job} has no rejected rows to show.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows = tuple(reader)
        return Rejects(path, tuple(reader.fieldnames or ()), rows)


class _Upload:
    """A file made here, in the shape of an upload."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self._data = name, data

    def chunks(self) -> list[bytes]:
        return [self._data]


def import_fixed(job: ImportJob, cells: Mapping[str, str], *, actor: str) -> ImportAnswers:
    """Import the rejected rows again with these cells changed (form keys as `BadCell.name`).

    WrongUse when nothing was changed. Rows that are still wrong come back in the answer's own rejects file.
    """
    rejects = rejects_of(job)
    own = [name for name in rejects.header if name not in ADDED]
    changed, touched = [dict(row) for row in rejects.rows], False
    for name, value in cells.items():
        row, column = _place(name, len(changed), len(own))
        if changed[row][own[column]] != value:
            changed[row][own[column]] = value
            touched = True
    if not touched:
        raise WrongUse("No cell was changed.", hint="Change the cells that are wrong, then import the rows again.")
    upload = _Upload(job.file_name, _as_csv(own, changed))
    draft = start([upload], actor=actor, source=job.source)
    return run_import(
        files=draft.paths,
        names=draft.names,
        actor=actor,
        source=job.source,
        decide=job.options.get("decide") or {},
        plan=job.options.get("plan"),
        fixes=job.batch,
        yes=True,
    )


def _place(name: str, rows: int, columns: int) -> tuple[int, int]:
    parts = name.split("-")
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        row, column = int(parts[1]), int(parts[2])
        if row < rows and column < columns:
            return row, column
    raise WrongUse("A cell of the form does not belong to these rows.", hint="Load the page again.")


def _as_csv(header: list[str], rows: list[dict[str, str]]) -> bytes:
    from io import StringIO

    out = StringIO()
    writer = csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
