"""Open deals that the conditions of the processes give to none of them, or to several."""

from collections.abc import Mapping

from hedef.process.engine.switching import is_chosen, matching
from hedef.process.schema import ProcessDocument
from hedef.records import queries as records


def misfits(documents: Mapping[str, ProcessDocument]) -> tuple[int, int]:
    """How many open deals fit no process, and how many fit several; nothing where no process has a condition.

    Read from the records as they are now: conditions may ask for any field of a deal.
    """
    if not is_chosen(documents):
        return 0, 0
    found = [
        len(matching(documents, row)) for row in records.rows("deal") if (row["status"] or "open") in {"open", "hold"}
    ]
    return sum(one == 0 for one in found), sum(one > 1 for one in found)
