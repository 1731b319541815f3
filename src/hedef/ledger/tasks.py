"""Jobs of the ledger: what is too large to be done while a page waits."""

from typing import Any

from hedef import jobs
from hedef.ledger import acting
from hedef.ledger.acts import acts
from hedef.ledger.answers import batch_number
from hedef.ledger.queries import undone_by


@jobs.job()
def undo(batch: str, by: str, reason: str, after_publication: bool, second: str | None) -> dict[str, Any]:
    """Take a batch back; a second run of the job finishes what the first one had sealed."""
    sealed = undone_by(batch_number(batch))
    if sealed is not None:
        acts().finish_undos()
        return {"batch": sealed.number}
    told = acting.undo(batch, actor=by, reason=reason, after_publication=after_publication, second=second)
    return {"batch": told["act"]["batch"]}
