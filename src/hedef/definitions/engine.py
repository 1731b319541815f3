"""Pure rules of dated documents: which version is in force, how a version may move on, what two versions differ in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

type State = Literal["draft", "simulated", "approved", "effective", "retired"]

NEXT_STATES: Mapping[State, frozenset[State]] = {
    "draft": frozenset({"simulated", "approved", "retired"}),
    "simulated": frozenset({"simulated", "approved", "retired"}),
    "approved": frozenset({"effective", "retired"}),
    "effective": frozenset({"retired"}),
    "retired": frozenset(),
}
UNAPPROVED: frozenset[State] = frozenset({"draft", "simulated"})


class Dated(Protocol):
    """What the rules read of a version. `approver` is empty until somebody approved it."""

    @property
    def version(self) -> int: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...
    @property
    def approver(self) -> str: ...


def choose[V: Dated](versions: Iterable[V], day: date) -> V | None:
    """The version in force on `day`: the approved one that began last; none before the first and after the end.

    Of two that begin on the same day the later version counts. A version withdrawn before it began never counts.
    """
    begun = [
        one
        for one in versions
        if one.approver and _start(one) <= day and not (one.until is not None and one.until <= _start(one))
    ]
    newest = max(begun, key=lambda one: (_start(one), one.version), default=None)
    return None if newest is None or (newest.until is not None and newest.until <= day) else newest


def starts_too_early[V: Dated](versions: Iterable[V], version: int, effective_from: date | None) -> V | None:
    """The approved earlier version that begins after `effective_from`; none when the dates do not go back."""
    later = [
        one for one in versions if one.approver and one.version < version and _start(one) > (effective_from or date.min)
    ]
    return max(later, key=_start, default=None)


def _start(version: Dated) -> date:
    return version.effective_from or date.min


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two bodies differ; none as value of `before` or `after` means it is not there."""

    path: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


def differences(before: Any, after: Any, path: str = "") -> list[Difference]:
    """Every place in which two JSON values differ, in the order of `before`, then of what is new in `after`.

    Lists whose items have an `id` are compared item by id (`stages[needs].order`), other lists place by place.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _of_parts(before, after, lambda key: f"{path}.{key}" if path else str(key))
    if _is_list(before) and _is_list(after):
        return _of_parts(_by_id(before, after)[0], _by_id(before, after)[1], lambda key: f"{path}[{key}]")
    same = before == after and type(before) is type(after)
    return [] if same else [Difference(path, before, after)]


def _of_parts(before: Mapping[Any, Any], after: Mapping[Any, Any], spell: Any) -> list[Difference]:
    found: list[Difference] = []
    for key in [*before, *(key for key in after if key not in before)]:
        if key not in after:
            found.append(Difference(spell(key), before[key], None))
        elif key not in before:
            found.append(Difference(spell(key), None, after[key]))
        else:
            found += differences(before[key], after[key], spell(key))
    return found


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _by_id(*lists: Sequence[Any]) -> list[dict[Any, Any]]:
    """Both lists as mappings: by `id` where every item of both has its own one, else by place."""
    named = all(
        isinstance(item, Mapping) and isinstance(item.get("id"), str | int) for items in lists for item in items
    ) and all(len({item["id"] for item in items}) == len(items) for items in lists)
    return [{item["id"] if named else place: item for place, item in enumerate(items)} for items in lists]
