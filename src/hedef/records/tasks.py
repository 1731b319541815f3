"""Jobs of records: what runs by the clock."""

from typing import Any

from hedef import jobs
from hedef.records import services
from hedef.settings import now


@jobs.job(quiet=True)
def keep_to_retention() -> dict[str, Any]:
    """Blank the words whose time is over, and finish undos that were broken off."""
    finished = services.finish_undos()
    done = services.apply_retention(on=now(), actor="hedef")
    return {"records": sum(done.records.values()), "batches": len(done.batches), "undos": finished}
