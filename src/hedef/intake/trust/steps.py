"""What a person does about a check that did not pass."""

from hedef.kernel.trust import Reason


def next_step(reason: Reason) -> str:
    """What a person does about a blocked check."""
    again = f"then import {reason.file} again" if reason.file else "then import it again"
    steps = {
        "freshness": f"Export {reason.object} from {reason.source} now and import it.",
        "completeness": f"Look whether the export of {reason.object} is whole, {again}.",
        "domain": f"Mend the rejected rows: hedef import rejects-B-{reason.batch}.csv --fixes B-{reason.batch}.",
        "uniqueness": f"Take the repeated rows out of {reason.file or 'the export'}, {again}.",
        "referential": f"Import the records that are named first, {again}.",
        "reconciliation": f"Undo the import (hedef ledger undo B-{reason.batch}), {again}.",
        "history": "Export history and current state at the same time, and import both.",
    }
    return steps.get(reason.code, f"hedef check --source {reason.source} names the rows.")
