"""Every question of a large file, asked before anything of it is written: from its different values, not its rows."""

from collections.abc import Mapping

import polars as pl

from hedef.intake.engine.shapes import BoundField, Column, Decision
from hedef.intake.run import frames, histories, record_types, stages, steps
from hedef.intake.run.call import FileRun
from hedef.intake.run.sheet import APART, COPIES
from hedef.records.engine.kinds import KINDS

_NO_FINDINGS = pl.DataFrame(schema={"row": pl.Int64, "level": pl.String})


def ask_first(file: FileRun, object_: str) -> None:
    """Aliases, processes, readings to confirm, the order of an instant. What is asked stands in the decisions.

    Records that a step of this very file makes first are not there yet: words that name them ask nothing here.
    """
    reader = file.mapping.reader
    if reader in ("stage_list", "options"):
        return
    copies(file)
    made = {part.object for part in file.sheet.bound.also}
    for at, part in enumerate(file.sheet.bound.also):
        if steps.agreed(file, at):
            _references(file, part.object, part.fields, made, also=at)
    _references(file, object_, file.sheet.bound.fields, made)
    if "stage" in file.sheet.bound.fields and (object_ == "deal" or reader == "whole_row_history"):
        _processes(file)
    if reader == "key_value_log":
        histories.ask(file)
    elif reader == "whole_row_history":
        histories.choose_rule(file, histories.deal_parts(file).each())
    file.clear()


def copies(file: FileRun) -> None:
    """Whether rows that agree in every column are one record exported twice or several records."""
    sheet = file.parts.sheet
    if file.mapping.copies != "ask" or not sheet.bound.key_is_weak:
        return
    if sheet.bound.apart:
        file.tell(COPIES, "copies", APART, by="person")
    elif (number := sheet.repeated().height) and file.decided(COPIES, "copies") is None:
        question = (
            f"{number} rows agree with another one in every column. Are they copies of one record, or records apart?"
        )
        asked = Decision(COPIES, "copies", None, {"equal": number}, None, ("equal", APART), question)
        file.ask(asked, suggested="equal")


def _references(
    file: FileRun,
    object_: str,
    fields: Mapping[str, tuple[BoundField, ...]],
    made: set[str],
    *,
    also: int | None = None,
) -> None:
    for name, alternatives in fields.items():
        kind = alternatives[0].spec.type
        if kind not in frames.REFERENCES or kind in made or (object_ in KINDS and kind == object_):
            continue
        texts = [file.parts.sheet.distinct(one, also) for one in frames.names_of(name, alternatives)]
        height = max(map(len, texts))
        columns = {
            one: Column(words.extend_constant(None, height - len(words)), _NO_FINDINGS)
            for one, words in zip(frames.names_of(name, alternatives), texts, strict=True)
        }
        frames.ask_about(file, name, columns, alternatives)


def _processes(file: FileRun) -> None:
    """The stages that the file names, by pipeline; a process that is not there is made, or its order is asked.

    A history of deals in processes of their own names stages of each of them: they are there, and nothing is asked.
    """
    if file.sheet.bound.history is not None and record_types.kept_apart(file):
        return
    sheet = file.parts.sheet
    name = record_types.pipeline_field(file)
    if name not in sheet.bound.fields:
        labels = sheet.distinct("stage")
        pairs = pl.DataFrame({"label": labels}).with_columns(pl.lit(None, dtype=pl.String).alias("pipeline"))
    else:
        pairs = sheet.pairs(name, "stage").rename({name: "pipeline", "stage": "label"})
    stages.settle(file, stages.chosen(file, stages.with_process(file, pairs)))
