"""How a version is written: ledger changes of kind `document` and their projection, in one transaction."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from django.db import IntegrityError, transaction

from hedef.definitions.checks import Reading
from hedef.definitions.kinds import DocumentKind
from hedef.definitions.models import Definition, DefinitionState
from hedef.kernel.errors import Refused
from hedef.kernel.instants import to_us
from hedef.ledger.queries import blocks_after, living
from hedef.ledger.services import append_block, writing
from hedef.settings import now

KIND = "document"
# the place of a field is its bit in the change mask, stored in the ledger for ever: append, never reorder
FIELDS: dict[str, pa.DataType] = {
    "doc_kind": pa.string(),
    "doc_id": pa.string(),
    "version": pa.int64(),
    "effective_from": pa.date32(),
    "body": pa.string(),
    "hash": pa.string(),
    "state": pa.string(),
    "author": pa.string(),
    "approver": pa.string(),
    "self_approved": pa.bool_(),
    "file": pa.string(),
    "until": pa.date32(),
    "words": pa.string(),
    "source": pa.string(),
}
_BITS = {name: 1 << place for place, name in enumerate(FIELDS)}


@dataclass
class Pen:
    """Collects the changes of one batch: `pen.write(entity, state="approved", approver="selin")`."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def write(self, entity: int, **fields: Any) -> None:
        self.rows.append((entity, fields))


@contextmanager
def recording(*, actor: str, reason: str = "", file: str | None = None) -> Iterator[Pen]:
    """One batch of document changes: ledger and projection together, or nothing at all.

    Refused when somebody else wrote the same version at the same moment.
    """
    pen = Pen()
    try:
        with transaction.atomic():
            with writing(kind="definition", actor=actor, object=KIND, reason=reason, file_name=file) as batch:
                yield pen
                append_block(batch, _table(pen, batch.pk), KIND, fields=list(FIELDS))
            for place, (entity, fields) in enumerate(pen.rows):
                _project(entity, fields, seal_no=batch.seal_no or 0, batch=batch.pk, ord_=place)
    except IntegrityError as fault:
        raise Refused(
            "Somebody else has just written this version.", hint="Look at it and try again.", code="conflict"
        ) from fault


@contextmanager
def rehearsal(on: bool) -> Iterator[None]:
    """With `on`, whatever is written inside is taken back at the end: what `--dry-run` does."""
    with transaction.atomic():
        yield
        if on:
            transaction.set_rollback(True)


def _table(pen: Pen, batch: int) -> pa.Table:
    """The change table of the batch; each row knows the change of its entity before it."""
    before: dict[int, tuple[int, int]] = {
        row.entity: (row.last_batch, row.last_ord)
        for row in Definition.objects.filter(entity__in={entity for entity, _ in pen.rows}).only(
            "last_batch", "last_ord"
        )
    }
    moment = to_us(now())
    columns: dict[str, list[Any]] = {
        name: [] for name in ("entity", "prev_batch", "prev_ord", "act", "effective_us", "mask")
    }
    for place, (entity, fields) in enumerate(pen.rows):
        prev_batch, prev_ord = before.get(entity, (None, None))
        before[entity] = (batch, place)
        row = (entity, prev_batch, prev_ord, "set", moment, sum(_BITS[name] for name in fields))
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    arrays = {name: pa.array(values, pa.string() if name == "act" else pa.int64()) for name, values in columns.items()}
    used = [name for name in FIELDS if any(name in fields for _, fields in pen.rows)]
    arrays |= {name: pa.array([_stored(fields, name) for _, fields in pen.rows], FIELDS[name]) for name in used}
    return pa.table(arrays)


def _stored(fields: Mapping[str, Any], name: str) -> Any:
    value = fields.get(name)
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if name == "words" and value is not None else value


def _project(entity: int, fields: Mapping[str, Any], *, seal_no: int, batch: int, ord_: int) -> None:
    """Bring both projections up to one change."""
    row = Definition.objects.filter(pk=entity).first() or Definition(entity=entity)
    is_new = row._state.adding
    for name, value in fields.items():
        setattr(row, name, value)
    row.last_batch, row.last_ord = batch, ord_
    row.save(force_insert=is_new)
    DefinitionState.objects.create(
        definition=row,
        known_no=seal_no,
        ord=ord_,
        state=row.state,
        until=row.until,
        approver=row.approver,
        self_approved=row.self_approved,
    )


def rebuild() -> int:
    """Make both projections again from the ledger alone; answers the number of changes read."""
    counting, read = living(), 0
    with transaction.atomic():
        Definition.objects.all().delete()
        for block in blocks_after(0, kinds={KIND}, words=True):
            if block.seal_no not in counting:
                continue
            for row in block.table.to_pylist():
                fields = {name: _read(name, row.get(name)) for name in FIELDS if row["mask"] & _BITS[name]}
                _project(row["entity"], fields, seal_no=block.seal_no, batch=block.batch, ord_=row["ord"])
                read += 1
    return read


def _read(name: str, value: Any) -> Any:
    return json.loads(value) if name == "words" and value is not None else value


def draft_fields(reading: Reading, author: str) -> dict[str, Any]:
    """All fields of a version that nobody approved yet; writing them over a draft makes it a draft again."""
    return {
        "doc_kind": reading.kind.name,
        "doc_id": reading.id,
        "version": reading.version,
        "effective_from": reading.document.effective_from,
        "body": reading.text,
        "hash": reading.hash,
        "state": "draft",
        "author": author,
        "approver": "",
        "self_approved": False,
        "file": reading.file or "",
        "until": None,
        "words": {},
        "source": reading.source,
    }


def approved_fields(reading: Reading, approver: str) -> dict[str, Any]:
    """What makes a draft effective in one step."""
    return {"state": "effective", "approver": approver, "words": plain_words(reading.kind, reading.document)}


def plain_words(kind: DocumentKind, document: Any) -> dict[str, str]:
    """The version in plain words, as its room writes it; empty where the room writes none."""
    return dict(kind.words(document)) if kind.words else {}
