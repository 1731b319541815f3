"""Acknowledgements of documents and notices to people, as they stand now."""

from collections.abc import Collection
from dataclasses import dataclass

from hedef.kernel.scope import EVERYTHING, Scope
from hedef.records.models import Acknowledgement, Notice
from hedef.records.queries.state import in_scope


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a person answered to one version of a document; `digest` is that of the version that was read."""

    entity: int
    person: int
    document: str
    digest: str
    answer: str  # acknowledged, disagreed
    sentence: str | None
    at_us: int  # of the newest answer


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice: which room told whom what, about which scope and period. `value` is the state that was crossed."""

    entity: int
    room: str
    code: str
    scope: str
    person: int
    text_en: str | None
    text_tr: str | None
    level: str
    period: str | None
    object: str | None
    value: str | None
    state: str  # unread, read
    at_us: int

    def text(self, language: str) -> str:
        """Its words in a language; empty where they were erased."""
        return (self.text_tr if language == "tr" else self.text_en) or ""


def acknowledgements(
    *,
    document: str | None = None,
    documents: Collection[str] | None = None,
    person: int | None = None,
    scope: Scope = EVERYTHING,
) -> list[Acknowledged]:
    """Answers of the people in scope, oldest first: to one document version, to some, of one person, or all."""
    found = Acknowledgement.objects.filter(in_scope("acknowledgement", scope), ended_us=None).order_by("entity")
    if document is not None:
        found = found.filter(document=document)
    if documents is not None:
        found = found.filter(document__in=list(documents))
    if person is not None:
        found = found.filter(person=person)
    names = ("entity", "person", "document", "digest", "answer", "sentence", "last_effective_us")
    return [Acknowledged(*row) for row in found.values_list(*names)]


def notices(
    *,
    person: int | None = None,
    room: str | None = None,
    code: str | None = None,
    about: str | None = None,
    period: str | None = None,
    unread: bool = False,
    scope: Scope = EVERYTHING,
    limit: int | None = None,
) -> list[Noticed]:
    """Notices to the people in scope, newest first. `about` is the scope that they speak of (`team:T-2`)."""
    asked = {"person": person, "room": room, "code": code, "scope": about, "period": period}
    found = Notice.objects.filter(in_scope("notice", scope), ended_us=None)
    found = found.filter(**{name: value for name, value in asked.items() if value is not None})
    if unread:
        found = found.filter(state="unread")
    names = ("entity", "room", "code", "scope", "person", "text_en", "text_tr", "level", "period", "object", "value")
    rows = found.order_by("-created_us", "-entity").values_list(*names, "state", "created_us")
    return [Noticed(*row) for row in (rows if limit is None else rows[:limit])]
