"""`hedef publications list|show`: what was shown, when, and what it rests on."""

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
    rows += [["definition", f"{name} {hashed}"] for name, hashed in found.basis["definitions"]]
    run.answer(payload, Table(["what", "value"], rows))
