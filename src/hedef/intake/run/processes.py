"""Stages of a file in the words of a process: which stage a label means, and the first version of a new process."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from hedef.definitions import queries, services
from hedef.records.engine.names import normalise

type Start = Sequence[tuple[str, str]]  # (stage, category) in order

DECIDED = ("won", "lost")
_WON = re.compile(r"\b(won|kazan[ıi]ld[ıi])\b", re.IGNORECASE)
_LOST = re.compile(r"\b(lost|kaybedildi|cancelled|canceled)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    name: str
    category: str  # open, hold, won, lost


@dataclass(frozen=True)
class Process:
    """The stages of one process in their order."""

    id: str
    stages: tuple[Stage, ...]
    _by_label: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for stage in self.stages:
            self._by_label.setdefault(normalise(stage.name), stage.id)
            self._by_label.setdefault(normalise(stage.id), stage.id)

    def stage_of(self, label: str) -> str | None:
        return self._by_label.get(normalise(label))

    def category(self, stage: str) -> str:
        return next(one.category for one in self.stages if one.id == stage)

    def first(self, category: str) -> str | None:
        return next((one.id for one in self.stages if one.category == category), None)

    def nearest(self, label: str) -> tuple[str, ...]:
        """The three stage names most like a label."""
        names = {stage.name: normalise(stage.name) for stage in self.stages}
        found = process.extract(normalise(label), names, scorer=fuzz.ratio, limit=3)
        return tuple(name for _, _, name in found)


def slug(label: str) -> str:
    """An id in small letters, digits and hyphens: `Closed Won` is `closed-won`."""
    return re.sub(r"[^a-z0-9]+", "-", normalise(label)).strip("-") or "stage"


def in_force(id_: str) -> Process | None:
    """The process as it stands now; none when there is no such document."""
    version = queries.in_force("process", id_)
    return None if version is None else read(id_, version.body)


def read(id_: str, body: Mapping[str, Any]) -> Process:
    """The stages of a process document."""
    stages = tuple(
        Stage(str(one["id"]), str((one.get("name") or {}).get("en") or one["id"]), str(one["category"]))
        for one in body["stages"]
    )
    return Process(id_, stages)


def category_of(label: str) -> str:
    """The category that the words of a label name: won, lost, else open."""
    if _WON.search(label):
        return "won"
    return "lost" if _LOST.search(label) else "open"


def document(id_: str, name: str, start: Start, labels: Mapping[str, str], *, owner: str) -> dict[str, Any]:
    """Version 1 of a process from its stages in order; the first open stage is where pipeline counts from."""
    stages: list[dict[str, Any]] = []
    for place, (stage, category) in enumerate(start, start=1):
        label = labels.get(stage) or stage.replace("-", " ").capitalize()
        one: dict[str, Any] = {"id": stage, "name": {"en": label, "tr": label}, "order": place * 10}
        one["category"] = category
        if category == "open" and not any(former.get("counts_from") for former in stages):
            one["counts_from"] = True
        stages.append(one)
    head = {"kind": "process", "id": id_, "version": 1, "effective_from": None}
    return head | {"name": {"en": name, "tr": name}, "owner": owner, "stages": stages}


def make(body: Mapping[str, Any], *, actor: str) -> Process:
    """Store version 1 of a process, effective since always. It needs no second person, later versions do."""
    made = services.introduce(document=dict(body), actor=actor, reason="made by the first import")
    return read(made.id, made.body)


def spelled(start: Start) -> str:
    """A process in one line, as decisions show it: `qualification > proposal > won (won) > lost (lost)`."""
    return " > ".join(stage if category == "open" else f"{stage} ({category})" for stage, category in start)


def from_text(text: str) -> list[tuple[str, str]]:
    """The way back: `Lead > Offer > Signed (won) > Dropped (lost)`; labels that say won or lost need no bracket."""
    found = []
    for part in text.split(">"):
        told = re.fullmatch(r"\s*(?P<label>.*?)\s*(?:\((?P<category>open|hold|won|lost)\))?\s*", part)
        if told and told["label"]:
            found.append((told["label"], told["category"] or category_of(told["label"])))
    return found


def stage_in(of: Process, label: str, values: Mapping[str, str]) -> str | None:
    """What a label means in a process. `values` give labels to stages, in every process or (`process:label`) in one."""
    given = {normalise(one): stage for one, stage in values.items()}
    return _stage_in(of, label, given)


def _stage_in(of: Process, label: str, given: Mapping[str, str]) -> str | None:
    own, everywhere = given.get(normalise(f"{of.id}:{label}")), given.get(normalise(label), label)
    return (own and of.stage_of(own)) or of.stage_of(everywhere) or of.stage_of(label)


def resolve_stages(
    pairs: pl.DataFrame, processes: Mapping[str, Process], values: Mapping[str, str]
) -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    """`process, label` (each pair once) with `stage` and `stage_category`; and the pairs that no process knows.

    `values`: labels that the mapping gives to stages, compared as names are; see `stage_in`.
    """
    given = {normalise(label): stage for label, stage in values.items()}
    told: list[tuple[str | None, str | None]] = []
    unknown: list[tuple[str, str]] = []
    for process_id, label in pairs.select("process", "label").iter_rows():
        of = processes.get(process_id)
        stage = None if of is None else _stage_in(of, label, given)
        if of is None or stage is None:
            unknown.append((process_id, label))
            told.append((None, None))
        else:
            told.append((stage, of.category(stage)))
    schema = {"stage": pl.String, "stage_category": pl.String}
    return pairs.hstack(pl.DataFrame(told, schema=schema, orient="row")), unknown
