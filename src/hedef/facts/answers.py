"""Answers that are kept: what was asked of the same rows is not computed twice.

A pinned version never changes, so an answer stays right for ever. Its key names the files that the question reads, not
the version: a change elsewhere leaves it standing, a change of those files asks anew.
"""

import re
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

import pyarrow as pa

from hedef.facts import registry
from hedef.facts.segments import Manifest

_MOST = 64_000_000  # bytes kept in a process
_LARGEST = 4_000_000  # bytes of one answer
_KNOWN = re.compile(r"\$known_no\b")
_UNTIL = re.compile(r"\bknown_no\s*<=\s*\$known_no\b")

type Key = tuple[Hashable, ...]


class Answers:
    """The answers asked for last, up to a number of bytes."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Key, pa.Table] = OrderedDict()
        self.bytes = 0

    def get(self, key: Key) -> pa.Table | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, rows: pa.Table) -> None:
        if rows.nbytes > min(_LARGEST, self._most):
            return
        with self._lock:
            if key not in self._kept:
                self._kept[key] = rows
                self.bytes += rows.nbytes
            while self.bytes > self._most:
                _, gone = self._kept.popitem(last=False)
                self.bytes -= gone.nbytes


def key_of(sql: str, names: Sequence[str], params: Mapping[str, Any], manifest: Manifest, known_no: int) -> Key:
    """What an answer depends on: the text, its parameters, and the files of the tables as known at a seal."""
    files, last_known = _files(manifest, tuple(names))
    known = min(known_no, last_known)  # later seals say nothing of these tables
    given = dict(params)
    if "known_no" in given and _only_until(sql):
        given["known_no"] = min(given["known_no"], last_known)
    told = tuple((name, tuple(one) if isinstance(one, list) else one) for name, one in sorted(given.items()))
    return (sql, told, files, known)


@lru_cache(maxsize=1024)
def _only_until(sql: str) -> bool:
    """Whether the parameter `known_no` does nothing but keep rows known until it."""
    return len(_KNOWN.findall(sql)) == len(_UNTIL.findall(sql))


@lru_cache(maxsize=512)
def _files(manifest: Manifest, names: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """The files behind some tables and the calendar (its days stand in macros), and the newest seal they tell of."""
    stored = sorted({below for name in (*names, "calendar") for below in _below(name)})
    parts = [one for name in stored for one in manifest.of(name)]
    return tuple(one.path for one in parts), max((one.last_known for one in parts), default=0)


def _below(name: str) -> Iterator[str]:
    """The stored tables that a table rests on."""
    table = registry.tables().get(name)
    if table is None or table.view is None:
        yield name
        return
    from hedef.facts.engine.questions import tables_of

    for below in tables_of(table.view):
        yield from _below(below)
