"""Kinds of document. The owning room registers each in its `AppConfig.ready`; this room knows none by itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hedef.kernel.definition import Document
from hedef.kernel.errors import NotFound
from hedef.kernel.issue import Issue
from hedef.kernel.yaml_source import Locate

# what moves money, targets or leads needs a second person (contracts section 3)
SECOND_PERSON = frozenset(
    {"process", "metric", "target-plan", "contest", "budget", "pay-plan", "routing", "trust-rules", "calendar"}
)

type Check = Callable[[Any, Locate, str | None], list[Issue]]
"""`check(document, locate, file)`: what the model cannot know. Issues of level error keep the version out."""


@dataclass(frozen=True)
class DocumentKind:
    """A kind and what its room lends: model, checks, plain words, what shipping versions bring and what a trial says.

    `check` runs when a version is added and again before it is approved. `words` is the version in plain words
    (`{"en": ..., "tr": ...}`), kept when it is approved. `shipped` is a folder of YAML files that follow the code:
    a changed file becomes the next version. `first` gives documents that are made once in a new home.
    `simulate(version)` answers with what the version would change, as JSON. `took_effect(version, actor)` is what the
    room does when a version becomes effective, in the same transaction.
    """

    name: str
    model: type[Document]
    needs_second: bool = False
    check: Check | None = None
    words: Callable[[Any], Mapping[str, str]] | None = None
    shipped: Path | None = None
    first: Callable[[], Iterable[Mapping[str, Any]]] | None = None
    simulate: Callable[[Any], Mapping[str, Any]] | None = None
    took_effect: Callable[[Any, str], object] | None = None

    @property
    def second_person(self) -> bool:
        return self.needs_second or self.name in SECOND_PERSON


_kinds: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> None:
    """Make a kind known; registering its name again replaces it."""
    _kinds[kind.name] = kind


def all_kinds() -> dict[str, DocumentKind]:
    """Every registered kind by name, in the order of registration."""
    return dict(_kinds)


def kind_named(name: str) -> DocumentKind:
    """NotFound with the known names for a kind that no room registered."""
    if name not in _kinds:
        raise NotFound(f'"{name}" is no kind of document.', hint=f"Known: {', '.join(sorted(_kinds)) or 'none'}.")
    return _kinds[name]
