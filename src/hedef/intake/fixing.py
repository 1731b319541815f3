"""Rejected rows mended on the page: the rejects file read, cells changed, and imported again."""

import csv
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from hedef.intake.answer import ImportAnswers
from hedef.intake.models import ImportJob
from hedef.intake.run.rejects import ADDED
from hedef.intake.services import run_import
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.instants import to_datetime

SHOWN = 50  # rows a page
_PLACE = re.compile(r"cell-(\d{1,8})-(\d{1,5})")
_NEAREST = re.compile(r'Nearest: (".*?")\. ')


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that kept its row out. `name` is its key in the form; `nearest` are values that would do."""

    name: str
    column: str
    value: str
    nearest: tuple[str, ...] = ()

    @property
    def long(self) -> bool:
        """More than one line: a plain field would lose the breaks."""
        return "\n" in self.value


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

    @property
    def own(self) -> list[str]:
        """The columns of the file that was imported."""
        return [name for name in self.header if name not in ADDED]

    def bad_rows(self, first: int, count: int) -> list[BadRow]:
        return [self._bad(place, row) for place, row in enumerate(self.rows[first : first + count], first)]

    def _bad(self, place: int, row: Mapping[str, str]) -> BadRow:
        own, hint = self.own, row["_hint"]
        codes = tuple(part.strip() for part in row["_code"].split(";"))
        blamed = [part.strip() for part in row["_field"].split(";")]
        columns = [name for name in own if name in blamed] or own
        near = tuple(found[1][1:-1].split('", "')) if (found := _NEAREST.search(hint)) else ()
        values = [part.strip() for part in row["_value"].split(";")]
        cells = tuple(
            BadCell(f"cell-{place}-{own.index(name)}", name, row[name], near if row[name].strip() in values else ())
            for name in columns
        )
        return BadRow(int(row["_row"]), row["_line"], codes, hint, cells)


def rejects_of(job: ImportJob) -> Rejects:
    """The rejects of an import; NotFound when it has none or they were cleared away."""
    path = settings.HEDEF.rejects_dir / Path(job.rejects_file or "-").name
    if not job.rejects_file or not path.is_file():
        raise NotFound(_("%(job)s has no rejected rows to show.") % {"job": job})
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows = tuple(reader)
        return Rejects(path, tuple(reader.fieldnames or ()), rows)


def fixed_by(job: ImportJob) -> str | None:
    """The import that took the mended rows of this one, such as J-7."""
    told = job.options.get("fixed_by")
    return None if told is None else str(told)


def import_fixed(job: ImportJob, cells: Mapping[str, str], *, actor: str) -> ImportAnswers:
    """Import the rejected rows again with these cells changed (form keys as `BadCell.name`).

    WrongUse when nothing was changed, or when the rows were imported again before. Rows that are still wrong come
    back in the answer's own rejects file; when all of them are, they wait here as before.
    """
    if (other := fixed_by(job)) is not None:
        raise WrongUse(
            _("These rows were imported again with %(job)s.") % {"job": other},
            hint=_("What is still to fix is shown there."),
        )
    rejects = rejects_of(job)
    rows = _mended(rejects, cells)
    settings.HEDEF.uploads_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.HEDEF.uploads_dir) as folder:
        path = Path(folder) / "rows.csv"
        path.write_text(_as_csv(rejects.own, rows), encoding="utf-8")
        answers = run_import(
            files=[path],
            names={str(path): job.file_name},
            actor=actor,
            source=job.source,
            decide=job.options.get("decide") or {},
            plan=job.options.get("plan"),
            exported_at=None if job.exported_us is None else to_datetime(job.exported_us),
            fixes=job.batch,
            yes=True,
            spellings_open=True,
        )
    told = answers.files[0]
    if told.counts.rejected < told.counts.rows_read:  # else none was mended, and all still stand here
        job.options = {**job.options, "fixed_by": told.job}
        job.save(update_fields=["options"])
    return answers


def _mended(rejects: Rejects, cells: Mapping[str, str]) -> list[dict[str, str]]:
    own = rejects.own
    rows, touched = [dict(row) for row in rejects.rows], False
    for name, value in cells.items():
        row, column = _place(name, len(rows), len(own))
        if rows[row][own[column]] != value:
            rows[row][own[column]] = value
            touched = True
    if not touched:
        raise WrongUse(
            _("No cell was changed."), hint=_("Change the cells that are wrong, then import the rows again.")
        )
    return rows


def _place(name: str, rows: int, columns: int) -> tuple[int, int]:
    if found := _PLACE.fullmatch(name):
        row, column = int(found[1]), int(found[2])
        if row < rows and column < columns:
            return row, column
    raise WrongUse(_("A cell of the form does not belong to these rows."), hint=_("Load the page again."))


def _as_csv(header: list[str], rows: list[dict[str, str]]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
