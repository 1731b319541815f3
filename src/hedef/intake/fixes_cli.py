"""`hedef intake fixes|fix|accept|refuse`: wrong rows, said by who saw them, answered by operations."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from hedef.cli_output import Table
from hedef.cli_support import Context, command, group

if TYPE_CHECKING:
    from hedef.intake.models import DataFix

SCHEMA = "hedef.data_fix/1"
app = group("Wrong rows: what is right, who says so, and what operations answered.")
_SHOWN = ("fix", "about", "field", "was", "right", "state", "asked_by", "answered_by", "answer")

Number = Annotated[int, typer.Argument(help="Number of the request.")]


def _answer(run: Context, found: "Sequence[DataFix]") -> None:
    from hedef.intake.datafix import fix_json

    told = [fix_json(one) for one in found]
    table = Table(list(_SHOWN), [[one[name] for name in _SHOWN] for one in told])
    run.answer(run.framed(SCHEMA, {"fixes": told}), table)


@command(app, "fixes")
def list_fixes(
    run: Context, only_open: Annotated[bool, typer.Option("--open", help="Only unanswered ones.")] = False
) -> None:
    """Requests about wrong rows: all for who corrects records, the own ones for others."""
    from hedef.intake.datafix import fixes

    _answer(run, fixes(actor=None if run.actor.can("edit_record") else run.actor.name, only_open=only_open))


@command(app, "fix")
def fix(
    run: Context,
    about: Annotated[str, typer.Argument(metavar="RECORD", help="Its id, such as D-17.")],
    field: Annotated[str, typer.Option("--field", help="The field that is wrong.")],
    right: Annotated[str, typer.Option("--right", help="The value that is right; empty for none.")],
    why: Annotated[str, typer.Option("--why", help="A sentence that says what is wrong.")],
) -> None:
    """Says that a value of a record is wrong; operations correct it or say why not."""
    from hedef.intake.datafix import ask_fix

    made = ask_fix(
        about=about, field=field, right=right, sentence=why, actor=run.actor.name, scope=run.scope, now_us=run.now_us
    )
    _answer(run, [made])


@command(app, "accept")
def accept(run: Context, number: Number) -> None:
    """Corrects the record as asked."""
    from hedef.intake.datafix import accept_fix

    run.actor.must("edit_record")
    _answer(run, [accept_fix(number, actor=run.actor.name, now_us=run.now_us)])


@command(app, "refuse")
def refuse(
    run: Context, number: Number, answer: Annotated[str, typer.Option("--answer", help="Why it stays as it is.")]
) -> None:
    """Leaves the record as it is; the asker reads why."""
    from hedef.intake.datafix import refuse_fix

    run.actor.must("edit_record")
    _answer(run, [refuse_fix(number, answer=answer, actor=run.actor.name, now_us=run.now_us)])
