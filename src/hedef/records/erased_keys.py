"""Ids that are words of erased people, kept as salted hashes: the next file still means the same record.

A source without ids calls a person by name, and a line of a roster by two. Whoever asked to be erased must not stay in
the key, and must not come back with the next file as somebody new.
"""

import re
import secrets
from collections.abc import Collection
from hashlib import blake2b

import polars as pl

from hedef.ledger.acts import ERASABLE
from hedef.records.models import ExternalKey, MovedKey

PREFIX = "erased:"
_AFTER = "erased;"  # the first text behind all that begin with the prefix
# numbers with a short prefix, hexadecimal ids, ids of fifteen or eighteen signs; anything else may be a word
_ID = re.compile(r"[A-Za-z]{0,2}[-_:/#.]?\d+|(?=\D*\d)[0-9a-fA-F-]{16,36}|0[0-9A-Za-z]{14}(?:[0-9A-Za-z]{3})?")
_LONG_ENOUGH = 4  # shorter words stand in too many ids that are not of the person


def is_word(ext_id: str) -> bool:
    """Whether a key may hold words of a person; a hash does not."""
    return not ext_id.startswith(PREFIX) and _ID.fullmatch(ext_id) is None


def veiled(source_id: int, object_: str, texts: pl.Series) -> pl.Series:
    """The same ids, those that were erased as they are stored; `texts` itself where this source has none such.

    An id of several words, one of which is an erased one of a person, is hashed too: a new line of a roster names a
    manager by name.
    """
    stored = _stored(source_id, object_, *ERASABLE)
    erased = {one for of, one in stored if of == object_}
    people = {one for of, one in stored if of != object_}
    if not (erased or people):
        return texts
    swap = {}
    for text in texts.drop_nulls().unique():
        hashed = _among(erased, text)
        if hashed is None and "|" in text and any(_among(people, part) for part in text.split("|")):
            hashed = _veil(_salt_of(min(erased or people)), text)
        if hashed is not None:
            swap[text] = hashed
    return texts.replace(swap) if swap else texts


def _among(erased: Collection[str], text: str) -> str | None:
    salts = {_salt_of(one) for one in erased}
    return next((hashed for salt in salts if (hashed := _veil(salt, text)) in erased), None)


def veil_keys(entities: Collection[int], words: Collection[str]) -> int:
    """Hash the keys of these entities that may be words, and all keys that hold one of `words`; answers how many."""
    found = list[ExternalKey]()
    every = sorted(entities)
    for start in range(0, len(every), 500):
        some = ExternalKey.objects.filter(entity__in=every[start : start + 500])
        found += [one for one in some if is_word(one.ext_id)]
    for word in _telling(words):
        found += ExternalKey.objects.filter(ext_id__contains=word).exclude(ext_id__startswith=PREFIX)
    salts: dict[tuple[int, str], str] = {}
    places = {(one.source_id, one.object, one.ext_id) for one in found}
    for source_id, object_, ext_id in places:
        salt = _salt(source_id, object_, salts)
        same = {"source_id": source_id, "object": object_, "ext_id": ext_id}
        ExternalKey.objects.filter(**same).update(ext_id=_veil(salt, ext_id))
        MovedKey.objects.filter(**same).update(ext_id=_veil(salt, ext_id))
    return len(places)


def _telling(words: Collection[str]) -> list[str]:
    return sorted({word.strip() for word in words if len(word.strip()) >= _LONG_ENOUGH})


def _salt(source_id: int, object_: str, salts: dict[tuple[int, str], str]) -> str:
    """One salt for each object of a source, so that a file is hashed once."""
    if (source_id, object_) not in salts:
        former = min((one for _, one in _stored(source_id, object_)), default=None)
        salts[source_id, object_] = secrets.token_hex(8) if former is None else _salt_of(former)
    return salts[source_id, object_]


def _stored(source_id: int, *objects: str) -> set[tuple[str, str]]:
    """Object and key of the ids that are hashes, in one question: it is asked with every chunk of an import."""
    keys = ExternalKey.objects.filter(
        source_id=source_id, object__in=set(objects), ext_id__gte=PREFIX, ext_id__lt=_AFTER
    )
    return {(of, one) for of, one in keys.values_list("object", "ext_id") if one.count(":") == 2}


def _salt_of(hashed: str) -> str:
    return hashed.split(":")[1]


def _veil(salt: str, text: str) -> str:
    return f"{PREFIX}{salt}:{blake2b(text.encode(), key=salt.encode(), digest_size=16).hexdigest()}"
