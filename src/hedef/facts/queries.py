"""Reads of the facts. A page or run pins one version and asks all its questions there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pyarrow as pa

from hedef.facts import duck, registry
from hedef.facts.attach import attached
from hedef.facts.calendars import company_calendar as calendar
from hedef.facts.calendars import company_reference as calendar_reference
from hedef.facts.engine.questions import Question, bound, params_of, question_of, tables_of
from hedef.facts.engines import engine
from hedef.facts.pins import Lease, lease
from hedef.facts.segments import Manifest, content_digest, newest_known
from hedef.facts.services import brought_up, current
from hedef.facts.store import Store, home_store
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.trust import UNKNOWN, WHOLE, Slice, Trust

__all__ = [
    "Answer",
    "Pin",
    "Question",
    "ask",
    "calendar",
    "calendar_reference",
    "facts_json",
    "pin",
    "status",
    "table_names",
    "trust_of",
]


@dataclass(frozen=True)
class Pin:
    """One version of the facts, held for a page or run.

    `digest` covers what was known at `known_no`, whatever the version and its files; `rates` is the newest seal of
    currency rates there; `behind`: newer seals exist that this version does not know yet.
    """

    version: int
    watermark: int
    known_no: int
    digest: str
    rates: int
    behind: bool
    store: Store = field(repr=False)
    manifest: Manifest = field(repr=False)
    lease: Lease | None = field(repr=False, compare=False)  # keeps its files from being removed
    trusts: dict[Any, Trust] = field(default_factory=dict, repr=False, compare=False)  # asked once a page
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # what the gate read for it


@dataclass(frozen=True)
class Answer:
    """Rows of a question (int64, int32, date32, string), where they were read and how far they can be relied on."""

    rows: pa.Table
    pin: Pin
    trust: Trust

    def as_dicts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.rows.to_pylist()
        return found


def pin(*, wait: bool = True, known_no: int | None = None) -> Pin:
    """Pin the newest facts, absorbing first what the ledger has sealed since.

    `wait=False` (pages) waits at most 300 ms for another absorber and then answers from the former version, which says
    `behind`. `known_no` asks what was known at that seal. WrongUse for a seal that does not exist yet.
    """
    manifest, behind = brought_up(wait=wait)
    store = home_store()
    known = manifest.watermark if known_no is None else known_no
    if known < 0 or (known > manifest.watermark and not behind):
        raise WrongUse(f"There is no seal {known}: the newest is {manifest.watermark}.")
    known = min(known, manifest.watermark)
    return Pin(
        version=manifest.version,
        watermark=manifest.watermark,
        known_no=known,
        digest=_digest(store, manifest, known),
        rates=_rates(store, manifest, known),
        behind=behind,
        store=store,
        manifest=manifest,
        lease=lease(store, manifest.version),
    )


@lru_cache(maxsize=64)
def _digest(store: Store, manifest: Manifest, known_no: int) -> str:
    return f"sha256:{content_digest(store, manifest, known_no)}"


@lru_cache(maxsize=64)
def _rates(store: Store, manifest: Manifest, known_no: int) -> int:
    return newest_known(store, manifest, "rate", known_no)


def ask(
    question: str | Question,
    *,
    pin: Pin,
    params: Mapping[str, Any] | None = None,
    inputs: Mapping[str, pa.Table] | None = None,
    part: Slice = WHOLE,
) -> Answer:
    """Ask a question at a pin. Tables show what was known at `pin.known_no`.

    `question` is a file such as "metrics/new_pipeline" or a `Question`. Every `:name` of its text is taken from
    `params` (int, date, str, or a list of them); `:known_no` is the pin's unless given. `inputs` are tables of the
    caller (periods, people of a scope) that the text may name. `part`: the people and months that the answer is about,
    for its trust; the moment it is about is the parameter `as_of_us`. WrongUse for a parameter that is missing.
    """
    asked = question_file(question) if isinstance(question, str) else question
    given = {"known_no": pin.known_no, **(params or {})}
    needed = params_of(asked.sql)
    missing = [name for name in needed if name not in given]
    if missing:
        raise WrongUse(f'The question {asked.name} needs the parameter "{missing[0]}".')
    lent = dict(inputs or {})
    names = [name for name in asked.tables or tables_of(asked.sql) if name not in lent]
    unknown = [name for name in names if name not in registry.tables()]
    if unknown:
        raise WrongUse(f'The question {asked.name} reads "{unknown[0]}", which is no facts table.')
    at = duck.At(pin.manifest, pin.known_no)
    rows = engine(pin.store).ask(bound(asked.sql), names, {name: given[name] for name in needed}, lent, at)
    return Answer(
        rows, pin, trust_of(asked.objects or objects_of(names), pin=pin, part=part, asked_us=given.get("as_of_us"))
    )


@lru_cache(maxsize=256)
def question_file(name: str) -> Question:
    """The question in `<room>/sql/<name>.sql`. NotFound otherwise."""
    room, _, rest = name.partition("/")
    file = files("hedef") / room / "sql" / f"{rest}.sql"
    if not rest or not file.is_file():
        raise NotFound(f'There is no question "{name}".')
    return question_of(name, file.read_text(encoding="utf-8"))


def objects_of(tables: list[str]) -> tuple[str, ...]:
    """The kinds of record on which answers from these tables rest."""
    return tuple(sorted({one for name in tables for one in registry.tables()[name].objects}))


def trust_of(objects: tuple[str, ...], *, pin: Pin, part: Slice = WHOLE, asked_us: int | None = None) -> Trust:
    """The trust of what rests on these objects at a pin; `unknown` where no check ran.

    The room that keeps the gate says it (`facts.services.register_trust`), from the states known at the pin's seal.
    """
    if not objects:
        return UNKNOWN
    key = (objects, part, asked_us)
    if key not in pin.trusts:
        known = pin.known_no if pin.known_no < pin.watermark else None
        pin.trusts[key] = attached(objects, part, known, asked_us, pin.memory)
    return pin.trusts[key]


def table_names() -> list[str]:
    """Every facts table that a question may name."""
    return sorted(registry.question_schema())


def status() -> dict[str, Any]:
    """`hedef.facts/1` of the newest version, without absorbing."""
    manifest = current() or Manifest()
    return facts_json(manifest, differences=[])


def facts_json(manifest: Manifest, *, differences: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer of `hedef facts ...`."""
    names = sorted({one.table for one in manifest.segments} | set(registry.stored()))
    tables = [(name, manifest.table_digest(name)) for name in names]
    return {
        "schema": "hedef.facts/1",
        "as_of": None,
        "known_at": manifest.watermark,
        "version": manifest.version,
        "watermark": manifest.watermark,
        "tables": [{"name": name, "rows": found.rows, "digest": found.text()} for name, found in tables],
        "equal": not differences,
        "differences": differences,
        "issues": [],
        "trust": UNKNOWN.as_json(),
        "fingerprint": _digest(home_store(), manifest, manifest.watermark) if manifest.version else None,
    }
