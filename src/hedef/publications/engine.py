"""The fingerprint of a result: one digest over everything that it was computed from."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Basis:
    """What a result rests on. `definitions`: hash of each document by `kind:id@version`. The rest: the ledger (seal
    number known, digest of its head), the facts (digest of their manifest), the newest seal of currency rates, the
    instant asked for (microseconds UTC) and the version of Hedef. `overrides`: blocked checks that two people let pass,
    one line each; where there are none they are no part of the fingerprint."""

    definitions: tuple[tuple[str, str], ...]
    known_no: int
    head_digest: str
    manifest: str
    rates: int
    as_of_us: int | None
    code_version: str
    overrides: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The parts of the fingerprint. Without overrides the key is absent, as it always was."""
        told = asdict(self)
        return told if self.overrides else {name: value for name, value in told.items() if name != "overrides"}


def canonical(value: Any) -> str:
    """Sorted JSON without spaces: equal values give equal text. TypeError for a float, which has no exact spelling."""
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f'{value} is a float; write it as a decimal string ("{value}")')
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def digest(text: str) -> str:
    return "sha256:" + sha256(text.encode()).hexdigest()


def basis_of(definitions: Mapping[str, str] | Iterable[tuple[str, str]], **parts: Any) -> Basis:
    """A basis with its definitions in order, whatever the order they came in."""
    pairs = definitions.items() if isinstance(definitions, Mapping) else definitions
    return Basis(tuple(sorted(set(pairs))), **parts)


def fingerprint_of(basis: Basis) -> str:
    """`sha256:...`; equal for equal bases, whatever the machine."""
    return digest(canonical(basis.as_json()))
