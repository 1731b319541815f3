"""Leases of versions: while a process reads a version, no other one removes the files it rests on.

A lease is an empty file `pins/<version>-<host>-<process>-<random>`. The newest version of a process stays leased; an
older one as long as a pin of it lives. A lease of a process that is gone does not count.
"""

import os
import secrets
import socket
import weakref
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

from hedef.facts.store import Store

_LONGEST_S = 24 * 3600  # a lease of another machine, whose processes cannot be asked


@dataclass(eq=False)
class Lease:
    """Held by every pin of a version in this process; the file goes with the last of them."""

    store: Store
    version: int
    name: str = field(default="")

    def __post_init__(self) -> None:
        host = socket.gethostname().replace("/", "_").replace("-", "_")
        self.name = f"pins/{self.version:012d}-{host}-{os.getpid()}-{secrets.token_hex(4)}"
        self.store.put_new(self.name, b"")
        weakref.finalize(self, _let_go, self.store, self.name, os.getpid())


def _let_go(store: Store, name: str, process: int) -> None:
    if os.getpid() == process:  # a fork inherits what it did not lease
        with suppress(Exception):  # at the end of the process the file is a trace that no longer counts
            store.delete(name)


_lock = Lock()
_leases: weakref.WeakValueDictionary[tuple[int, Store, int], Lease] = weakref.WeakValueDictionary()
_newest: dict[tuple[int, Store], Lease] = {}


def lease(store: Store, version: int) -> Lease | None:
    """The lease of a version in this process; none where the store cannot be written (then nobody cleans up either)."""
    key = (os.getpid(), store, version)
    with _lock:
        found = _leases.get(key)
        if found is None:
            try:
                found = Lease(store, version)
            except OSError:
                return None
            _leases[key] = found
        if (last := _newest.get(key[:2])) is None or last.version < version:
            _forget_others(key[0])
            _newest[key[:2]] = found
        return found


def _forget_others(process: int) -> None:
    for key in [key for key in _newest if key[0] != process]:
        del _newest[key]
    if len(_newest) > 2:  # a process serves one home; tests open many
        del _newest[next(iter(_newest))]


def oldest_held(store: Store) -> int | None:
    """The oldest version that a living process reads; leases of dead ones are removed."""
    found = []
    for file in store.list("pins"):
        version, host, process, _ = file.name.removeprefix("pins/").split("-")
        if _counts(host, int(process), file.age_s):
            found.append(int(version))
        else:
            store.delete(file.name)
    return min(found, default=None)


def _counts(host: str, process: int, age_s: float) -> bool:
    if host != socket.gethostname().replace("/", "_").replace("-", "_"):
        return age_s < _LONGEST_S
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
