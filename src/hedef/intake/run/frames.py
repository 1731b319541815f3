"""The typed columns of a file under the names of a kind, with every reference turned into an entity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from hedef.intake.engine.custom import FIELD, extra_of
from hedef.intake.engine.shapes import BoundField, Column, Decision
from hedef.intake.run import keys
from hedef.intake.run.call import FileRun, answer_of
from hedef.intake.run.columns import columns_of
from hedef.intake.run.refs import Resolved, Suggestion
from hedef.intake.run.said import state_of
from hedef.kernel.errors import WrongUse
from hedef.kernel.ids import spell
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.engine.names import normalise
from hedef.records.services import save_alias

REFERENCES = (
    "person",
    "team",
    "account",
    "contact",
    "lead",
    "deal",
    "product",
    "order",
    "invoice",
    "territory",
    "price",
)
_NOBODY = "none"
_TAKEN = 90  # product spellings from here are offered for good


@dataclass(frozen=True)
class Base:
    """One row a row of the file: `row`, `key`, `modified_us` and the fields `names` of the kind.

    `texts`: references to the file's own kind, still in words: they may name a row that comes later.
    """

    frame: pl.DataFrame
    names: list[str]
    texts: dict[str, pl.Series]


def base_frame(
    file: FileRun, kind: Kind, fields: Mapping[str, Column], bound: Mapping[str, tuple[BoundField, ...]], key: pl.Series
) -> Base:
    """The typed columns of a file as fields of a kind."""
    plain = columns_of(kind, {name: one for name, one in fields.items() if _is_plain(bound, name)})
    if FIELD in kind.names and (extra := extra_of(fields)) is not None:
        plain[FIELD] = extra
    modified = file.sheet.typed.modified_at
    frame = pl.DataFrame(
        {
            "row": file.numbers,
            "key": keys.as_stored(file.source, kind.name, key),
            "modified_us": modified.values if modified is not None else pl.Series([None] * len(key), dtype=pl.Int64),
            **plain,
        }
    )
    names, texts = list(plain), {}
    for name, alternatives in bound.items():
        if name not in kind.names or not _is_reference(bound, name):
            continue
        if alternatives[0].spec.type == kind.name:
            texts[name] = fields[name].values
            frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(name))
        else:
            frame = frame.with_columns(reference(file, name, fields, alternatives).alias(name))
        names.append(name)
    if "about" in bound and "deal" in kind.names:
        told = about(file, fields, bound["about"])
        frame = frame.with_columns(values.alias(name) for name, values in told.items())
        names += list(told)
    return Base(frame, names, texts)


def _is_plain(bound: Mapping[str, tuple[BoundField, ...]], name: str) -> bool:
    """Neither a reference nor a word that only the process explains."""
    first = bound.get(name.partition("~")[0])
    return not _is_reference(bound, name) and not (first and first[0].spec.type in ("stage", "process", "status"))


def _is_reference(bound: Mapping[str, tuple[BoundField, ...]], name: str) -> bool:
    first = bound.get(name.partition("~")[0])
    return first is not None and first[0].spec.type in REFERENCES


def reference(
    file: FileRun, name: str, fields: Mapping[str, Column], alternatives: tuple[BoundField, ...]
) -> pl.Series:
    """Entities of a reference column: the first of its alternatives that names somebody. Unknown ones are noted."""
    kind = _kind_of(alternatives)
    columns = [fields[one] for one in names_of(name, alternatives) if one in fields]
    entities: pl.Series | None = None
    missing: tuple[BoundField, pl.Series, pl.Series] | None = None
    for spec, column in zip(alternatives, columns, strict=False):
        if spec.spec.type == "price":
            found = Resolved(product_of_price(file, column.values), pl.Series([], dtype=pl.String))
        else:
            found = file.book(kind).resolve(column.values)
        entities = found.entities if entities is None else pl.select(pl.coalesce(entities, found.entities)).to_series()
        if len(found.unknown) and missing is None:
            missing = (spec, column.values, found.unknown)
    assert entities is not None
    if missing is None:
        return entities
    spec, texts, unknown = missing
    taken = _confirmed(file, kind, spec, unknown)
    if taken:
        entities = _fill(entities, texts, taken)
    _note_unknown(file, name, kind, spec, texts, entities)
    return entities


def names_of(name: str, alternatives: tuple[BoundField, ...]) -> list[str]:
    """Names of the typed columns of a reference: `owner`, `owner~2`."""
    return [name, *(f"{name}~{n}" for n in range(2, len(alternatives) + 1))]


def _kind_of(alternatives: tuple[BoundField, ...]) -> str:
    return "product" if alternatives[0].spec.type == "price" else alternatives[0].spec.type


def ask_about(file: FileRun, name: str, fields: Mapping[str, Column], alternatives: tuple[BoundField, ...]) -> None:
    """Offer likely matches for the different texts of a reference; nothing else comes of it."""
    kind = _kind_of(alternatives)
    for spec, one in zip(alternatives, names_of(name, alternatives), strict=True):
        texts = fields[one].values.drop_nulls()
        unknown = texts if spec.spec.type == "price" else file.book(kind).resolve(texts).unknown
        if spec.spec.type == "price":
            unknown = texts.filter(product_of_price(file, texts).is_null())
        if len(unknown):
            _confirmed(file, kind, spec, unknown)
            return


def _fill(entities: pl.Series, texts: pl.Series, taken: Mapping[str, int]) -> pl.Series:
    worded = texts.replace_strict(dict(taken), default=None, return_dtype=pl.Int64)
    return pl.select(pl.coalesce(entities, worded)).to_series()


def _confirmed(file: FileRun, kind: str, spec: BoundField, unknown: pl.Series) -> dict[str, int]:
    """Spellings that a person confirms, now or by `--yes`; each becomes an alias of the source."""
    taken: dict[str, int] = {}
    for text in unknown.head(2000):
        entity = _said_by_person(file, kind, text)
        if entity is not None:
            taken[text] = entity
    for near in file.book(kind).suggest(text for text in unknown if text not in taken):
        key = f"{kind}:{near.text}"
        if not near.clear or (file.call.spellings_open and answer_of(file.call.decide, key) is None):
            continue
        answer = file.ask(
            Decision(
                key,
                "alias",
                None,
                {near.name: near.score},
                None,
                (near.name, _NOBODY),
                _question(spec, near),
            ),
            suggested=near.name if near.score >= _TAKEN else None,
        )
        if answer is not None and normalise(answer) == normalise(near.name):
            taken[near.text] = near.entity
    _keep(file, kind, taken)
    return taken


def _keep(file: FileRun, kind: str, taken: Mapping[str, int]) -> None:
    """Confirmed spellings become aliases of the source."""
    if file.call.plans:
        told = {normalise(text): entity for text, entity in taken.items()}
        file.call.unwritten.aliases.setdefault((file.source.pk, kind), {}).update(told)
        return
    for text, entity in taken.items():
        save_alias(source=file.source, kind=kind, text_key=normalise(text), entity=entity)


def _said_by_person(file: FileRun, kind: str, text: str) -> int | None:
    answer = answer_of(file.call.decide, f"{kind}:{text}")
    if answer is None or answer == _NOBODY:
        return None
    book = file.book(kind)
    entity: int | None = book.resolve(pl.Series([answer])).entities[0]
    entity = book.by_number(answer) if entity is None else entity
    if entity is None:
        raise _nobody(file, kind, text, answer)
    file.tell(f"{kind}:{text}", "alias", answer, by="person")
    return entity


def _nobody(file: FileRun, kind: str, text: str, answer: str) -> WrongUse:
    shared = file.book(kind).sharing(answer)
    if not shared:
        return WrongUse(f'--decide "{kind}:{text}={answer}": no {kind} is known as "{answer}".')
    numbers = [spell(kind, one) for one in shared]
    return WrongUse(
        f'--decide "{kind}:{text}={answer}": "{answer}" is the name of {" and ".join(numbers)}.',
        hint=f'Say which one by its number: --decide "{kind}:{text}={numbers[0]}".',
    )


def _question(spec: BoundField, near: Suggestion) -> str:
    return f'Column "{spec.label}": is "{near.text}" the {near.kind} "{near.name}" ({spell(near.kind, near.entity)})?'


def _note_unknown(file: FileRun, name: str, kind: str, spec: BoundField, texts: pl.Series, entities: pl.Series) -> None:
    level = "error" if spec.spec.required else "warning"
    rows = file.rows(texts).with_columns(entities.alias("entity"))
    rows = rows if spec.spec.required else file.kept(rows)  # a rejected row is mended first
    unknown = rows.filter(pl.col("value").is_not_null() & pl.col("entity").is_null())
    if unknown.is_empty():
        return
    file.whole.unresolved = True
    hint = (
        f"Import the file of its {_PLURAL.get(kind, kind + 's')} first, correct the spelling, "
        f'or confirm it with --decide "{kind}:TEXT=NAME".'
    )
    near = file.book(kind).suggest(unknown["value"].unique(maintain_order=True).head(50))
    if near:
        hint += " Perhaps: " + ", ".join(f'"{one.text}" is "{one.name}"' for one in near[:3]) + "."
    hint += _which(file, kind, unknown["value"].unique(maintain_order=True).head(50))
    file.note(f"unknown_{kind}", level, unknown, field_name=name, column=spec.label, hint=hint)


def _which(file: FileRun, kind: str, texts: Iterable[str]) -> str:
    """Names that several share, with the numbers that tell them apart."""
    shared = [(text, file.book(kind).sharing(text)) for text in texts]
    told = [
        f'"{text}" is the name of {" and ".join(spell(kind, one) for one in them)}' for text, them in shared if them
    ]
    return f" {', '.join(told[:3])}: say which one by its number." if told else ""


_PLURAL = {"person": "people", "territory": "territories"}


def about(file: FileRun, fields: Mapping[str, Column], alternatives: tuple[BoundField, ...]) -> dict[str, pl.Series]:
    """What an activity is about: the ids of the column are looked for among deals, leads, contacts and accounts."""
    names = ["about", *(f"about~{n}" for n in range(2, len(alternatives) + 1))]
    columns = [fields[name].values for name in names if name in fields]
    found = {
        kind: pl.select(pl.coalesce(*(file.book(kind).by_id(texts) for texts in columns))).to_series()
        for kind in ("deal", "lead", "contact", "account")
    }
    named = pl.select(pl.any_horizontal(texts.is_not_null() for texts in columns)).to_series()
    nobody = named & pl.select(pl.all_horizontal(one.is_null() for one in found.values())).to_series()
    lost = file.rows(pl.select(pl.coalesce(columns)).to_series()).filter(nobody)
    if lost.height:
        file.whole.unresolved = True
    hint = "Kept without it. Import the file of the deals, leads, contacts or accounts first."
    file.note("unknown_about", "warning", lost, field_name="about", column=alternatives[0].label, hint=hint)
    return found


def product_of_price(file: FileRun, texts: pl.Series) -> pl.Series:
    """Products by the id of their price entry."""
    prices = file.book("price").by_id(texts)
    told = state_of(KINDS["price"], prices.drop_nulls()).select("entity", "product")
    return pl.DataFrame({"entity": prices}).join(told, on="entity", how="left", maintain_order="left")["product"]


def without_key(file: FileRun, frame: pl.DataFrame) -> None:
    """Reject rows of the main object that nothing tells apart: they are never taken for known ones."""
    blank = file.kept(frame).filter(pl.col("key").is_null())
    file.note("key_missing", "error", blank, field_name="key", hint="Without a key no row is told from others.")


def required(file: FileRun, frame: pl.DataFrame, names: list[str]) -> None:
    """Reject rows without a value that the record cannot be without."""
    for name in names:
        if name in frame.columns:
            blank = file.kept(frame).filter(pl.col(name).is_null())
            file.note("required_missing", "error", blank, field_name=name, hint=f"A row needs its {name}.")


def day_only(fields: Mapping[str, Column], name: str) -> pl.Series | None:
    """Where an instant column had no time of day."""
    column: Any = fields.get(name)
    return None if column is None else column.day_only
