"""Who may look at and change records on the pages."""

from hedef.call import Call
from hedef.kernel.errors import Forbidden, NotFound
from hedef.kernel.ids import parse, spell
from hedef.records import queries


def may_edit(call: Call) -> bool:
    """Whether the caller changes records: operations do."""
    return call.actor.can("edit_record")


def must_edit(call: Call) -> None:
    """Forbidden, as a sentence, for who may only look."""
    if not may_edit(call):
        raise Forbidden("You can see this record, but not change it.", hint="Ask sales operations.")


def visible(kind: str, text: str, call: Call) -> int:
    """The number behind `P-17` in an address; NotFound where the record is not there or not in scope (which must look
    the same)."""
    try:
        of, entity = parse(text)
    except ValueError:
        of, entity = None, 0
    if spell(kind, entity) != text or of not in (None, kind) or entity not in queries.seen(kind, [entity], call.scope):
        raise NotFound(f"There is no {kind} {text[:40]}.")
    return entity
