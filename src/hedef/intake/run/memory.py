"""What earlier imports of a source said that later files need: stage ids, option labels, fields of its histories."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from hedef.intake.engine.headers import fold
from hedef.intake.engine.shapes import Column
from hedef.intake.models import ImportJob
from hedef.intake.run.call import FileRun

STAGES, OPTIONS, HISTORY_FIELDS, SAME_INSTANT = "stage_ids", "options", "history_fields", "same_instant"
PROCESSES, RECORD_TYPES = "processes", "record_types"
KEPT = (STAGES, OPTIONS, HISTORY_FIELDS, SAME_INSTANT, PROCESSES, RECORD_TYPES)


def of_source(source: str, name: str) -> Any:
    """The newest note of that name that an import of the source left; none when there is none."""
    jobs = ImportJob.objects.filter(source=source, state=ImportJob.State.DONE).order_by("-id")
    for notes in jobs.values_list("options", flat=True):
        found = (notes or {}).get("notes", {}).get(name)
        if found:
            return found
    return None


def recall(file: FileRun, name: str) -> Any:
    """A note of this call, else of an earlier one."""
    shared: dict[str, Any] = file.call.shared.setdefault(file.source.name, {})
    return shared[name] if name in shared else of_source(file.source.name, name)


def keep(file: FileRun, name: str, value: Any) -> None:
    """Leave a note for later files of the source."""
    file.call.shared.setdefault(file.source.name, {})[name] = value
    file.whole.notes[name] = value


def keep_history_fields(file: FileRun, names: Iterable[str]) -> None:
    """Fields that a history of the source keeps from now on; what earlier histories kept is added."""
    keep(file, HISTORY_FIELDS, sorted({*(recall(file, HISTORY_FIELDS) or ()), *names}))


def with_options(file: FileRun, event: str, column: Column) -> Column:
    """Values that are option ids become their labels, where an options file of the source told them."""
    options: Mapping[str, Mapping[str, str]] = recall(file, OPTIONS) or {}
    labels = options.get(fold(event))
    if not labels or column.values.dtype != pl.String:
        return column
    worded = column.values.replace(dict(labels))
    return Column(worded, column.findings, column.currency, column.day_only, column.rounding)
