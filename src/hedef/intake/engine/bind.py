"""A mapping met with the header of a file: which columns are read, which are missing, which nobody reads."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from hedef.intake.engine.headers import find, fold
from hedef.intake.engine.shapes import Bound, BoundAlso, BoundField, BoundHistory, Condition, StageColumn
from hedef.intake.schema import AlsoMap, FieldMap, FieldMaps, HistoryMap
from hedef.intake.schema import Mapping as MappingModel


def bind(mapping: MappingModel, header: Sequence[str]) -> Bound:
    """Find the columns of a mapping in a header. Never raises: what is not there stands in `missing`."""
    every, header = (
        header,
        [name for name in header if not name.startswith("_")],
    )  # `_` columns are a rejects file's own
    fields = _fields(mapping.fields, header)
    key = find(mapping.key, header)
    weak = () if key else _weak_key(mapping, header)
    history = None if mapping.history is None else _history(mapping.history, header)
    also = tuple(part for one in mapping.also if (part := _also(one, header)) is not None)
    checks = _singles(mapping.checks, header)
    ignored = tuple(name for name in every if name.startswith("_") or _ignored(name, mapping.ignore))
    bound = Bound(
        mapping=mapping,
        key=(key,) if key else weak,
        key_is_weak=not key and bool(weak),
        fields=fields,
        modified_at=_first(mapping.modified_at, "modified_at", header),
        deleted=_first(mapping.deleted, "deleted", header),
        merged_into=_first(mapping.merged_into, "merged_into", header),
        merged=_first(mapping.merged, "merged", header),
        times=_singles(mapping.times, header),
        stage_times=_singles(mapping.stage_times, header),
        history=history,
        also=also,
        checks=checks,
        ignored=ignored,
        unmapped=(),
        missing=tuple(name for name in mapping.fields if name not in fields),
    )
    used = set(used_columns(bound)) | set(ignored)
    return replace(bound, unmapped=tuple(name for name in every if name not in used))


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    return any(_like(name, pattern) for pattern in patterns)


def _like(name: str, pattern: str) -> bool:
    """`Last*Date` names every column that begins and ends so; without `*` the folded names must be equal."""
    first, star, last = pattern.partition("*")
    folded = fold(name)
    if not star:
        return folded == fold(pattern)
    return folded.startswith(fold(first)) and folded.endswith(fold(last))


def used_columns(bound: Bound) -> tuple[str, ...]:
    """Every header that the mapping reads, in no special order, each once."""
    names: dict[str, None] = dict.fromkeys(bound.key)
    for one in bound.all_fields():
        names.update(dict.fromkeys(one.columns))
        names.update(dict.fromkeys(condition.column for condition in one.conditions))
        if one.currency_column:
            names[one.currency_column] = None
    for part in bound.also:
        names.update(dict.fromkeys(part.key))
        names.update(dict.fromkeys(condition.column for condition in part.conditions))
    if bound.history is not None:
        names.update(dict.fromkeys(_history_columns(bound.history)))
    return tuple(names)


def _history_columns(history: BoundHistory) -> Iterator[str]:
    single = (history.entity, history.actor, history.field, history.value, history.old_value)
    yield from (name for name in single if name is not None)
    yield from (stage.column for stage in history.stages)


# --- parts ---------------------------------------------------------------------------------------------------------


def _fields(fields: Mapping[str, FieldMaps], header: Sequence[str]) -> dict[str, tuple[BoundField, ...]]:
    found = {
        name: tuple(bound for spec in specs if (bound := _field(name, spec, header)) is not None)
        for name, specs in fields.items()
    }
    return {name: many for name, many in found.items() if many}


def _singles(fields: Mapping[str, FieldMaps], header: Sequence[str]) -> dict[str, BoundField]:
    found = {name: _first(specs, name, header) for name, specs in fields.items()}
    return {name: one for name, one in found.items() if one is not None}


def _first(specs: FieldMaps, name: str, header: Sequence[str]) -> BoundField | None:
    return next((bound for spec in specs if (bound := _field(name, spec, header)) is not None), None)


def _field(name: str, spec: FieldMap, header: Sequence[str]) -> BoundField | None:
    columns: tuple[str, ...] = ()
    if spec.join:
        columns = tuple(dict.fromkeys(_present(spec.join, header)))
    elif (column := find(spec.column, header)) is not None:
        columns = (column,)
    if not columns and spec.constant is None:
        return None
    conditions = _conditions(spec, header)
    if conditions is None:
        return None
    return BoundField(name, spec, columns, find(spec.currency, header), conditions)


def _present(names: Iterable[str], header: Sequence[str]) -> Iterator[str]:
    for name in names:
        if (column := find((name,), header)) is not None:
            yield column


def _conditions(part: FieldMap | AlsoMap, header: Sequence[str]) -> tuple[Condition, ...] | None:
    """Conditions on columns of this file; none when a column that decides is not there."""
    found: list[Condition] = []
    for texts, wanted in ((part.only_if, True), (part.unless, False)):
        for names, pattern in texts.items():
            column = find(names.split("|"), header)
            if column is not None:
                found.append(Condition(column, pattern, wanted))
            elif wanted:
                return None
    return tuple(found)


def _weak_key(mapping: MappingModel, header: Sequence[str]) -> tuple[str, ...]:
    """All columns of the weak key; none unless every one is in the file (`*` = all columns of the file)."""
    if mapping.weak_key == ("*",):
        return tuple(header)
    found = tuple(_present(mapping.weak_key, header))
    return found if len(found) == len(mapping.weak_key) else ()


def _also(part: AlsoMap, header: Sequence[str]) -> BoundAlso | None:
    key = find(part.key, header)
    keys = (key,) if key else tuple(_present(part.key_join, header))
    conditions = _conditions(part, header)
    fields = _fields(part.fields, header)
    if not keys or conditions is None:
        return None
    return BoundAlso(part.object, part.name or part.object, keys, part.key_prefix, fields, conditions, part.key_extract)


def _history(history: HistoryMap, header: Sequence[str]) -> BoundHistory:
    effective = find(history.effective, header)
    moment = None if effective is None else BoundField("effective", FieldMap(type="instant"), (effective,))
    return BoundHistory(
        entity=find(history.entity, header),
        effective=moment,
        actor=find(history.actor, header),
        field=find(history.field, header),
        value=find(history.value, header),
        old_value=find(history.old_value, header),
        entries={fold(name): entry for name, entry in history.entries.items()},
        created_event=history.created_event,
        closes={fold(name): status for name, status in history.closes.items()},
        stages=tuple(_stage_columns(history, header)),
    )


def _stage_columns(history: HistoryMap, header: Sequence[str]) -> Iterator[StageColumn]:
    """Columns like `Date entered "Proposal (Sales Pipeline)"`, in the order of the file."""
    patterns = [
        (_pattern(text), entered) for text, entered in ((history.entered, True), (history.exited, False)) if text
    ]
    for name in header:
        for pattern, entered in patterns:
            if found := pattern.fullmatch(name.strip()):
                parts = found.groupdict()
                yield StageColumn(name, parts["stage"].strip(), (parts.get("process") or "").strip() or None, entered)
                break


def _pattern(text: str) -> re.Pattern[str]:
    """`{stage}` and `{process}` as groups; a bracket with the process may be missing."""
    escaped = re.escape(text).replace(r"\{stage\}", "(?P<stage>.+?)")
    escaped = escaped.replace(r"\ \(\{process\}\)", r"(?: \((?P<process>[^()]+(?:\([^()]*\))?)\))?")
    return re.compile(escaped, re.IGNORECASE)
