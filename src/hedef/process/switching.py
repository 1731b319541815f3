"""Writing a deal into another process by a map of stages (S10), and choosing the process of a new deal."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hedef.facts.queries import calendar
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import parse, spell
from hedef.ledger.services import writing
from hedef.process.engine.switching import fields_of_switch, is_chosen, matching
from hedef.process.queries import in_force, process_in_force
from hedef.records import queries as records
from hedef.records.services import change

type Number = tuple[int, int]


def switch_process(
    *,
    deals: Sequence[int],
    process: str,
    into: Mapping[str, str],
    actor: str,
    at_us: int,
    based_on: Number | None = None,
    reason: str = "",
    dry_run: bool = False,
) -> int:
    """Let deals go on in another process, all of them or none; answers their number. `dry_run` only looks.

    `into` maps the stage in which each stands to one of the new process; what stands in no stage is mapped from `-`.
    Visits end with `left_to = moved`: conversion counts such deals as neither won nor lost. `based_on` as of
    `move_deal`, for one deal. NotFound, WrongUse, Refused.
    """
    if not deals:
        raise WrongUse("No deal was named.", hint="Name them by id, such as D-10482.")
    document = process_in_force(process, day=calendar().day_of(at_us)).document
    rows = {row["entity"]: row for row in records.rows("deal", entities=list(deals))}
    gone = [spell("deal", one) for one in deals if one not in rows]
    if gone:
        raise NotFound(f"There is no deal {', '.join(gone)}.")
    told = {deal: fields_of_switch(document, row, into) for deal, row in rows.items()}
    if dry_run:
        return len(told)
    with writing(kind="edit", actor=actor, reason=reason, object="deal") as batch:
        for deal, fields in told.items():
            moment = max(at_us, rows[deal]["last_effective_us"])
            change(
                kind="deal",
                entity=deal,
                fields=fields,
                effective_us=moment,
                actor=actor,
                based_on=based_on,
                batch=batch,
            )
    return len(told)


def chosen_process(fields: Mapping[str, Any], *, day: date) -> str:
    """The one process that is to take a new deal with these fields. Refused where none or several would."""
    documents = in_force(day)
    found = matching(documents, fields)
    if len(found) == 1:
        return found[0]
    if not found:
        hint = "Change chosen_when of a process, or the fields of the deal that it asks for."
        raise Refused("No process takes a deal with these fields.", hint=hint)
    raise Refused(f"Several processes take a deal with these fields: {', '.join(found)}.", hint="Name one of them.")


def must_fit(process: str, fields: Mapping[str, Any], *, day: date) -> None:
    """Refused where conditions give a new deal to another process than the named one."""
    documents = in_force(day)
    if not is_chosen(documents):
        return
    found = matching(documents, fields)
    if process not in found:
        where = f"it belongs to {', '.join(found)}" if found else "no process takes it"
        hint = "Choose the process that fits, or change the fields that it asks for."
        raise Refused(f"This deal does not belong to {process} by chosen_when: {where}.", hint=hint)


def read_map(pairs: Sequence[str]) -> dict[str, str]:
    """`old=new` pairs as a map. WrongUse for anything else, and for an old stage named twice."""
    found: dict[str, str] = {}
    for pair in pairs:
        old, sign, new = (part.strip() for part in pair.partition("="))
        if not (old and sign and new):
            raise WrongUse(f'"{pair}" is no pair of stages.', hint="Write old=new, such as call=meeting.")
        if old in found:
            raise WrongUse(f"{old} is mapped twice.", hint="Name each old stage once.")
        found[old] = new
    return found


def read_deals(texts: Sequence[str]) -> list[int]:
    """Numbers of deals written as D-10482, each once. WrongUse for anything else."""
    return list(dict.fromkeys(_number(text) for text in texts))


def _number(text: str) -> int:
    try:
        kind, number = parse(text)
    except ValueError as fault:
        raise WrongUse(str(fault), hint="Write the deal as D-10482.") from fault
    if kind != "deal":
        raise WrongUse(f"{text} is no deal.", hint="Write the deal as D-10482.")
    return number
