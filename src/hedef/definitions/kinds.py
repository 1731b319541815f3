"""Kinds of document. The owning room registers each in its `AppConfig.ready`; this room knows none by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import Promise

from hedef.definitions.showing import Block, Proof, Section, Viewer
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

    For the pages: `title` names the kind. `form(body)` gives the fields of a form beside the text. `preview(version,
    viewer)` is what a person should see while writing; it runs with the draft in the place of what is in force.
    `prove(version)` runs the cases of a document; one that fails keeps it from being simulated. `uses(document)` names
    the documents it rests on (`metric:won_value`). `told(result, viewer)` shows what `simulate` answered. `page(id)` is
    the address where its numbers are seen. `begin(body)` makes the body of a next version from the one before, `blank`
    the text of a new document. `approve_right` is the right of the second person. `tell(issue)` says an issue in the
    language of who reads.
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
    title: str | Promise = ""
    form: Callable[[Mapping[str, Any]], Sequence[Section]] | None = None
    preview: Callable[[Any, Viewer], Sequence[Block]] | None = None
    prove: Callable[[Any], Sequence[Proof]] | None = None
    uses: Callable[[Any], Iterable[str]] | None = None
    told: Callable[[Mapping[str, Any], Viewer], Sequence[Block]] | None = None
    page: Callable[[str], str] | None = None
    begin: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    blank: Callable[[], str] | None = None
    approve_right: str = "approve"
    tell: Callable[[Issue], str | None] | None = None

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
