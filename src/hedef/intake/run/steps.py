"""The steps in which a file is imported; each plans one part at a time and says whether there is more."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import polars as pl

from hedef.intake.engine import plan
from hedef.intake.engine.headers import fold
from hedef.intake.engine.shapes import Decision
from hedef.intake.importables import Given, importable
from hedef.intake.run import again, deals, ends, frames, generic, histories, memory, merging, waiting, writer
from hedef.intake.run.call import FileRun
from hedef.intake.run.closing import close_part, close_rows, turn_down
from hedef.intake.run.parts import groups, subset
from hedef.kernel.errors import WrongUse
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.queries import has_keys

# the order in which references need the files of one call
RANK = {
    "stage_list": 0,
    "field_list": 0,
    "activity_type_list": 0,
    "territory": 1,
    "person": 2,
    "team": 3,
    "membership": 4,
    "manager_line": 4,
    "skill": 4,
    "working_time": 4,
    "absence": 4,
    "territory_hold": 5,
    "campaign": 5,
    "account": 6,
    "product": 7,
    "price": 8,
    "contact": 9,
    "deal": 10,
    "deal_line": 11,
    "deal_history": 12,
    "contact_history": 12,
    "contract": 12,
    "lead": 13,
    "activity": 14,
    "order": 15,
    "quote": 15,
    "order_line": 16,
    "invoice": 16,
    "invoice_line": 17,
    "payment": 17,
    "target_line": 17,
    "deal_split": 12,
}
MAIN, REPEATED, CHANGED = "main", "repeated", "changed"
WAITING = waiting.WAITING


@dataclass(frozen=True)
class Step:
    """One step. `plan` takes part `at` (from 0) in hand, fills the file's `writes` and says whether there is more."""

    name: str
    plan: Callable[[FileRun, int], bool]
    needs_batch: bool = field(default=False)  # it writes through a higher room, inside the transaction


def steps_of(file: FileRun, object_: str) -> list[Step]:
    """The steps of a file in their order."""
    reader = file.mapping.reader
    if reader == "stage_list":
        return [Step("lists", lambda run, _: _keep_stages(run))]
    if reader == "options":
        return [Step("lists", lambda run, _: _keep_options(run))]
    if reader in ("whole_row_history", "key_value_log"):
        return [Step("history", _history)]
    if is_handed(object_):
        return [Step("handed", lambda run, _: _hand_up(run, object_), needs_batch=True)]
    also = list(enumerate(file.sheet.bound.also))
    rank = RANK[object_]
    before = [at for at, part in also if RANK.get(part.object, 99) <= rank]
    after = [at for at, _ in also if at not in before]
    steps = [step for at in before for step in _also_steps(file, at)]
    steps += _main_steps(object_)
    steps += [step for at in after for step in _also_steps(file, at)]
    if file.call.options.get("scope", file.mapping.scope) == "full":
        steps.append(Step("gone", lambda run, _: _gone(run, object_)))
    return steps


def is_handed(object_: str) -> bool:
    """Whether rows of an object go to a higher room."""
    return object_ not in RANK or object_ == "target_line" or importable(object_) is not None


def _main_steps(object_: str) -> list[Step]:
    kind = KINDS[object_]
    if object_ in generic.WHOLE:
        return [Step(MAIN, lambda run, at: _gathered(run, at, MAIN, kind)), *_waits(kind, MAIN)]
    return [
        Step(MAIN, lambda run, at: _main(run, at, kind)),
        Step(REPEATED, lambda run, at: _repeated(run, at, kind)),
        Step(CHANGED, lambda run, at: _changed(run, at, kind)),
        *_waits(kind, MAIN),
    ]


def _also_steps(file: FileRun, at: int) -> list[Step]:
    kind, name = KINDS[file.sheet.bound.also[at].object], f"also{at}"
    return [Step(name, lambda run, part: _gathered(run, part, name, kind, also=at)), *_waits(kind, name)]


def _waits(kind: Kind, name: str) -> list[Step]:
    return [Step(f"{WAITING}-{name}", lambda run, at: waiting.plan_lot(run, at, kind, name))]


# --- main records -----------------------------------------------------------------------------------------------------


def _main(file: FileRun, at: int, kind: Kind) -> bool:
    if at == 0:
        file.whole.fresh[kind.name] = not has_keys(file.source, kind.name) and not file.call.unwritten.keys
    part, twice = file.parts.part(at), file.parts.repeated["row"]
    if len(twice):
        alone = ~part.table.row_numbers.is_in(twice.implode())
        part = subset(part, alone.arg_true().cast(pl.Int64))
    file.turn(part)
    _records(file, MAIN, at, kind, fresh=file.whole.fresh[kind.name])
    return at + 1 < file.parts.count


def _repeated(file: FileRun, at: int, kind: Kind) -> bool:
    """Rows of keys that stand in several rows, all rows of a key together: the newest counts, else the last."""
    lots = groups(file.parts.repeated, file.parts.size)
    if not lots:
        file.clear()
        return False
    file.turn(file.parts.rows(lots[at]))
    _records(file, REPEATED, at, kind)
    return at + 1 < len(lots)


def _records(file: FileRun, name: str, at: int, kind: Kind, *, fresh: bool = False) -> None:
    """The rows at hand as records; rows that the vendor marks as deleted end theirs."""
    merged = merging.set_aside(file, kind)
    deleted = ends.deleted_rows(file).filter(~pl.col("row").is_in(merged.implode()))
    file.set_aside.update([*deleted["row"], *merged])
    if kind.name == "deal":
        frame, written = deals.write(file, fresh=fresh)
    else:
        frame, written = _generic(file, kind, fresh=fresh)
    ended = ends.end_deleted(file, kind, deleted)
    _put(file, f"{CHANGED}-{name}", at, written.changed)
    new = frame.filter(pl.col("row").is_in(written.created.implode()))
    waiting.put(file, MAIN, f"{name}-{at:05d}", new, new=True)
    updated = pl.concat([written.updated, ended]).unique(maintain_order=True)
    close_rows(file, name, at, replace(written, updated=updated))


def _generic(file: FileRun, kind: Kind, *, fresh: bool) -> tuple[pl.DataFrame, writer.Written]:
    frame, names = _frame(file, kind)
    file.whole.notes[deals.FIELDS] = names
    rows = generic.rows_of(file, kind, frame, names, fresh=fresh)
    written = writer.write(file, rows)
    file.note_written(written)
    if kind.name == "person":
        generic.note_namesakes(file, frame, written)
    return rows.frame, written


def _frame(file: FileRun, kind: Kind) -> tuple[pl.DataFrame, list[str]]:
    typed = file.sheet.typed
    base = frames.base_frame(file, kind, typed.fields, file.sheet.bound.fields, typed.key)
    frames.without_key(file, base.frame)
    done = typed.fields.get("done")
    frame = base.frame if done is None else base.frame.with_columns(done.values.alias("done"))
    day = frames.day_only(typed.fields, "created_at")
    return generic.plan_rows(file, kind, frame, base.names, created_day=day, texts=base.texts)


def _put(file: FileRun, name: str, at: int, frame: pl.DataFrame) -> None:
    """Rows for a later step; how many stand in each piece is kept with the file."""
    if frame.height:
        piece = f"{name}-{at:05d}"
        file.spool.put(piece, frame)
        file.whole.pieces[piece] = frame.height


def _changed(file: FileRun, at: int, kind: Kind) -> bool:
    """Rows that say something else than before, in lots: what the source said is read once a lot."""
    lots = waiting.lots(file, f"{CHANGED}-")
    file.clear()
    if not lots:
        return False
    found = [frame for name in lots[at] if (frame := file.spool.get(name)) is not None]
    frame = pl.concat(found, how="diagonal_relaxed")
    if kind.name == "deal":
        rows = deals.changed_rows(file, frame)
    else:
        rows = generic.rows_of(file, kind, frame.drop("at_us", "at_precision"), file.whole.notes[deals.FIELDS])
    written, going_on = again.write_changed(file, rows)
    file.note_written(written)
    updated = _with_revived(file, kind, going_on, written.updated)
    counted = frame["row"].is_in(updated.implode())
    waiting.put(file, MAIN, f"{CHANGED}-{at:05d}", frame.with_columns(counted.alias("counted")), new=False)
    file.whole.updated += len(updated)
    close_part(file, CHANGED, at)
    return at + 1 < len(lots)


def _with_revived(file: FileRun, kind: Kind, rows: pl.DataFrame, updated: pl.Series) -> pl.Series:
    """Rows whose record lives again are updates, though they say what they said before it ended."""
    revived = ends.revive(file, kind, rows["entity"])
    back = rows.filter(pl.col("entity").is_in(revived.implode()))["row"]
    return pl.concat([updated, back]).unique(maintain_order=True)


# --- records that are planned when all their rows are known -----------------------------------------------------------


def _gathered(file: FileRun, at: int, name: str, kind: Kind, *, also: int | None = None) -> bool:
    """Other records of the same rows, once a key, and rosters: what moved can only be told from all rows."""
    if at == 0:
        _gather(file, name, kind, also=also)
    else:
        file.clear()
    kept = file.spool.get(f"{name}-kept")
    assert kept is not None
    lot = kept.slice(at * file.parts.size, file.parts.size)
    rows = generic.rows_of(file, kind, lot, file.whole.notes[f"{name}-{deals.FIELDS}"])
    none = rows.frame.clear()
    written = writer.write(file, rows, plan.Duplicates(rows.frame, none, none))
    compared = writer.write_changed(file, replace(rows, frame=written.changed)) if written.changed.height else written
    updated = pl.concat([written.updated, compared.updated]).unique(maintain_order=True)
    if written.changed.height:
        updated = _with_revived(file, kind, written.changed, updated)
        file.note_written(compared)
    if kind.name == "person":
        generic.note_namesakes(file, lot, written)
    _count_gathered(file, kind, lot, written, updated, also=also)
    new = rows.frame.filter(pl.col("row").is_in(written.created.implode()))
    waiting.put(file, name, f"new-{at:05d}", new, new=True)
    counted = written.changed.with_columns(pl.lit(value=True).alias("counted"))
    waiting.put(file, name, f"old-{at:05d}", counted, new=False)
    close_part(file, name, at)
    return (at + 1) * file.parts.size < kept.height


def _count_gathered(
    file: FileRun, kind: Kind, lot: pl.DataFrame, written: writer.Written, updated: pl.Series, *, also: int | None
) -> None:
    if also is None:
        file.whole.created += len(written.created)
        file.whole.updated += len(updated)
    else:
        again = lot.height - len(written.created) - len(updated)
        file.whole.count_also(kind.name, len(written.created), len(updated), again)


def _gather(file: FileRun, name: str, kind: Kind, *, also: int | None) -> None:
    """All rows as one frame, one row a key; kept beside the database so that a resumed import finds the same."""
    found: list[pl.DataFrame] = []
    names: list[str] = []
    for at, part in enumerate(file.parts.each()):
        file.turn(part, counted=also is None)
        if also is not None and not agreed(file, also):
            break
        frame, names = _frame(file, kind) if also is None else _also_frame(file, kind, also)
        found.append(frame)
        _close_gathered(file, name, at, also=also)
    file.clear()
    frame = pl.concat(found, how="diagonal_relaxed") if found else pl.DataFrame(schema={"row": pl.Int64})
    if frame.is_empty():
        frame = frame.with_columns(
            pl.lit(None, dtype=pl.String).alias("key"), pl.lit(None, dtype=pl.Int64).alias("hash")
        )
        file.spool.put(f"{name}-kept", frame)
        file.whole.notes[f"{name}-{deals.FIELDS}"] = []
        return
    frame, names = generic.prepared(file, kind, frame, names)
    settled = writer.settle(generic.rows_of(file, kind, frame, names))
    file.note_written(writer.Written(replaced=settled.replaced.select("row", "key")))
    if also is None:
        file.whole.repeated += settled.replaced.height + settled.equal_copies.height
    file.spool.put(f"{name}-kept", settled.kept.drop("at_us", "at_precision", "parent_us", strict=False))
    file.whole.notes[f"{name}-{deals.FIELDS}"] = names


def _close_gathered(file: FileRun, name: str, at: int, *, also: int | None) -> None:
    if also is None:
        close_rows(file, name, at, writer.Written())
        return
    errors = file.all_findings().filter(pl.col("level") == "error")
    turn_down(file, errors["row"].drop_nulls().to_list())
    close_part(file, name, at)


def _also_frame(file: FileRun, kind: Kind, also: int) -> tuple[pl.DataFrame, list[str]]:
    part, columns = file.sheet.bound.also[also], file.sheet.typed.also[also]
    base = frames.base_frame(file, kind, columns, part.fields, columns["key"].values)
    day = frames.day_only(columns, "created_at")
    return generic.plan_rows(file, kind, base.frame, base.names, created_day=day, texts=base.texts)


def agreed(file: FileRun, also: int) -> bool:
    """A reading that a person confirms first, such as which team a role names."""
    part = file.sheet.bound.also[also]
    supposed = [one for many in part.fields.values() for one in many if one.spec.confirm]
    if not supposed:
        return True
    column = f"{supposed[0].label}: {part.name}"
    known = file.decided(column, "column")
    if known is not None:
        return known.value != "no"
    values = file.parts.sheet.distinct(supposed[0].name, also)
    shown = ", ".join(values.head(5).to_list())
    question = Decision(
        column,
        "column",
        None,
        dict.fromkeys(values.head(20), 0),
        None,
        ("yes", "no"),
        f'Column "{supposed[0].label}" is read as {part.object} ({shown}). Is that right?',
    )
    return file.ask(question, suggested="yes") != "no"


# --- histories, lists, higher rooms -----------------------------------------------------------------------------------


def _history(file: FileRun, at: int) -> bool:
    by_deal = histories.deal_parts(file)
    whole_rows = file.mapping.reader == "whole_row_history"
    if whole_rows and histories.RULE not in file.whole.notes:
        histories.choose_rule(file, by_deal.each())
    file.turn(by_deal.part(at))
    written = histories.write_whole_rows(file) if whole_rows else histories.write_log(file)
    close_rows(file, "history", at, written)
    return at + 1 < by_deal.count


def _keep_stages(file: FileRun) -> bool:
    """A list of stages: what the source's stage ids mean. The process is made when deals first need it."""
    labels: dict[str, str] = {}
    for at, part in enumerate(file.parts.each()):
        file.turn(part)
        fields = part.typed.fields
        labels |= dict(
            pl.DataFrame({"id": fields["id"].values, "name": fields["name"].values}).drop_nulls().iter_rows()
        )
        close_rows(file, "lists", at, writer.Written())
    memory.keep(file, memory.STAGES, {**(memory.recall(file, memory.STAGES) or {}), **labels})
    return False


def _keep_options(file: FileRun) -> bool:
    """Option lists of fields: what their ids mean."""
    found: dict[str, dict[str, str]] = {}
    for at, part in enumerate(file.parts.each()):
        file.turn(part)
        fields = part.typed.fields
        texts = fields["options"].values if "options" in fields else pl.Series([None] * len(fields["id"].values))
        for key, text in zip(fields["id"].values, texts, strict=True):
            if key is not None and text is not None and (labels := _labels(text)):
                found[fold(key)] = labels
        close_rows(file, "lists", at, writer.Written())
    memory.keep(file, memory.OPTIONS, {**(memory.recall(file, memory.OPTIONS) or {}), **found})
    return False


def _labels(text: str) -> dict[str, str]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return {str(one["id"]): str(one["label"]) for one in told if isinstance(one, dict) and {"id", "label"} <= set(one)}


def _gone(file: FileRun, object_: str) -> bool:
    gone, known = ends.missing(file, object_)
    file.clear()
    ends.settle_missing(file, object_, gone, known)
    close_part(file, "gone", 0)
    return False


def _hand_up(file: FileRun, object_: str) -> bool:
    """Rows of a higher room: it takes them under its plan; without a plan they are rejected."""
    file.turn(file.parts.sheet)
    higher = importable(object_)
    needs_plan = higher is None or higher.needs_plan
    written = writer.Written()
    if needs_plan and file.call.plan is None:
        hint = "Name the plan they belong to: --plan ID (or hedef targets import FILE --plan ID)."
        file.note("plan_missing", "error", pl.DataFrame({"row": file.numbers}), hint=hint)
    elif higher is None:
        raise WrongUse(f"{file.sheet.file.name}: nobody here takes rows of {object_}.", code="unknown_object")
    else:
        assert file.batch is not None
        rows = file.kept(_handed(file))
        options = {**file.call.options, "exported_us": file.exported_us}
        taken = higher.take(Given(rows, file.batch, file.call.actor, file.call.plan, options))
        for one in taken.rejected:
            told = pl.DataFrame({"row": [one.row], "value": [one.value]}, schema={"row": pl.Int64, "value": pl.String})
            file.note(one.code, "error", told, field_name=one.field, hint=one.hint)
        created, updated = (pl.Series(rows, dtype=pl.Int64) for rows in (taken.created, taken.updated))
        written = writer.Written(created=created, updated=updated)
    close_rows(file, "handed", 0, written)
    return False


def _handed(file: FileRun) -> pl.DataFrame:
    typed, bound = file.sheet.typed, file.sheet.bound
    columns: dict[str, pl.Series] = {"row": file.numbers, "key": typed.key}
    for name, alternatives in bound.fields.items():
        if alternatives[0].spec.type in frames.REFERENCES:
            columns[name] = frames.reference(file, name, typed.fields, alternatives)
        elif name in typed.fields:
            columns[name] = typed.fields[name].values
            currency = typed.fields[name].currency
            if currency is not None:
                columns[f"{name}_currency"] = currency
    return pl.DataFrame(columns)
