"""What a worker does with an upload: look at it, or import it; what was seen is kept beside its files."""

from typing import Any

from django.utils import translation

from hedef.intake import drafts, kept, services
from hedef.intake import look as looking
from hedef.intake.answer import ImportAnswers
from hedef.intake.drafts import Draft
from hedef.intake.models import ImportJob
from hedef.intake.run.call import Report, silent
from hedef.jobs import Stopped
from hedef.kernel.errors import NotFound
from hedef.ledger.queries import head


def mark(draft: Draft, language: str) -> str:
    """What a look depends on: the answers of the person, everything written so far, the language of its sentences."""
    return drafts.fingerprint(draft, head().seal_no, language)


def seen(draft: Draft, language: str) -> looking.Look | None:
    """What was seen of a draft as it is now; none when it must be looked at."""
    told = drafts.kept_look(draft, mark(draft, language))
    return None if told is None else kept.look_of(told)


def see(draft: Draft, language: str, report: Report = silent) -> looking.Look:
    """Look at a draft and keep what was seen; an archive is unpacked into its files first."""
    draft = drafts.unpacked(draft)
    before = mark(draft, language)
    with translation.override(language):
        found = looking.look_at(draft, report=report)
    drafts.keep_look(draft, before, kept.as_json(found))
    return found


def look(token: str, *, language: str, report: Report) -> dict[str, Any]:
    """See the draft of a job; a page shows what was kept."""
    found = see(_draft(token), language, report)
    return {"ready": found.ready, "files": len(found.files)}


def import_(token: str, *, language: str, report: Report) -> dict[str, Any]:
    """Import the draft of a job and throw it away; answers the numbers of its imports and the rows.

    A second run after the first has sealed finds the answers beside the files.
    """
    draft = _draft(token)
    told = drafts.kept_answer(draft)
    if told is None:
        try:
            with translation.override(language):
                told = summary(looking.import_draft(draft, report=report))
        except Stopped:
            _take_back(draft)
            raise
        drafts.keep_answer(draft, told)
    drafts.discard(draft)
    return told


def summary(answers: ImportAnswers) -> dict[str, Any]:
    """`jobs` (numbers of the imports), rows `written` and `rejected`."""
    counts = [one.counts for one in answers.files]
    return {
        "jobs": [one.job for one in answers.files if one.job],
        "written": sum(one.created + one.updated for one in counts),
        "rejected": sum(one.rejected for one in counts),
    }


def _take_back(draft: Draft) -> None:
    """A person stopped the import: what its batches hold so far is taken back."""
    for job in ImportJob.objects.filter(state=ImportJob.State.RUNNING, order__isnull=False):
        if any(str(one).startswith(f"{draft.folder}/") for one in (job.order or {}).get("files", ())):
            services.abandon(str(job), reason="stopped by a person")
            return  # the whole call, all its files


def _draft(token: str) -> Draft:
    draft = drafts.of_token(token)
    if draft is None:
        raise NotFound("The upload was imported or thrown away meanwhile.", hint="Nothing is left to do.")
    return draft
