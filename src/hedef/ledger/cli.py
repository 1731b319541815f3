"""`hedef ledger show|verify`."""

from typing import Annotated, Any

import typer

from hedef.cli_support import Context, Table, command, group
from hedef.kernel.errors import WrongUse

app = group("What changed, when, by whom.")

Batch = Annotated[str | None, typer.Argument(metavar="[BATCH]", help="A batch, such as B-412.")]
Entity = Annotated[str | None, typer.Option("--entity", metavar="ID", help="History of one entity: D-10482, P-17.")]
Last = Annotated[int, typer.Option("--last", min=1, max=1000, help="How many of the newest batches.")]
Rows = Annotated[int, typer.Option("--rows", min=1, max=1000, help="How many changes of a batch.")]
From = Annotated[int, typer.Option("--from", min=0, help="First change of a batch to show.")]


@command(app, "show")
def show(
    run: Context, batch: Batch = None, entity: Entity = None, last: Last = 20, rows: Rows = 50, first: From = 0
) -> None:
    """The newest batches, one batch with its changes, or the history of one entity."""
    from hedef.ledger import answers

    if batch is not None and entity is not None:
        raise WrongUse("Name a batch or an entity, not both.")
    if entity is not None:
        as_of = (run.as_of_us, run.as_of) if run.as_of_text else (None, None)
        told = answers.entity_answer(
            answers.entity_of(entity), scope=run.scope, as_of_us=as_of[0], as_of=as_of[1], known_no=run.known_no
        )
        run.answer(told, _changes(told))
        return
    run.actor.must("read_data")
    if batch is not None:
        told = answers.batch_answer(answers.batch_number(batch), scope=run.scope, first=first, limit=rows)
        run.answer(told, _changes(told), _batches(told))
        return
    told = answers.answer(known_no=run.known_no, batches=answers.newest_batches(last=last, known_no=run.known_no))
    run.answer(told, _batches(told))


@command(app, "verify")
def verify(run: Context) -> int:
    """Walks the whole chain of digests; exit code 1 names what was altered."""
    from hedef.ledger.answers import verify_answer

    run.actor.must("read_data")
    told = verify_answer()
    found = [[one["code"], one["object"], one["message"]] for one in told["issues"]]
    text = f"{told['seal_no']} sealed batches, every digest is right." if told["verified"] else ""
    run.answer(told, Table(["code", "where", "what"], found), text=text)
    return 0 if told["verified"] else 1


def _batches(told: dict[str, Any]) -> Table:
    names = ("batch", "seal_no", "recorded_at", "kind", "source", "actor", "object", "changes", "undone_by", "reason")
    return Table(names, [[one[name] for name in names] for one in told["batches"]], title="Batches")


def _changes(told: dict[str, Any]) -> Table:
    names = ["change", "entity", "act", "effective_at", "counts", "field", "before", "after", "batch", "file_row"]
    rows = []
    for one in told["changes"]:
        start = [one["change"], one["entity"], one["act"], one["effective_at"], "yes" if one["counts"] else "no"]
        end = [one["batch"], one["file_row"]]
        fields = one["fields"] or [{"field": None, "before": None, "after": None}]
        rows += [[*start, field["field"], _cell(field["before"]), _cell(field["after"]), *end] for field in fields]
    return Table(names, rows, title="Changes")


def _cell(value: Any) -> str | int | None:
    return value if value is None or (isinstance(value, int) and not isinstance(value, bool)) else str(value)
