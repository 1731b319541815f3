"""Erase the words of a person, contact or lead: ledger, record, search keys, spellings, kept files. Numbers stay.

Who was erased is also written to a list in the data folder, beside the database: after a backup was restored the list
is applied again.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from hedef.kernel.errors import NotFound, Refused
from hedef.kernel.ids import spell
from hedef.ledger.acts import ERASABLE, Erased
from hedef.ledger.browsing import block_digest_at
from hedef.ledger.erasing import Place, blank_words, blocks_with, erasures
from hedef.ledger.queries import history
from hedef.ledger.services import LedgerBatch, open_batch, seal_batch
from hedef.records.engine.kinds import KINDS
from hedef.records.erased_keys import veil_keys
from hedef.records.models import MODELS, NAMED, Alias, MovedKey
from hedef.records.queries.merged import survivors
from hedef.records.queries.state import kind_of
from hedef.records.services.reasons import given_reason

LIST = "erased.jsonl"

type Eraser = Callable[[Collection[int]], int]
_erasers: list[Eraser] = []


def register_eraser(eraser: Eraser) -> None:
    """A higher room removes the files that it keeps of these batches (uploads, rejects); answers how many."""
    if eraser not in _erasers:
        _erasers.append(eraser)


type WordEraser = Callable[[Collection[int]], int]
_word_erasers: list[WordEraser] = []


def register_word_eraser(eraser: WordEraser) -> None:
    """A higher room blanks the words that it keeps beside these records, in the same transaction; answers how many."""
    if eraser not in _word_erasers:
        _word_erasers.append(eraser)


type TextEraser = Callable[[Collection[str]], int]
_text_erasers: list[TextEraser] = []


def register_text_eraser(eraser: TextEraser) -> None:
    """A higher room blanks its texts that hold one of these words (names, addresses), in the same transaction."""
    if eraser not in _text_erasers:
        _text_erasers.append(eraser)


def erase(entity: int, *, actor: str, reason: str, dry_run: bool = False) -> Erased:
    """Blank the words of a person, contact or lead, of everything merged with it, and of the activities about it.

    One sealed batch of kind `erase` lists the blocks; with nothing left to blank there is none. NotFound for an
    unknown record, Refused for other kinds: their words are not a person's.
    """
    kind = kind_of(entity)
    if kind is None:
        raise NotFound(f"There is no record {entity}.", hint="Write its id as C-12 or P-17.")
    if kind not in ERASABLE:
        raise Refused(f"{spell(kind, entity)} is no person: only {', '.join(ERASABLE)} are erased.")
    why = given_reason(reason) if not dry_run else ""
    told = erase_words(kind, [entity], actor=actor, reason=why, dry_run=dry_run)
    if not dry_run:
        _keep_in_list(entity, kind, actor=actor, reason=why)
    return told


def erase_again(*, actor: str) -> list[Erased]:
    """Erase once more everybody who is in the list or was erased by a sealed batch, as after a restored backup.

    A record that is not the one it was (numbers are given anew after a backup is restored) is left alone. Answers what
    was blanked; nothing where all of it is gone already.
    """
    for one in erasures():
        if one.asked and kind_of(one.entity) is not None:
            _keep_in_list(one.entity, one.kind, actor=actor, reason="")
    told = []
    for line in listed():
        if _is_the_same(line):
            done = erase_words(line.kind, [line.entity], actor=actor, reason=line.reason or "erased before")
            told += [done] if done.changes or done.files or done.spellings else []
    return told


def erase_words(
    kind: str, roots: Sequence[int], *, actor: str, reason: str, dry_run: bool = False, asked: bool = True
) -> Erased:
    """Blank the words of records of one kind in one batch; the answer names the first of them.

    `asked`: by the person, so that their words are not taken again; otherwise they were kept for their time.
    """
    entity, wanted = roots[0], _family(kind, roots)
    every = sorted({one for entities in wanted.values() for one in entities})
    places, looked = blocks_with(wanted)
    with transaction.atomic():
        places += blocks_with(wanted, beside=looked)[0]  # written while we looked
        words = _spoken(wanted)
        digests, changes = blank_words(places, every)
        spellings = _blank_records(wanted)
        for eraser in _word_erasers:
            eraser(every)
        for text_eraser in _text_erasers:
            text_eraser(words)
        batch = _sealed(kind, entity, every, digests, asked, actor=actor, reason=reason) if digests else None
        if dry_run:
            transaction.set_rollback(True)
    files = 0 if dry_run else sum(eraser({number for number, _ in places}) for eraser in _erasers)
    number, seal_no = (None, None) if dry_run or batch is None else (batch.pk, batch.seal_no)
    return Erased(entity, kind, number, seal_no, tuple(every), changes, len(digests), spellings, files)


def _family(kind: str, roots: Sequence[int]) -> dict[str, set[int]]:
    """All whose words are erased, by kind: the records, what they were merged with, the activities about them."""
    into = survivors()
    wanted = {into.get(one, one) for one in roots}
    family = {*roots, *wanted, *(loser for loser, root in into.items() if root in wanted)}
    found = {kind: family}
    for about in _SAID if kind == "person" else ("activity",):  # what a seller did is about others
        names = [one.name for one in KINDS[about].fields if one.refers == kind]
        told = {one for name in names for one in _about(about, name, sorted(family))}
        if told or about == "activity":
            found[about] = told
    return found


_SAID = ("acknowledgement", "notice")  # what a person said to documents, and was told


def _about(kind: str, name: str, entities: Sequence[int]) -> Iterator[int]:
    for start in range(0, len(entities), 500):
        rows = MODELS[kind].objects.filter(**{f"{name}__in": entities[start : start + 500]})
        yield from rows.values_list("entity", flat=True)


def _blank_records(wanted: dict[str, set[int]]) -> int:
    """Words and search keys of the records, spellings, and keys that are words; answers how many of these."""
    gone = sum(
        veil_keys({*entities, *_ranges_of(kind, entities)}, _words(kind, entities))
        for kind, entities in wanted.items()
        if kind in ERASABLE
    )
    for kind, entities in wanted.items():
        empty: dict[str, None] = dict.fromkeys(KINDS[kind].words)
        if kind in NAMED:
            empty["name_key"] = None
        every = sorted(entities)
        for start in range(0, len(every), 500):
            some = every[start : start + 500]
            MODELS[kind].objects.filter(entity__in=some).update(**empty)
            if kind not in ERASABLE:
                continue
            gone += Alias.objects.filter(entity__in=some).delete()[0]
            gone += MovedKey.objects.filter(object__startswith="alias/", loser__in=some).delete()[0]
    return gone


_TELLING = frozenset(("name", "first_name", "last_name", "handle", "email", "phone", "mobile"))


def _words(kind: str, entities: set[int]) -> set[str]:
    """The words that tell the records from others, as they hold them now."""
    names, every, found = sorted(_TELLING & KINDS[kind].words), sorted(entities), set[str]()
    for start in range(0, len(every), 500):
        for row in MODELS[kind].objects.filter(entity__in=every[start : start + 500]).values_list(*names):
            found.update(value for value in row if isinstance(value, str) and value)
    return found


def _spoken(wanted: dict[str, set[int]]) -> set[str]:
    """Words that the records hold or held, and the spellings that mean them."""
    people = {kind: entities for kind, entities in wanted.items() if kind in ERASABLE}
    found = {word for kind, entities in people.items() for word in _words(kind, entities)}
    for entities in people.values():
        every = sorted(entities)
        for start in range(0, len(every), 500):
            found.update(Alias.objects.filter(entity__in=every[start : start + 500]).values_list("text_key", flat=True))
        for one in every[:_WITH_HISTORY]:
            told = (change.fields.get(name) for change in history(one) for name in _TELLING)
            found.update(str(word) for word in told if word)
    return found


_WITH_HISTORY = 50  # of more records (their time is over) only what they hold now


def _ranges_of(kind: str, entities: set[int]) -> set[int]:
    """Memberships, lines and other ranges that name one of the records: a source may call them by name."""
    every, found = sorted(entities), set[int]()
    for of in KINDS.values():
        names = [one.name for one in of.fields if one.refers == kind] if of.range else []
        for start in range(0, len(every) if names else 0, 500):
            here = Q()
            for name in names:
                here |= Q(**{f"{name}__in": every[start : start + 500]})
            found.update(MODELS[of.name].objects.filter(here).values_list("entity", flat=True))
    return found


def _sealed(
    kind: str, entity: int, every: Collection[int], digests: dict[Place, str], asked: bool, *, actor: str, reason: str
) -> LedgerBatch:
    batch = open_batch(kind="erase", actor=actor, reason=reason, object=kind)
    blocks = [{"batch": number, "seq": seq, "words": words} for (number, seq), words in sorted(digests.items())]
    seal_batch(batch, {"entity": entity, "entities": list(every), "blocks": blocks, "asked": asked})
    return batch


# --- the list beside the database -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the list. `first` (batch, ord, digest of the block) says which record it was, without a word."""

    entity: int
    kind: str
    reason: str
    actor: str
    first: tuple[int, int, str]


def listed() -> list[Line]:
    """Everybody in the list of the data folder, oldest first, each once."""
    file = _file()
    found: dict[tuple[int, str], Line] = {}
    for row in _read(file) if file.is_file() else ():
        batch, ord_, digest = row["first"]
        line = Line(row["entity"], row["kind"], row["reason"], row["actor"], (batch, ord_, digest))
        found.setdefault((line.entity, digest), line)
    return list(found.values())


def _file() -> Path:
    return Path(settings.HEDEF.home) / LIST


def _read(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _keep_in_list(entity: int, kind: str, *, actor: str, reason: str) -> None:
    first = _first(entity)
    if first is None or any((one.entity, one.first) == (entity, first) for one in listed()):
        return
    line = {"entity": entity, "kind": kind, "reason": reason, "actor": actor, "first": list(first)}
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def _first(entity: int) -> tuple[int, int, str] | None:
    """Where the record was first written, with the digest of the numbers there."""
    changes = history(entity)
    if not changes or changes[0].batch is None:
        return None
    batch, ord_ = changes[0].batch, changes[0].ord
    return batch, ord_, block_digest_at(batch, ord_)


def _is_the_same(line: Line) -> bool:
    return kind_of(line.entity) == line.kind and _first(line.entity) == line.first
