"""Data pages: imports, an upload on its way in, what became of it, its rows to fix, the mappings of each source."""

from hedef.intake.views.fixes import answer_fix, fixes, new_fix
from hedef.intake.views.jobs import imports, job, rejects
from hedef.intake.views.mappings import mapping, mappings, undo_mapping
from hedef.intake.views.sources import agree, ask, end, sources
from hedef.intake.views.uploads import cancel, draft, upload

__all__ = [
    "agree",
    "answer_fix",
    "ask",
    "cancel",
    "draft",
    "end",
    "fixes",
    "imports",
    "job",
    "mapping",
    "mappings",
    "new_fix",
    "rejects",
    "sources",
    "undo_mapping",
    "upload",
]
