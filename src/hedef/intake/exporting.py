"""Back to the CRM: agreed values in the vendor's own columns, through the mapping read backwards.

Only what reads back to the same value goes out: importing the file again changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.definitions.queries import list_in_force
from hedef.exports.sheet import Column, Sheet, plain
from hedef.facts.queries import calendar as company_calendar
from hedef.intake.documents import KIND, MappingDocument
from hedef.intake.engine.headers import fold
from hedef.intake.engine.shipped import shipped_mappings
from hedef.intake.models import ImportJob
from hedef.intake.run import memory, processes
from hedef.intake.run.columns import currency_place, place_of
from hedef.intake.schema import FieldMap
from hedef.intake.schema import Mapping as MappingModel
from hedef.kernel.errors import NotFound, Refused
from hedef.kernel.money import format_minor
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.engine.names import normalise
from hedef.records.queries import key_table, rows

REFERENCES = ("person", "account", "contact", "lead", "deal", "product", "order", "team", "territory")
_CHANGED = (
    "constant",
    "join",
    "extract",
    "take",
    "prefix",
    "lower",
    "unit",
    "when",
    "only_if",
    "unless",
    "last_day_included",
)

type Writer = Callable[[Mapping[str, Any]], str | None]
"""The text of one field of a record; none where nothing is there. LookupError: it cannot be said in these columns."""


@dataclass(frozen=True)
class Export:
    """A file for the CRM. `left_out`: records with a value that these columns cannot say, by its field."""

    sheet: Sheet
    source: str
    object: str
    mapping: str
    fields: tuple[str, ...]
    left_out: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        columns = [one.name for one in self.sheet.columns]
        told = [dict(zip(columns, map(plain, row), strict=True)) for row in self.sheet.rows]
        return {
            "source": self.source,
            "object": self.object,
            "mapping": self.mapping,
            "fields": list(self.fields),
            "left_out": dict(self.left_out),
            "rows": told,
        }


def export(object_: str, *, source: str, fields: Sequence[str] | None = None, scope: Scope = EVERYTHING) -> Export:
    """The living records of an object that a source knows, in its own columns, by their keys.

    `fields` names fields of the mapping (none: every one that can be written). NotFound for an unknown source, object
    or field; Refused for files that have no key of their own.
    """
    mapping = mapping_of(source, object_)
    kind = KINDS.get(object_)
    if kind is None or not mapping.key:
        raise Refused(f"Files of {object_} from {source} have no key: nobody could find the records again.")
    named = _Names(_last_columns(source, object_))
    writers = _writers(mapping, kind, source, fields)
    keys: dict[int, list[str]] = {}  # a merged record has several: one row each
    for ext_id, entity in _keys(source, object_).items():
        keys.setdefault(entity, []).append(ext_id)
    rows_out: list[list[str | None]] = []
    left_out: dict[str, int] = {}
    for row in rows(object_, entities=sorted(keys), scope=scope):
        told = _told(writers, row, left_out)
        if told is not None:
            rows_out += [[ext_id, *told] for ext_id in sorted(keys[row["entity"]])]
    columns = [Column(named.of(mapping.key))]
    columns += [Column(named.of(names)) for one in writers for names in one.alternatives]
    sheet = Sheet(f"{source}-{object_}", f"{object_} for {source}", columns, rows_out)
    return Export(
        sheet, source, object_, f"{mapping.vendor}/{mapping.shape}", tuple(one.field for one in writers), left_out
    )


def mapping_of(source: str, object_: str) -> MappingModel:
    """How files of this object are read: as a person saved it, else as the last import was. NotFound without either."""
    for version in list_in_force(KIND):
        document = version.document
        if isinstance(document, MappingDocument) and (document.source, document.object) == (source, object_):
            return document.mapping
    jobs = ImportJob.objects.filter(source=source, object=object_, state=ImportJob.State.DONE).exclude(
        mapping_version=""
    )
    last = jobs.order_by("-pk").values_list("mapping_version", flat=True).first()
    if last is None:
        raise NotFound(f"No file of {object_} came from {source}.", hint="hedef check lists sources and objects.")
    vendor, _, shape = last.partition(":")[0].partition("/")
    for one in shipped_mappings().values():
        if (one.vendor, one.shape, one.object) == (vendor, shape, object_):
            return one
    raise NotFound(f"The mapping {vendor}/{shape} is no longer known.", hint="Import once with --mapping: it is kept.")


# --- fields -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    """How the source itself calls its columns: as in its last file, else as the mapping calls them first."""

    header: Sequence[str]

    def of(self, alternatives: Sequence[str]) -> str:
        wanted = {fold(name) for name in alternatives}
        return next((name for name in self.header if fold(name) in wanted), alternatives[0])


def _last_columns(source: str, object_: str) -> Sequence[str]:
    """Columns of the newest file of an object that a source sent (rejects that were mended are none)."""
    jobs = ImportJob.objects.filter(source=source, object=object_, state=ImportJob.State.DONE, fixes=None)
    for options in jobs.order_by("-pk").values_list("options", flat=True)[:50]:
        if found := (options or {}).get("notes", {}).get("columns"):
            return list(found)
    return ()


@dataclass(frozen=True)
class _Written:
    field: str
    alternatives: tuple[tuple[str, ...], ...]  # names of each of its columns, the first one preferred
    write: Callable[[Mapping[str, Any]], tuple[str | None, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(names[0] for names in self.alternatives)


def _told(writers: Sequence[_Written], row: Mapping[str, Any], left_out: dict[str, int]) -> list[str | None] | None:
    found: list[str | None] = []
    for one in writers:
        try:
            found += one.write(row)
        except LookupError:
            left_out[one.field] = left_out.get(one.field, 0) + 1
            return None
    return found


def _writers(mapping: MappingModel, kind: Kind, source: str, fields: Sequence[str] | None) -> list[_Written]:
    taken = set(mapping.key)
    found = []
    for name, alternatives in mapping.fields.items():
        if fields is not None and name not in fields:
            continue
        one = next((made for spec in alternatives if (made := _writer(name, spec, kind, source))), None)
        if one is not None and not taken & set(one.columns):
            taken |= set(one.columns)
            found.append(one)
    missing = [name for name in fields or () if name not in {one.field for one in found}]
    if missing:
        known = ", ".join(one.field for one in _writers(mapping, kind, source, None))
        raise NotFound(f'"{missing[0]}" cannot be written back to {source}.', hint=f"These can: {known}.")
    return found


def _writer(name: str, spec: FieldMap, kind: Kind, source: str) -> _Written | None:
    """How a field is written; none where its text would not read back to the same value."""
    if not spec.column or any(getattr(spec, one) not in (None, "", (), {}, False) for one in _CHANGED):
        return None
    if spec.type == "stage":
        return _Written(name, (tuple(spec.column),), _single(_stage(spec, source)))
    place = place_of(kind, name)
    if place is None:
        return None
    if spec.type == "money":
        return _money(name, spec, kind, place)
    write = _reference(spec, place, source) if spec.type in REFERENCES else _plain(spec, place)
    return None if write is None else _Written(name, (tuple(spec.column),), _single(write))


def _single(write: Writer) -> Callable[[Mapping[str, Any]], tuple[str | None, ...]]:
    return lambda row: (write(row),)


def _plain(spec: FieldMap, place: str) -> Writer | None:
    codes: dict[str, str] = {}
    for label, told in spec.values.items():
        codes.setdefault(told, label)
    read = {label.casefold(): told for label, told in spec.values.items()}

    def code(row: Mapping[str, Any]) -> str | None:
        value = row[place]
        if value is None:
            return None
        text = codes.get(str(value), str(value))
        if read.get(text.casefold(), str(value)) != str(value):
            raise LookupError(text)
        return text

    def share(row: Mapping[str, Any]) -> str | None:
        value = row[place]
        if value is None:
            return None
        return plain(Fraction(value, 100 if spec.scale == "percent" else 10_000))

    writers: dict[str, Writer] = {
        "text": code,
        "code": code,
        "id": code,
        "date": lambda row: row[place].isoformat() if isinstance(row[place], date) else row[place],
        "boolean": lambda row: None if row[place] is None else ("true" if row[place] else "false"),
        "integer": lambda row: None if row[place] is None else str(row[place]),
        "number": lambda row: None if row[place] is None else plain(Fraction(row[place], 10**spec.places)),
    }
    if spec.type == "percent" and spec.scale is not None:
        return share
    return writers.get(spec.type)


def _money(name: str, spec: FieldMap, kind: Kind, place: str) -> _Written:
    where = currency_place(kind, name)
    base = spec.currency_code or company_calendar().base_currency

    def write(row: Mapping[str, Any]) -> tuple[str | None, ...]:
        minor, currency = row[place], row[where] if where is not None else base
        if minor is None:
            blank = "0" if spec.blank_when_zero and currency and _in_state(row, spec.blank_when_zero) else None
            return (blank, currency) if spec.currency else (blank,)
        if not spec.currency and (currency or base) != base:
            raise LookupError(currency)  # no column could say which currency it is
        text = format_minor(minor, currency or base)
        text = text.replace(".", ",") if spec.decimal == "," else text
        return (text, currency) if spec.currency else (text,)

    told = (tuple(spec.column), *((tuple(spec.currency),) if spec.currency else ()))
    return _Written(name, told, write)


def _in_state(row: Mapping[str, Any], state: str) -> bool:
    closed = row.get("status") in processes.DECIDED
    return {"open": not closed, "closed": closed}.get(state, row.get("status") == state)


def _stage(spec: FieldMap, source: str) -> Writer:
    """The vendor's word for a stage: of the mapping, of its stage list, else the name in the process."""
    labels: dict[str, str] = {}
    told = {**spec.values, **(memory.of_source(source, memory.STAGES) or {})}
    for label, stage in told.items():
        labels.setdefault(stage, label)
    known: dict[str, processes.Process | None] = {}

    def write(row: Mapping[str, Any]) -> str | None:
        stage, process = row["stage"], row["process"]
        if stage is None:
            return None
        if stage in labels:
            return labels[stage]
        if process not in known:
            known[process] = processes.in_force(process) if process else None
        found = known[process]
        if found is None:
            raise LookupError(stage)
        return next(one.name for one in found.stages if one.id == stage)

    return write


def _reference(spec: FieldMap, place: str, source: str) -> Writer | None:
    """The key, e-mail or name by which the vendor names another record; a name that two bear says nobody."""
    if spec.by == "external_key":
        keys = {entity: ext_id for ext_id, entity in _keys(source, spec.type).items()}
        return lambda row: None if row[place] is None else keys[row[place]]
    if spec.by not in ("name", "email"):
        return None
    column = spec.by
    texts: dict[int, str] = {}

    def load() -> None:
        every = rows(spec.type, ended=True)
        told = {row["entity"]: str(row[column]) for row in every if row.get(column)}
        counted: dict[str, int] = {}
        for text in told.values():
            counted[normalise(text)] = counted.get(normalise(text), 0) + 1
        texts.update({entity: text for entity, text in told.items() if counted[normalise(text)] == 1})

    def write(row: Mapping[str, Any]) -> str | None:
        if row[place] is None:
            return None
        if not texts:
            load()
        return texts[row[place]]

    return write


def _keys(source: str, object_: str) -> dict[str, int]:
    table = key_table(source, object_)
    return dict(zip(table["ext_id"].to_pylist(), table["entity"].to_pylist(), strict=True))
