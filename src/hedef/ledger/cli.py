"""`hedef ledger ...`: what was recorded, and everything that can be done to it."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from hedef.cli_support import Context, Table, command, group
from hedef.kernel.errors import WrongUse

app = group("What changed, when, by whom.")

Batch = Annotated[str | None, typer.Argument(metavar="[BATCH]", help="A batch, such as B-412.")]
Entity = Annotated[str | None, typer.Option("--entity", metavar="ID", help="History of one entity: D-10482, P-17.")]
Last = Annotated[int, typer.Option("--last", min=1, max=1000, help="How many of the newest batches.")]
Rows = Annotated[int, typer.Option("--rows", min=1, max=1000, help="How many changes of a batch.")]
BatchGiven = Annotated[str, typer.Argument(metavar="BATCH", help="A batch, such as B-412.")]
EntityGiven = Annotated[str, typer.Argument(metavar="ENTITY", help="A record, such as D-10482.")]
EntityOrNone = Annotated[str | None, typer.Argument(metavar="[ENTITY]", help="A record, such as C-12.")]
AfterPublication = Annotated[bool, typer.Option("--after-publication", help="Though published results rest on it.")]
Second = Annotated[str | None, typer.Option("--second", metavar="USER", help="The second person who agrees.")]
Values = Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A right value; empty: none.")]
Change = Annotated[str | None, typer.Option("--change", metavar="SEAL:PLACE", help="The change that was wrong.")]
ChangeNamed = Annotated[str, typer.Option("--change", metavar="SEAL:PLACE", help="The change, such as 412:3.")]
At = Annotated[str | None, typer.Option("--at", metavar="INSTANT", help="The right moment.")]
Into = Annotated[str, typer.Option("--into", metavar="ENTITY", help="The record that stays.")]
Take = Annotated[list[str] | None, typer.Option("--take", metavar="FIELD", help="A value that it takes over.")]
Again = Annotated[bool, typer.Option("--again", help="Everybody who was erased before.")]
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


@command(app, "undo", writes=True)
def undo(run: Context, batch: BatchGiven, after_publication: AfterPublication = False, second: Second = None) -> int:
    """Take a batch back: what it changed, the numbers that move, the publications that rest on it.

    With --dry-run nothing is written; exit code 1 says that it would be refused. Undoing an undo brings its batch back.
    """
    from hedef.ledger import acting

    run.actor.must("undo")
    told = acting.undo(
        batch,
        actor=run.actor.name,
        reason=run.reason,
        dry_run=run.dry_run,
        after_publication=after_publication,
        second=second,
    )
    _answer_undo(run, told)
    return 1 if told["act"]["refused"] else 0


@command(app, "correct", writes=True)
def correct(run: Context, entity: EntityGiven, values: Values = None, change: Change = None, at: At = None) -> None:
    """Right values (--set stage=won), or with --change the right moment (--at) of one change."""
    from hedef.ledger import acting

    run.actor.must("edit_record")
    told = acting.correct(
        entity,
        scope=run.scope,
        actor=run.actor.name,
        reason=run.reason,
        texts=_pairs(values or []),
        change=change,
        at=at,
        dry_run=run.dry_run,
    )
    _answer_written(run, told)


@command(app, "void", writes=True)
def void(run: Context, entity: EntityGiven, change: ChangeNamed) -> None:
    """Take one change of a record back."""
    from hedef.ledger import acting

    run.actor.must("edit_record")
    _no_rehearsal(run)
    told = acting.void(entity, scope=run.scope, actor=run.actor.name, reason=run.reason, change=change)
    run.answer(told, _batches(told))


@command(app, "merge", writes=True)
def merge(run: Context, loser: EntityGiven, into: Into, take: Take = None) -> None:
    """One record becomes part of another: its keys and what refers to it point there from now on."""
    from hedef.ledger import acting

    run.actor.must("edit_record")
    who: dict[str, Any] = {"scope": run.scope, "actor": run.actor.name, "reason": run.reason}
    _answer_written(run, acting.merge(loser, into, **who, take=take or [], dry_run=run.dry_run))


@command(app, "split", writes=True)
def split(run: Context, loser: EntityGiven) -> None:
    """Take a merge back: the record is one of its own again."""
    from hedef.ledger import acting

    run.actor.must("edit_record")
    _no_rehearsal(run)
    _answer_undo(run, acting.split(loser, scope=run.scope, actor=run.actor.name, reason=run.reason))


@command(app, "erase", writes=True)
def erase(run: Context, entity: EntityOrNone = None, again: Again = False) -> None:
    """Blank the words of a person, contact or lead everywhere; no number moves. It cannot be taken back.

    With --again everybody who was erased before, as after a restored backup.
    """
    from hedef.ledger import acting

    run.actor.must("erase")
    if again == (entity is not None):
        raise WrongUse("Name a record, or --again, not both.", hint='hedef ledger erase C-12 --reason "she asked"')
    if entity is None:
        _no_rehearsal(run)
        told = acting.erase_again(actor=run.actor.name)
        rows = told["act"]["erased"]
    else:
        told = acting.erase(entity, actor=run.actor.name, reason=run.reason, dry_run=run.dry_run)
        rows = [told["act"]]
    names = ["entity", "entities", "changes", "blocks", "spellings", "files"]
    run.answer(told, Table(names, [[one[name] for name in names] for one in rows], title="Erased"))


@command(app, "retention", writes=True)
def retention(run: Context) -> None:
    """Blank the words that were kept long enough (leads, contacts, people who left); --dry-run counts them."""
    from hedef.ledger import acting

    run.actor.must("erase")
    told = acting.retain(on=run.now, actor=run.actor.name, dry_run=run.dry_run)
    rows = [[kind, count] for kind, count in told["act"]["records"].items()]
    run.answer(told, Table(["kind", "records"], rows, title="Words whose time is over"))


def _answer_written(run: Context, told: dict[str, Any]) -> None:
    """What was written; of a rehearsal the changes with their values before and after."""
    if not run.dry_run:
        run.answer(told, _batches(told))
        return
    run.answer(told, _changes(told), text=f"Nothing is written. It would be {told['act']['changes']} changes.")


def _no_rehearsal(run: Context) -> None:
    if run.dry_run:
        raise WrongUse("This command has no rehearsal.", hint="It can be taken back: hedef ledger undo BATCH")


def _pairs(values: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in values]
    for name, equals, _ in pairs:
        if not equals or not name.strip():
            raise WrongUse(f'--set "{name}": write FIELD=VALUE, such as stage=won.')
    return {name.strip(): value for name, _, value in pairs}


def _answer_undo(run: Context, told: dict[str, Any]) -> None:
    act = told["act"]
    entities = [[one["kind"], one["count"], ", ".join(one["first"][:10])] for one in act["entities"]]
    moves = [[one["number"], one["of"], one["count"], one["amount"], one["currency"]] for one in act["moves"]]
    resting = [[one["what"], one["reference"], one["known_at"]] for one in act["publications"]]
    first = (
        f"{act['undoes']} taken back by {act['batch']}." if act["batch"] else f"{act['undoes']}: nothing is written."
    )
    refused = f" It would be refused: {act['refused']}" if act["refused"] else ""
    run.answer(
        told,
        Table(["kind", "records", "first"], entities, title="Records"),
        Table(["number", "of", "count", "amount", "currency"], moves, title="Numbers that move"),
        Table(["what", "reference", "known_at"], resting, title="Publications that rest on it"),
        text=first + refused,
    )


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
