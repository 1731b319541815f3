"""`hedef export OBJECT --source S`: agreed values back to the CRM, in its own columns."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hedef.cli_output import write, write_bytes
from hedef.cli_support import Context, command, group
from hedef.kernel.errors import WrongUse

SCHEMA = "hedef.export/1"
app = group("Agreed values back to the CRM.")


@command(app, "export")
def export(
    run: Context,
    object_: Annotated[str, typer.Argument(metavar="OBJECT", help="Such as deal.")],
    source: Annotated[str, typer.Option("--source", help="The source whose columns and keys are written.")],
    fields: Annotated[
        str | None, typer.Option("--fields", metavar="NAMES", help="Only these: owner,category. All without it.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A file .csv or .xlsx; stdout without it.")
    ] = None,
) -> int:
    """Writes records in the columns of their CRM, so that it takes them; importing the file again changes nothing."""
    from hedef.access.services import note_read
    from hedef.exports.writing import written
    from hedef.intake.exporting import export as make

    chosen = None if fields is None else [one.strip() for one in fields.split(",") if one.strip()]
    made = make(object_, source=source, fields=chosen, scope=run.scope)
    ending = "csv" if to is None else to.suffix.lower().lstrip(".")
    if ending not in ("csv", "xlsx"):
        raise WrongUse(f"--to: {to} is neither a .csv nor a .xlsx file.")
    kind = "xlsx" if run.format == "xlsx" or ending == "xlsx" else "csv"
    scope = "" if run.scope.everything else f"{len(run.scope.people)} people"
    said = "json" if run.format == "json" else kind
    what, name = f"{object_} for {source}", run.actor.name
    note_read(actor=name, what=what, format_=said, rows=made.sheet.count, way="command", at_us=run.now_us, scope=scope)
    run.verb = ""  # noted above, with its scope
    if to is not None:
        to.write_bytes(written(made.sheet, kind))  # type: ignore[arg-type]  # one of the two
    if run.format == "json":
        run.answer(run.framed(SCHEMA, made.as_json()))
    elif to is None and kind == "xlsx":
        write_bytes(written(made.sheet, "xlsx"))
    elif to is None:
        write(written(made.sheet, "csv").decode())
    else:
        sys.stderr.write(f"{made.sheet.count} records written to {to}.\n")
    for field, number in made.left_out.items():
        run.say(f"{number} records were left out: these columns cannot say their {field}.")
    return 1 if made.left_out else 0
