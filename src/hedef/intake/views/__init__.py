"""Data pages: imports, an upload on its way in, what became of it, its rows to fix, the mappings of each source."""

from hedef.intake.views.jobs import imports, job, rejects
from hedef.intake.views.uploads import cancel, draft, upload

__all__ = ["cancel", "draft", "imports", "job", "rejects", "upload"]
