"""Fields of a company's own, compared name by name: a file speaks of those that it has columns for alone."""

import json

import polars as pl

from hedef.intake.engine.custom import FIELD, PREFIX
from hedef.intake.run.call import FileRun
from hedef.records.engine.kinds import Kind

type Said = dict[str, str]


def names_in(file: FileRun, kind: Kind) -> frozenset[str]:
    """Names of the own fields that the file has columns for, in its records of a kind."""
    bound = file.sheet.bound
    parts = [part.fields for part in bound.also if part.object == kind.name]
    parts += [bound.fields] if file.sheet.object == kind.name else []
    return frozenset(name.removeprefix(PREFIX) for fields in parts for name in fields if name.startswith(PREFIX))


def together(
    changed: pl.DataFrame, spoken: pl.DataFrame, ours: pl.DataFrame, names: frozenset[str], *, source_wins: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows whose `extra` is what the record shall hold, and what the source said of it, for `plan.compare`.

    changed: `entity`, `speaker`, `extra` as the file says it; spoken, ours: `entity` and `extra`. A name that the
    source has not changed keeps what the record holds, and so does one that was changed here where it does not win.
    """
    before, now = _texts(spoken), _texts(ours)
    held = [now.get(entity) for entity in changed["entity"]]
    pairs = zip(changed[FIELD], changed["speaker"], held, strict=True)
    told = [_merged(_read(new), _read(before.get(one)), _read(mine), names, source_wins) for new, one, mine in pairs]
    rows = changed.with_columns(pl.Series(FIELD, [_spelled(one) for one in told], dtype=pl.String))
    mine = pl.DataFrame({"entity": changed["speaker"], FIELD: pl.Series(held, dtype=pl.String)}).unique("entity")
    return rows, spoken.drop(FIELD, strict=False).join(mine, on="entity", how="left", maintain_order="left")


def _merged(new: Said, said: Said, mine: Said, names: frozenset[str], source_wins: bool) -> Said:
    kept = dict(mine)
    for name in names:
        value, former, held = new.get(name), said.get(name), mine.get(name)
        if value in (former, held) or not (source_wins or held == former):
            continue
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value
    return kept


def _texts(frame: pl.DataFrame) -> dict[int, str | None]:
    return dict(frame.select("entity", FIELD).iter_rows()) if FIELD in frame.columns else {}


def _read(text: str | None) -> Said:
    told: Said = json.loads(text) if text else {}
    return told


def _spelled(said: Said) -> str | None:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else None
