"""What a face tells the improvement log: texts become fields, and one call writes what is meant."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hedef.call import Call
from hedef.kernel.errors import WrongUse
from hedef.kernel.ids import parse
from hedef.process.improving import change_improvement, decide, log_idea
from hedef.process.queries.improving import improvement
from hedef.records import queries as records


def write_log(
    call: Call, process: str, *, idea: str | None, entry: str | None, told: Mapping[str, Any], decision: str | None
) -> int | None:
    """A new idea, more of an entry, or its decision; answers the entry (none: nothing was said).

    Forbidden without the right to write definitions; WrongUse, NotFound and Refused of the verbs.
    """
    fields = _fields(told)
    if idea is None and entry is None:
        if fields or decision:
            raise WrongUse("Say which entry goes on, or begin one.", hint="Give entry, or idea.")
        return None
    call.actor.must("write_definition")
    at: dict[str, Any] = {"actor": call.actor.name, "at_us": call.now_us}
    if entry is None:
        return log_idea(process=process, idea=idea or "", fields=fields, **at)
    found = improvement(_number(entry))
    if found.process != process:
        raise WrongUse(f"{entry} belongs to {found.process}.")
    if idea is not None:
        fields["idea"] = idea
    if fields:
        change_improvement(entity=found.entity, fields=fields, **at)
    if decision:
        today = call.calendar.day_of(call.now_us)
        decide(entity=found.entity, decision=decision, as_of=today, **at)
    return found.entity


def _fields(told: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in told.items() if value not in (None, "")}
    if "owner" in found:
        found["owner"] = records.resolve("person", str(found["owner"]))
    if "version" in found and not str(found["version"]).isdigit():
        raise WrongUse(f'"{found["version"]}" is no version number.')
    if "version" in found:
        found["version"] = int(found["version"])
    if "review_on" in found:
        try:
            found["review_on"] = date.fromisoformat(str(found["review_on"]))
        except ValueError as fault:
            raise WrongUse(f'"{found["review_on"]}" is no day.', hint="Write it as 2026-11-17.") from fault
    return found


def _number(text: str) -> int:
    try:
        _kind, number = parse(text)
    except ValueError as fault:
        raise WrongUse(str(fault), hint="Write the entry as E-412.") from fault
    return number
