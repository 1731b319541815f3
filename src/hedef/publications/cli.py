"""`hedef publications list|show|replay`: what was shown, when, what it rests on, and whether it still comes out."""

from typing import Annotated

import typer

from hedef.cli_output import Table
from hedef.cli_support import Context, command, group

SCHEMA = "hedef.publications/1"
app = group("Numbers that were shown, and what they rest on.")


@command(app, "list")
def show_list(
    run: Context,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, such as scoreboard.")] = None,
    last: Annotated[int, typer.Option(help="At most this many.", min=1)] = 50,
) -> None:
    """The newest publications."""
    from hedef.publications.queries import publications

    run.actor.must("read_data")
    found = [one.as_json() for one in publications(kind=kind, last=last)]
    names = ["no", "kind", "subject", "as_of", "known_at", "trust", "actor", "made_at"]
    run.answer(
        run.framed(SCHEMA, {"publications": found}), Table(names, [[one[name] for name in names] for one in found])
    )


@command(app, "show")
def show(run: Context, number: Annotated[int, typer.Argument(help="Its number.")]) -> None:
    """One publication: its body and everything its fingerprint covers."""
    from hedef.publications.queries import publication

    run.actor.must("read_data")
    found = publication(number)
    payload = run.framed(SCHEMA, {"publication": {**found.as_json(), "basis": found.basis, "body": found.body}})
    rows = [[name, str(value)] for name, value in found.as_json().items()]
    rows = [row for row in rows if row[0] not in ("overrides", "reasons")]
    rows += [["trust reason", one] for one in found.said_trust.get("reasons", [])]
    rows += [["override", one] for one in found.overrides]
    rows += [["definition", f"{name} {hashed}"] for name, hashed in found.basis["definitions"]]
    run.answer(payload, Table(["what", "value"], rows))


@command(app, "replay")
def replay(run: Context, number: Annotated[int, typer.Argument(help="Its number.")]) -> int:
    """Computes a publication anew from the ledger and compares it to the byte; 1 where it differs."""
    from hedef.publications.replaying import replay as tell_again

    run.actor.must("read_data")
    found = tell_again(number)
    payload = run.framed(SCHEMA, {"replay": found.as_json(), "issues": [one.as_json() for one in found.issues]})
    rows = [["as published", found.published.body_digest], ["told again", found.digest]]
    rows += [["differs in", one] for one in found.places]
    said = "It comes out the same, to the byte." if found.equal else found.issues[-1].message
    run.answer(payload, Table(["what", "value"], rows), text=said)
    return 1 if found.issues else 0
