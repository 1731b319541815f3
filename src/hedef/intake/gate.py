"""What answers from the facts carry: the trust of the objects they rest on. Loaded at start, so it imports late."""

from typing import Any

from hedef.kernel.trust import Slice, Trust


def trust_of_facts(
    objects: tuple[str, ...], part: Slice, known_no: int | None, asked_us: int | None, memory: dict[Any, Any]
) -> Trust:
    """The trust of some objects of all sources (`facts.attach.Gate`)."""
    from hedef.intake.trust.asking import Known, trust_of

    known = memory.get("gate") or memory.setdefault("gate", Known(known_no))
    return trust_of(objects=objects, slice=part, known_no=known_no, asked_us=asked_us, known=known)
