"""The verbs `scoreboard` and `digest` of the group `targets`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedef.cli_support import Context, Table, command
from hedef.kernel.errors import WrongUse
from hedef.targets.cli import app

if TYPE_CHECKING:
    from hedef.targets.queries import Scoreboard


@command(app, "scoreboard")
def scoreboard(
    run: Context,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="2017-Q3, 2017-07, ...; now's quarter without it.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="team, person or company.")] = "team",
    plan: Annotated[str | None, typer.Option("--plan", metavar="ID", help="Needed where several plans fit.")] = None,
    pace: Annotated[
        str | None, typer.Option("--pace", help="How elapsed shares are counted: working, calendar, seasonal.")
    ] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="SCOPE", help="How a row's number came about: team:T-2, company, ...")
    ] = None,
    field: Annotated[str, typer.Option("--field", help="The number that --why explains.")] = "pace",
    final: Annotated[bool, typer.Option("--final", help="Keep it as a publication; refused on blocked data.")] = False,
    metrics: Annotated[
        str | None, typer.Option("--metrics", metavar="IDS", help="Up to eight metrics beside it: win_rate,new_deals.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a file: its ending, or --format, says which.")
    ] = None,
) -> None:
    """Shows targets against actuals, and where everyone should be on the day of --as-of.

    --out board.pdf (or png, xlsx, csv) writes the board as people see it.
    """
    from hedef.targets import queries
    from hedef.targets.queries.openness import board_scope
    from hedef.targets.queries.wide import split_ids, with_metrics

    chosen = period or run.calendar.period_of(run.as_of, "quarter").id
    if why is not None:
        trace = queries.why(
            why,
            period=chosen,
            as_of=run.as_of_us,
            field=field,
            by=by if by != "company" else None,
            plan=plan,
            known_at=run.known_no,
            viewer=run.scope,
            pace=pace,
        )
        rows = [[step.label, step.value] for step in trace.steps]
        told = run.framed("hedef.trace/1", trace.as_json())
        run.answer(told, Table(["step", "value"], rows), text=f"{trace.definition}: {len(trace.rows)} rows")
        return
    if final:
        _final_board(run, period=chosen, by=by, plan=plan, pace=pace)
        return
    seen = board_scope(run.scope)
    board = queries.scoreboard(
        period=chosen, as_of=run.as_of_us, by=by, plan=plan, known_at=run.known_no, scope=seen, pace=pace
    )
    if metrics is not None:
        board = with_metrics(board, split_ids(metrics), scope=seen)
    if out is not None:
        _write_out(run, board, out)
        return
    run.answer(board.as_json(), _board_table(board), text=_board_text(board))


def _write_out(run: Context, board: "Scoreboard", out: Path) -> None:
    """The board as a file; of a picture or PDF the table that people read, of the others the one that programs read."""
    from hedef.access.services import note_read
    from hedef.cli_output import head_of
    from hedef.exports.writing import FORMATS, written
    from hedef.targets.page.sheet import picture_sheet, sheet

    ending = out.suffix.lstrip(".").lower() or run.format
    format_ = next((one for one in FORMATS if one == ending), None)
    if format_ is None:
        raise WrongUse(f'--out: "{out.name}" has no known ending.', hint=f"Known: {', '.join(FORMATS)}.")
    told = board.as_json()
    head, title = head_of(told), f"{board.metric.name.en}, {board.asked.period.id}"
    made = (picture_sheet if format_ in {"pdf", "png"} else sheet)(board, head, title=title)
    try:
        out.write_bytes(written(made, format_))
    except (OSError, ValueError) as fault:
        raise WrongUse(f"--out: {out} cannot be written ({fault}).") from fault
    note_read(
        actor=run.actor.name,
        what=f"board {board.plan}, {board.asked.period.id}",
        format_=format_,
        rows=made.count,
        way="command",
        at_us=run.now_us,
    )
    run.answer({**told, "file": str(out)}, text=f"{out}: {made.count} rows.")


def _final_board(run: Context, **asked: Any) -> None:
    from hedef.targets.services import keep_board

    run.actor.must("approve")
    run.actor.must("read_data")
    made, board = keep_board(
        **asked, as_of_us=run.as_of_us, known_no=run.known_no, actor=run.actor.name, made_at=run.now
    )
    lines = [_board_text(board), f"Kept as publication {made.no}, {made.fingerprint}."]
    lines += [f"override {one}" for one in made.overrides]
    run.answer({**board.as_json(), "publication": made.as_json()}, _board_table(board), text="\n".join(lines))


_COLUMNS = ("target", "actual", "attainment", "expected", "pace", "gap", "needed_per_day", "band")


def _board_table(board: "Scoreboard") -> Table:
    told = board.as_json()
    depth: dict[str | None, int] = {"company": 0}
    rows = []
    for row in told["rows"]:
        depth[row["scope"]] = depth.get(row["parent"], 0) + 1
        name = row["name"] or row["scope"]
        rows.append([f"{'  ' * (depth[row['scope']] - 1)}{name}", *(row[key] for key in _COLUMNS)])
    rows.append(["company", *(told["total"][key] for key in _COLUMNS)])
    return Table(["scope", *_COLUMNS], rows)


def _board_text(board: "Scoreboard") -> str:
    told = board.as_json()
    pace = told["pace"]
    days = "" if pace["method"] == "seasonal" else " days"
    elapsed = f"{pace['elapsed']} of {pace['total']} ({pace['method']}{days})"
    lines = [f"{told['plan']}, {told['metric']}, {told['period']['id']} as of {told['as_of']}: {elapsed}"]
    lines += [f"{issue['level']}: {issue['message']}" for issue in told["issues"] if issue["level"] != "info"]
    return "\n".join(lines)


# --- letters ----------------------------------------------------------------------------------------------------------


@command(app, "acknowledge", writes=True)
def acknowledge(
    run: Context,
    plan: Annotated[str | None, typer.Option("--plan", metavar="ID", help="Without it: your open letters.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="P-17", help="Whose letter; yours without it.")
    ] = None,
    disagree: Annotated[
        str | None, typer.Option("--disagree", metavar="SENTENCE", help="Not agreed, and why; it blocks nothing.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Only show the letter, or who has answered.")] = False,
) -> None:
    """Reads a target letter and answers it: the numbers, how they were made, how they are measured, whom to ask.

    The answer is bound to the version that was published last; a new version asks again and shows the difference.
    Without a person of your own (operations): who has answered the letters of a plan.
    """
    from hedef.targets import queries
    from hedef.targets.services import acknowledge_letter

    who = _whose(run, person)
    if plan is None or who is None or show or run.dry_run:
        found = queries.letters_of(who) if plan is None and who is not None else []
        if plan is not None:
            found = queries.letters(plan, scope=run.scope, people=None if who is None else [who])
        _answer_letters(run, found)
        return
    if disagree is not None and not disagree.strip():
        raise WrongUse("--disagree: say in a sentence what is wrong.", hint='--disagree "The region is new."')
    if run.actor.user is None or run.actor.user.person != who:
        run.actor.must("plan_targets")
    answer = "acknowledged" if disagree is None else "disagreed"
    done = acknowledge_letter(
        plan=plan, person=who, digest=None, answer=answer, sentence=disagree or "", actor=run.actor.name
    )
    _answer_letters(run, [done])


def _whose(run: Context, text: str | None) -> int | None:
    from hedef.records.queries import resolve

    if text is None:
        return None if run.actor.user is None else run.actor.user.person
    found = resolve("person", text)
    if not run.scope.sees_person(found):
        raise WrongUse(f'--person: "{text}" is nobody whom you see.')
    return found


def _answer_letters(run: Context, found: Any) -> None:
    from hedef.targets.queries import letter_json

    told = [letter_json(one) for one in found]
    payload = run.framed("hedef.targets/1", {"letters": told})
    rows = [
        [one["document"], one["name"], line["period"], line["value"], line["before"], one["state"]]
        for one in told
        for line in one["lines"]
    ]
    waiting = sum(one["state"] == "open" for one in told)
    run.answer(
        payload,
        Table(["letter", "name", "period", "value", "before", "state"], rows),
        text=f"{len(told)} letters, {waiting} open.",
    )


# --- digest -----------------------------------------------------------------------------------------------------------


@command(app, "digest", writes=True)
def digest(
    run: Context,
    person: Annotated[
        str | None, typer.Option("--person", metavar="USER", help="A username or e-mail; without it everybody due.")
    ] = None,
    kind: Annotated[str, typer.Option("--kind", help="weekly or daily.")] = "weekly",
    again: Annotated[bool, typer.Option("--again", help="Send it although it was sent.")] = False,
    choose: Annotated[
        str | None, typer.Option("--choose", help="weekly, daily or none: how often from now on.")
    ] = None,
) -> None:
    """Sends the digest by mail: own goals, team, what is worth a look, notices. --dry-run shows it instead.

    Mail leaves as HEDEF_MAIL says: as files in the folder `mail` of the data folder, or over SMTP.
    """
    from hedef.access.services import get_user
    from hedef.targets.page.digest import digest_of
    from hedef.targets.services import digests

    key = digests.key_for(kind, run.as_of)
    if person is None:
        run.actor.must("manage_users")
        due = digests.due_digests(run.now)
        told = [
            (one.key, one.user, "due" if run.dry_run else digests.send_digest(user=one.user, key=one.key))
            for one in due
        ]
        _digests(run, [{"user": user, "key": name, "state": state} for name, user, state in told])
        return
    user = get_user(person)
    if run.actor.name not in {"local", user.username}:
        run.actor.must("manage_users")
    if choose is not None:
        if not run.dry_run:
            digests.choose_digest(user=user, how=choose)
        _digests(run, [{"user": user.username, "key": None, "state": choose}])
        return
    if run.dry_run:
        mail = digest_of(user, kind=kind, as_of=run.as_of_text or "")
        _digests(run, [{"user": user.username, "key": key, "state": "preview"}], subject=mail.subject, text=mail.text)
        return
    state = digests.send_digest(user=user.pk, key=key, again=again)
    _digests(run, [{"user": user.username, "key": key, "state": state}])


def _digests(run: Context, mails: list[dict[str, Any]], *, subject: str | None = None, text: str | None = None) -> None:
    body = {"mails": mails, "subject": subject, "text": text}
    rows = [[one["user"], one["key"], one["state"]] for one in mails]
    said = f"{subject}\n\n{text}" if text else f"{len(mails)} digests."
    run.answer(
        run.framed("hedef.digest/1", body), *([] if text else [Table(["user", "key", "state"], rows)]), text=said
    )
