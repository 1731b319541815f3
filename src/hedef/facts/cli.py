"""`hedef facts status|rebuild|compact|verify`: the version of the facts, its tables, and whether they are right."""

from typing import Any

from hedef.cli_output import Table
from hedef.cli_support import Context, command, group

app = group("The ledger as columns: version, rebuild, proof.")


@command(app, "status")
def status(run: Context) -> None:
    """The newest version: how far it knows the ledger, and its tables."""
    from hedef.facts.queries import status as ask_status

    run.actor.must("read_data")
    _answer(run, ask_status())


@command(app, "rebuild")
def rebuild(run: Context) -> None:
    """Make all facts again from the ledger, beside the old ones, and switch."""
    from hedef.facts.queries import facts_json
    from hedef.facts.services import rebuild as rebuild_facts

    run.actor.must("import")
    _answer(run, facts_json(rebuild_facts(), differences=[]))


@command(app, "compact")
def compact(run: Context) -> None:
    """Write the files of the facts together, in order, and remove those that nobody needs any more."""
    from hedef.facts.queries import facts_json
    from hedef.facts.services import compact as compact_facts

    run.actor.must("import")
    manifest, removed = compact_facts()
    _answer(run, facts_json(manifest, differences=[]), more=f"; {len(removed)} files removed")


@command(app, "verify")
def verify(run: Context) -> int:
    """Build the facts a second time, aside, and compare table by table; then compare deals with the records."""
    from hedef.facts.queries import facts_json
    from hedef.facts.services import verify as verify_facts

    run.actor.must("read_data")
    manifest, differences = verify_facts()
    payload = facts_json(manifest, differences=differences)
    _answer(run, payload, more=". " + _verdict(len(payload["tables"]), len(differences)))
    return 1 if differences else 0


def _verdict(tables: int, differences: int) -> str:
    if differences:
        return f"{differences} differences: a second building of the facts is not equal to the facts."
    return f"All {tables} tables were built a second time and are equal; deals agree with the records."


def _answer(run: Context, payload: dict[str, Any], *, more: str = "") -> None:
    rows = [[one["name"], one["rows"], one["digest"]] for one in payload["tables"]]
    text = f"version {payload['version']}, knows the ledger up to seal {payload['watermark']}{more}"
    found = [
        [one["table"], ", ".join(f"{key} {one[key]}" for key in one if key != "table")]
        for one in payload["differences"]
    ]
    tables = [Table(["table", "rows", "digest"], rows)]
    if found:
        tables.append(Table(["table", "difference"], found, title="These differ; hedef facts rebuild makes them again"))
    run.answer(payload, *tables, text=text)
