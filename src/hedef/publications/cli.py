"""`hedef publications ...`: what was shown, on what it rests, whether it still comes out; overrides of the gate."""

from typing import TYPE_CHECKING, Annotated

import typer

from hedef.cli_output import Table
from hedef.cli_support import Context, command, group

if TYPE_CHECKING:
    from datetime import date

    from hedef.intake.trust.overrides import Override

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


# --- overrides of the trust gate --------------------------------------------------------------------------------------


def _answer_overrides(run: Context, found: "list[Override]") -> None:
    told = [one.as_json() for one in found]
    names = ["override", "source", "object", "check", "until", "state", "asked_by", "agreed_by", "reason"]
    run.answer(run.framed(SCHEMA, {"overrides": told}), Table(names, [[one[name] for name in names] for one in told]))


def _today(run: Context) -> "date":
    return run.calendar.day_of(run.now_us)


@command(app, "overrides")
def list_overrides(
    run: Context, source: Annotated[str | None, typer.Option("--source", help="Only of this source.")] = None
) -> None:
    """Blocked checks that two people let pass, and those that wait for the second one."""
    from hedef.intake.trust.overrides import overrides

    run.actor.must("read_data")
    _answer_overrides(run, overrides(today=_today(run), source=source))


@command(app, "override")
def override(
    run: Context,
    source: Annotated[str, typer.Option("--source", help="The source whose check blocks.")],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="Its last day.")],
    why: Annotated[str, typer.Option("--why", help="Why the number may go out; printed on every publication.")],
    object: Annotated[str | None, typer.Option("--object", help="Only this object, such as deal.")] = None,
    check: Annotated[str | None, typer.Option("--check", help="Only this check, such as domain.")] = None,
) -> None:
    """Asks that a blocked check may be passed until a day; a second person agrees with `agree`."""
    from hedef.call import read_moment
    from hedef.intake.trust.overrides import ask_override

    run.actor.must("import")
    day = read_moment(until, "--until")
    made = ask_override(
        source=source, object_=object, check=check, reason=why, until=run.calendar.day_of(_us(run, day)),
        actor=run.actor.name, today=_today(run), now_us=run.now_us,
    )  # fmt: skip
    _answer_overrides(run, [made])


def _us(run: Context, moment: "date") -> int:
    from datetime import datetime

    from hedef.call import microseconds

    return microseconds(moment) if isinstance(moment, datetime) else run.calendar.start_us(moment)


@command(app, "agree")
def agree(run: Context, number: Annotated[int, typer.Argument(help="Number of the override.")]) -> None:
    """Agrees to an override that somebody else asked for."""
    from hedef.intake.trust.overrides import agree_override

    run.actor.must("approve")
    _answer_overrides(run, [agree_override(number, actor=run.actor.name, today=_today(run), now_us=run.now_us)])


@command(app, "end")
def end(run: Context, number: Annotated[int, typer.Argument(help="Number of the override.")]) -> None:
    """Takes an override back: the check blocks again."""
    from hedef.intake.trust.overrides import end_override

    run.actor.must("approve")
    _answer_overrides(run, [end_override(number, actor=run.actor.name, today=_today(run), now_us=run.now_us)])
