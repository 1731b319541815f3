"""A publication told again from the ledger: the room that made its kind computes it anew, byte for byte."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hedef.facts.queries import pin
from hedef.kernel.errors import Refused
from hedef.kernel.issue import Issue
from hedef.publications.engine import canonical, digest
from hedef.publications.queries import Published, code_version, head_digest, publication

type Teller = Callable[[Published], dict[str, Any]]
"""`teller(published)`: its body computed anew, at its instant and as known at its seal."""

_tellers: dict[str, Teller] = {}


def register_teller(kind: str, teller: Teller) -> None:
    """Who computes publications of a kind anew (from an AppConfig.ready)."""
    _tellers[kind] = teller


@dataclass(frozen=True)
class Replay:
    """A publication and what it would be today. `equal` to the byte; `places` are keys whose values differ."""

    published: Published
    equal: bool
    digest: str
    head_equal: bool
    places: tuple[str, ...]
    code_version: str

    @property
    def issues(self) -> list[Issue]:
        found = []
        if not self.head_equal:
            found.append(Issue("past_rewritten", "error", "The ledger no longer ends as it did when this was made."))
        if not self.equal:
            said = ", ".join(self.places[:5]) or "its text"
            found.append(Issue("replay_differs", "error", f"Told again it differs in {said}."))
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            **self.published.as_json(),
            "equal": self.equal,
            "head_equal": self.head_equal,
            "replayed_digest": self.digest,
            "differs_in": list(self.places),
            "code_version": self.code_version,
            "made_with": self.published.basis["code_version"],
        }


def replay(no: int) -> Replay:
    """Compute a publication anew and compare it. NotFound; Refused for a kind that nobody can tell again."""
    found = publication(no)
    teller = _tellers.get(found.kind)
    if teller is None:
        known = ", ".join(sorted(_tellers)) or "none"
        raise Refused(f"Publications of the kind {found.kind} cannot be told again.", hint=f"These can: {known}.")
    body = teller(found)
    text = canonical(body)
    head = head_digest(pin(known_no=found.known_no))
    return Replay(
        published=found,
        equal=text == canonical(found.body),
        digest=digest(text),
        head_equal=head == found.head_digest,
        places=tuple(differences(found.body, body)),
        code_version=code_version(),
    )


def differences(before: Any, after: Any, place: str = "") -> list[str]:
    """Paths whose values differ, in the order of the first."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = dict.fromkeys((*before, *after))
        return [path for key in keys for path in differences(before.get(key), after.get(key), _join(place, str(key)))]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [path for at, (one, other) in pairs for path in differences(one, other, f"{place}[{at}]")]
    return [] if before == after else [place or "."]


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
