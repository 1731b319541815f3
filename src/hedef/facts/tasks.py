"""Jobs of facts: what runs by the clock."""

import logging
from typing import Any

from hedef import jobs
from hedef.facts import services

_log = logging.getLogger("hedef.facts")


@jobs.job()
def compact() -> dict[str, Any]:
    """Write the segments together and remove the files that no version needs."""
    done, removed = services.compact()
    _log.info("facts: version %s, %s files removed", done.version, len(removed))
    return {"version": done.version, "removed": len(removed)}
