"""How answers get their trust: the room that keeps the gate registers what it knows; facts never import it."""

from collections.abc import Callable
from typing import Any

from hedef.kernel.trust import UNKNOWN, Slice, Trust

type Gate = Callable[[tuple[str, ...], Slice, int | None, int | None, dict[Any, Any]], Trust]
"""`gate(objects, part, known_no, asked_us, memory)`: the worst level of what is read, as known at a seal (none: the
newest), asked about a moment (none: now). `memory` lives as long as the pin: what was read once is kept there."""

_gates: list[Gate] = []


def register_trust(gate: Gate) -> None:
    """The gate of this home (from its AppConfig.ready); registering again replaces it."""
    _gates[:] = [gate]


def attached(
    objects: tuple[str, ...], part: Slice, known_no: int | None, asked_us: int | None, memory: dict[Any, Any]
) -> Trust:
    """What the gate says; `unknown` where no room keeps one."""
    return _gates[0](objects, part, known_no, asked_us, memory) if _gates else UNKNOWN
