"""`hedef records list|show|create|change|end|move`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hedef.cli_support import Context, Table, command, group
from hedef.kernel.errors import WrongUse

app = group("People, teams, accounts and every other record, as of a day.")

KindGiven = Annotated[str, typer.Argument(help="Kind of record: person, team, account, product, price, ...")]
EntityGiven = Annotated[str, typer.Argument(help="Its id (P-17), short name, e-mail or name.")]
Fields = Annotated[list[str], typer.Argument(help='Fields as name=value: name="Holly Ray" owner=P-17.')]
Since = Annotated[str | None, typer.Option("--since", metavar="DAY|INSTANT", help="From when on it counts.")]


@command(app, "list")
def list_records(
    run: Context,
    kind: KindGiven,
    q: Annotated[str, typer.Option("--q", help="Words of a name, or a part of an e-mail.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on after this id.")] = None,
) -> None:
    """Living records of a kind, by number."""
    from hedef.records import answers

    told = answers.list_json(kind, scope=run.scope, text=q, limit=limit, after=after)
    columns = [name for name in (told["records"] or [{}])[0] if any(row[name] is not None for row in told["records"])]
    rows = [[row[name] for name in columns] for row in told["records"]]
    run.answer(run.framed("hedef.records/1", told), Table(columns, rows))


@command(app, "show")
def show(run: Context, kind: KindGiven, entity: EntityGiven) -> None:
    """One record with all that is known of it; --as-of and --known-at look back."""
    from hedef.records import answers

    number = answers.number_given(kind, entity, run.scope)
    _answer(run, answers.one_json(kind, number, run))


@command(app, "create", writes=True)
def create(run: Context, kind: KindGiven, fields: Fields, since: Since = None) -> None:
    """A new record."""
    from hedef.records import answers

    run.actor.must("edit_record")
    _no_rehearsal(run)
    _answer(run, answers.create_json(kind, answers.pairs(fields), run, reason=_reason(run), since=since))


@command(app, "change", writes=True)
def change(
    run: Context,
    kind: KindGiven,
    entity: EntityGiven,
    fields: Fields,
    since: Since = None,
    based_on: Annotated[str | None, typer.Option(help="The change that you had seen, such as 412:3.")] = None,
) -> None:
    """Set fields from a moment on; an empty value is none."""
    from hedef.records import answers

    run.actor.must("edit_record")
    _no_rehearsal(run)
    number = answers.number_given(kind, entity, run.scope)
    told = answers.change_json(
        kind, number, answers.pairs(fields), run, reason=_reason(run), since=since, based_on=based_on
    )
    _answer(run, told)


@command(app, "end", writes=True)
def end(
    run: Context,
    kind: KindGiven,
    entity: EntityGiven,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="First day on which it counts no more.")] = None,
) -> None:
    """End a record, or a range before a day."""
    from hedef.records import answers

    run.actor.must("edit_record")
    _no_rehearsal(run)
    number = answers.number_given(kind, entity, run.scope)
    _answer(run, answers.end_json(kind, number, run, reason=_reason(run), on=on))


@command(app, "move", writes=True)
def move(
    run: Context,
    person: Annotated[str, typer.Argument(help="Who moves: id, short name, e-mail or name.")],
    team: Annotated[str, typer.Option("--team", help="The new main team.")],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="First day there.")],
    role: Annotated[str | None, typer.Option(help="Role there; none: the same as before.")] = None,
) -> None:
    """A person's main team changes on a day; boards before it stay as they are."""
    from datetime import date

    from hedef.records import answers, services

    run.actor.must("edit_record")
    _no_rehearsal(run)
    try:
        day = date.fromisoformat(on)
    except ValueError as fault:
        raise WrongUse(f'--on: "{on}" is no day.', hint="Write 2026-11-17.") from fault
    number = answers.number_given("person", person, run.scope)
    place = answers.number_given("team", team, run.scope)
    services.move_person(person=number, team=place, on=day, role=role, actor=run.actor.name, reason=_reason(run))
    _answer(run, answers.one_json("person", number, run))


def _answer(run: Context, told: Mapping[str, Any]) -> None:
    rows = [[name, value] for name, value in told["record"].items() if value is not None]
    run.answer(run.framed("hedef.record/1", told), Table(["field", "value"], rows))


def _reason(run: Context) -> str:
    if not run.reason.strip():
        raise WrongUse("A reason is missing: it is kept with the change.", hint='--reason "typing error"')
    return run.reason


def _no_rehearsal(run: Context) -> None:
    if run.dry_run:
        raise WrongUse("A single edit has no rehearsal.", hint="hedef ledger undo takes it back.")
