"""What an import has left, in words that do not depend on numbers of entities, batches and blocks."""

from collections.abc import Mapping
from typing import Any

from hedef.intake.answer import ImportAnswer
from hedef.ledger.queries import batches, blocks_in, kinds_in
from hedef.records.engine.kinds import KINDS
from hedef.records.models import MODELS, Alias, ExternalKey

_PLACES = ("batch", "ord", "prev_batch", "prev_ord", "void_batch", "void_ord", "mask", "entity", "into")


def named() -> dict[int, str]:
    """Every entity by the first of its keys."""
    found: dict[int, str] = {}
    rows = ExternalKey.objects.order_by("-object", "-ext_id").values_list("entity", "object", "ext_id")
    for entity, object_, ext_id in rows:
        if object_ != "deal_history":
            found[entity] = f"{object_} {ext_id}"
    return found


def ledger_content() -> dict[str, list[tuple[Any, ...]]]:
    """All changes of sealed batches by entity, in the order of the ledger; references by name."""
    names = named()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for batch in reversed(batches(last=None)):
        rows = [(row, kind) for kind in kinds_in(batch.pk) if kind in KINDS for row in _rows(batch.pk, kind)]
        for row, kind in sorted(rows, key=lambda pair: pair[0]["ord"]):
            name = names.get(row["entity"], "somebody")
            found.setdefault(name, []).append((kind, batch.object, *_told(row, kind, names)))
    return found


def _rows(batch: int, kind: str) -> list[dict[str, Any]]:
    return [row for _, table in blocks_in(batch, kind=kind, words=True) for row in table.to_pylist()]


def _told(row: Mapping[str, Any], kind: str, names: Mapping[int, str]) -> tuple[Any, ...]:
    of = KINDS[kind]
    mask = row.get("mask") or 0
    fields = {
        name: _value(of.get(name).type, row.get(name), names)
        for place, name in enumerate(of.names)
        if mask & 1 << place
    }
    times = tuple(row.get(name) for name in ("act", "effective_us", "not_before_us", "precision", "file_row"))
    return (*times, tuple(sorted(fields.items(), key=str)))


def _value(kind: str, value: Any, names: Mapping[int, str]) -> Any:
    return names.get(value, value) if kind == "ref" and value is not None else value


def record_content() -> dict[str, dict[str, Any]]:
    """Every record by name: its fields, its end and the time of its newest change."""
    names = named()
    found: dict[str, dict[str, Any]] = {}
    for kind, model in MODELS.items():
        if kind not in KINDS:
            continue
        for row in model.objects.values("entity", "ended_us", "last_effective_us", *KINDS[kind].names):
            told = {name: _value(KINDS[kind].get(name).type, row[name], names) for name in KINDS[kind].names}
            found[names.get(row["entity"], f"{kind}?")] = {
                **told,
                "end": row["ended_us"],
                "last": row["last_effective_us"],
            }
    return found


def key_content(*, hashes: bool = False) -> list[tuple[Any, ...]]:
    """Every key; `hashes` only where entity numbers must be the same."""
    names = named()
    rows = ExternalKey.objects.values_list("object", "ext_id", "entity", "row_hash", "gone_since")
    told = [
        (one, key, names.get(entity), hashed if hashes else hashed is None, gone)
        for one, key, entity, hashed, gone in rows
    ]
    return sorted(told, key=str)


def everything(*, hashes: bool = False) -> dict[str, Any]:
    """The whole of it."""
    aliases = sorted(Alias.objects.values_list("kind", "text_key"))
    return {
        "ledger": ledger_content(),
        "records": record_content(),
        "keys": key_content(hashes=hashes),
        "aliases": aliases,
    }


def answer_content(answer: ImportAnswer) -> dict[str, Any]:
    """What an answer says, without numbers of batches, times and memory; hints name what a part knew."""
    told = answer.as_json()
    for name in ("job", "batch", "seal_no", "ms", "peak_mb", "rejects_file", "dry_run", "issues"):
        told.pop(name)
    told["issues"] = sorted(
        (one.code, one.level, one.field or "", one.count, str(one.example)) for one in answer.issues
    )
    told["decisions"] = sorted(told["decisions"], key=str)
    told["also"] = sorted(told["also"], key=str)
    return told
