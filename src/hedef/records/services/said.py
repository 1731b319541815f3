"""What people said to documents, and what was said to people: acknowledgements and notices, one kind each.

Both are records like any other: each is a change in the ledger, can be taken back, and loses its words when the person
is erased. Who may say what is the business of the room that owns the document.
"""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext

from hedef.kernel.errors import WrongUse
from hedef.kernel.instants import to_us
from hedef.ledger.services import LedgerBatch, writing
from hedef.records.models import Acknowledgement, Notice
from hedef.records.services.edits import change, create
from hedef.settings import now

ANSWERS = ("acknowledged", "disagreed")
LEVELS = ("info", "warning", "error")


def acknowledge_document(
    *,
    person: int,
    document: str,
    digest: str,
    answer: str,
    sentence: str = "",
    actor: str,
    at_us: int | None = None,
    batch: LedgerBatch | None = None,
) -> int:
    """`person` answers one version of a document (`target-plan:sales-2017@2`), bound to the digest that was read.

    `answer`: acknowledged, or disagreed with a sentence. Answers the entity. The same answer again writes nothing; a
    changed mind changes the record, and its history keeps the former answer. WrongUse for another word and for a
    disagreement without a sentence.
    """
    if answer not in ANSWERS:
        raise WrongUse(f'"{answer}" is no answer to a document.', hint=f"Answers: {', '.join(ANSWERS)}.")
    words = " ".join(sentence.split())
    if answer == "disagreed" and not words:
        raise WrongUse("A disagreement needs a sentence.", hint="Say what is wrong, so that somebody can act on it.")
    at = to_us(now()) if at_us is None else at_us
    told = {"answer": answer, "sentence": words or None}
    with _batch(batch, "acknowledgement", actor) as one:
        found = Acknowledgement.objects.filter(person=person, document=document, digest=digest, ended_us=None).first()
        if found is not None:
            change(
                kind="acknowledgement",
                entity=found.entity,
                fields=told,
                effective_us=max(at, found.last_effective_us),
                actor=actor,
                batch=one,
            )
            return int(found.entity)
        fields = {"created_us": at, "person": person, "document": document, "digest": digest, **told}
        return create(kind="acknowledgement", fields=fields, effective_us=at, actor=actor, batch=one)


def notify(
    *,
    room: str,
    code: str,
    scope: str,
    person: int,
    text: Mapping[str, str],
    level: str = "warning",
    period: str | None = None,
    object: str | None = None,  # noqa: A002 - the word of issues
    value: str | None = None,
    actor: str,
    at_us: int | None = None,
    batch: LedgerBatch | None = None,
) -> int:
    """Tell `person` something about a scope (`team:T-2`); answers the entity of the notice.

    `text` has the languages en and tr. `object` names what it is about (a document, a deal), `value` the state that
    was crossed, for the room that asks again later. The same unread notice (room, code, scope, period, object, value)
    is not told twice: the standing one is answered. WrongUse for another level or a missing language.
    """
    if level not in LEVELS or not text.get("en") or not text.get("tr"):
        raise WrongUse("A notice has a level (info, warning, error) and a text in en and tr.")
    key = {"room": room, "code": code, "scope": scope, "person": person, "period": period}
    key |= {"object": object, "value": value}
    standing = Notice.objects.filter(**key, state="unread", ended_us=None).order_by("entity").first()
    if standing is not None:
        return int(standing.entity)
    at = to_us(now()) if at_us is None else at_us
    words = {"text_en": text["en"], "text_tr": text["tr"]}
    fields = {"created_us": at, **key, **words, "level": level, "state": "unread"}
    with _batch(batch, "notice", actor) as one:
        return create(kind="notice", fields=fields, effective_us=at, actor=actor, batch=one)


def mark_read(*, entities: Collection[int], actor: str, at_us: int | None = None) -> int:
    """These notices were read; answers how many were unread. One batch for all of them."""
    unread = list(Notice.objects.filter(entity__in=entities, state="unread", ended_us=None).order_by("entity"))
    if not unread:
        return 0
    at = to_us(now()) if at_us is None else at_us
    with writing(kind="edit", actor=actor, object="notice") as batch:
        for row in unread:
            change(
                kind="notice",
                entity=row.entity,
                fields={"state": "read"},
                effective_us=max(at, row.last_effective_us),
                actor=actor,
                batch=batch,
            )
    return len(unread)


def _batch(given: LedgerBatch | None, kind: str, actor: str) -> AbstractContextManager[LedgerBatch]:
    return nullcontext(given) if given else writing(kind="edit", actor=actor, object=kind)
