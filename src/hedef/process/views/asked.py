"""What a visitor asks of the board: process, people, search, stage and what to look at, read from the address."""

from dataclasses import dataclass

from django.http import HttpRequest

from hedef.call import Call
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import parse, spell
from hedef.process.queries.board import NO_PROCESS, Board, Wanted, narrowed
from hedef.process.queries.board import board as read_board
from hedef.records import queries as records

ALL = "all"
OUTSIDE = "-"  # deals in no process


@dataclass(frozen=True)
class Filters:
    """What was asked, and what may be asked: options are (value, label)."""

    wanted: Wanted
    process: str | None
    values: dict[str, str]
    teams: list[tuple[str, str]]
    active: bool


def read_asked(request: HttpRequest, call: Call) -> tuple[Filters, Board, Board]:
    """The filters, the board of the process, and what of it is wanted."""
    values = {name: request.GET.get(name, "").strip() for name in ("process", "team", "owner", "q", "stage", "look")}
    values = {name: "" if value == ALL else value for name, value in values.items()}
    process = values["process"] or None
    whole = read_board(
        as_of=call.as_of,
        as_of_us=call.as_of_us,
        scope=call.scope,
        process=NO_PROCESS if process == OUTSIDE else process,
        known_at=call.known_no,
        wait=False,
    )
    if process not in (None, OUTSIDE) and process not in whole.processes:
        raise NotFound(f'There is no process "{process}".', hint="Choose one above the board.")
    if values["stage"] and whole.document is not None and whole.document.stage(values["stage"]) is None:
        raise NotFound(f'{whole.document.id} has no stage "{values["stage"]}".')
    teams, owners = _people(call, values)
    wanted = Wanted(owners=owners, search=values["q"], stage=values["stage"] or None, look=values["look"] or None)
    if wanted.look not in {None, "older", "twice", "past", "undated"}:
        raise WrongUse(f'"{wanted.look}" is nothing to look at.', hint="older, twice, past or undated.")
    active = any(values[name] for name in ("team", "owner", "q", "stage", "look"))
    return Filters(wanted, process, values, teams, active), whole, narrowed(whole, wanted)


def _people(call: Call, values: dict[str, str]) -> tuple[list[tuple[str, str]], frozenset[int] | None]:
    """Teams to choose from, and whose deals are wanted (none: everybody's)."""
    tree = records.team_tree(call.as_of)
    seen = [team for team in tree.teams_in_order() if call.scope.everything or team in call.scope.teams]
    names = records.names(seen, kind="team")
    wanted: frozenset[int] | None = None
    if values["team"]:
        team = _number("team", values["team"])
        if team not in seen:
            raise NotFound(f"There is no team {values['team']}.", hint="It may belong to somebody else.")
        wanted = frozenset(tree.members(team, deep=True))
    if values["owner"]:
        owner = _number("person", values["owner"])
        if not call.scope.sees_person(owner):
            raise NotFound(f"There is no person {values['owner']}.", hint="They may belong to another team.")
        wanted = frozenset({owner}) if wanted is None else wanted & {owner}
    return [(spell("team", team), names[team]) for team in seen], wanted


def _number(kind: str, text: str) -> int:
    try:
        of, number = parse(text)
    except ValueError as fault:
        raise WrongUse(str(fault), hint=f"Write an id such as {spell(kind, 17)}.") from fault
    if of != kind:
        raise WrongUse(f'"{text}" is no {kind}.', hint=f"Write an id such as {spell(kind, 17)}.")
    return number
