"""Ambiguities are decided per column by evidence in the whole file, else asked; never guessed per cell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from hedef.intake.engine.evidence import (
    Proof,
    prove_boolean,
    prove_date_order,
    prove_decimal_mark,
    prove_precision,
    prove_scale,
)
from hedef.intake.engine.headers import fold
from hedef.intake.engine.shapes import Bound, BoundField, Decision, TextTable
from hedef.intake.schema import FieldMap
from hedef.kernel.issue import Issue, Source

DAY_SHARE = 99  # per cent of midnights that make a time column a day column
_WHAT_OF = {"d/m": "date_order", "m/d": "date_order", ".": "decimal_mark", ",": "decimal_mark", "percent": "scale",
            "fraction": "scale", "day": "precision", "instant": "precision"}  # fmt: skip
_DATES = ("date", "instant")
_NUMBERS = ("money", "number", "integer", "percent")
_INSTANT = FieldMap(type="instant")


@dataclass(frozen=True)
class Decided:
    """All decisions of a file. `questions` must be answered by a person before anything is read."""

    decisions: tuple[Decision, ...]
    issues: tuple[Issue, ...] = ()

    def value(self, column: str, what: str) -> str | None:
        """The answer for a column, none when nothing needed deciding or it is still a question."""
        return next((one.value for one in self.decisions if one.column == column and one.what == what), None)

    @property
    def questions(self) -> tuple[Decision, ...]:
        return tuple(one for one in self.decisions if one.undecided)


def decide_table(
    table: TextTable, bound: Bound, *, person: Mapping[str, str] | None = None, saved: Sequence[Decision] = ()
) -> Decided:
    """Decide every bound column of a table.

    `person` answers questions by column (`{"Closing Date": "m/d"}`, header compared folded); `saved` are the decisions
    of the last import of this source. Order: person, evidence, sibling columns, mapping (`saved` counts as mapping),
    question.
    """
    answers = _Answers(person or {}, saved)
    columns = _distinct(bound)
    nulls = bound.mapping.hidden_nulls
    found: list[Decision] = []
    found += _date_orders(table, [one for one in columns if one.spec.type in _DATES], answers, nulls)
    found += _decimal_marks(table, [one for one in columns if one.spec.type in _NUMBERS], answers, nulls)
    found += _scales(table, [one for one in columns if one.spec.type == "percent"], answers, nulls)
    found += _precisions(table, [one for one in columns if one.spec.type == "instant"], answers, nulls)
    found += _booleans(table, [one for one in columns if one.spec.type == "boolean"], nulls)
    return Decided(tuple(found), tuple(_mixed_issues(found, table.sniffed.file_name)))


class _Answers:
    """What a person or an earlier import said about a column."""

    def __init__(self, person: Mapping[str, str], saved: Sequence[Decision]) -> None:
        self._person = {(fold(column), _WHAT_OF.get(value, "")): value for column, value in person.items()}
        self._saved = {(fold(one.column), str(one.what)): one.value for one in saved if one.value is not None}

    def person(self, column: str, what: str) -> str | None:
        return self._person.get((fold(column), what))

    def saved(self, column: str, what: str) -> str | None:
        return self._saved.get((fold(column), what))


def _distinct(bound: Bound) -> list[BoundField]:
    """One reading per column and type; constants and joined columns need no decision."""
    first: dict[tuple[str, str], BoundField] = {}
    for one in bound.all_fields():
        if len(one.columns) == 1:
            first.setdefault((one.columns[0], one.spec.type), one)
    for stage in bound.history.stages if bound.history else ():
        first.setdefault((stage.column, "instant"), BoundField(stage.column, _INSTANT, (stage.column,)))
    return list(first.values())


def _decision(
    column: str, what: str, proof: Proof, answers: _Answers, mapped: str | None, sibling: str | None, question: str
) -> Decision:
    proven = proof.answers[0] if len(proof.answers) == 1 else None
    mixed = len(proof.answers) > 1
    earlier = answers.saved(column, what) or mapped
    options = tuple(proof.counts)
    if (said := answers.person(column, what)) is not None:
        return Decision(column, what, said, proof.counts, "person", options)  # type: ignore[arg-type]
    if proven is not None:
        return Decision(column, what, proven, proof.counts, "evidence", options)  # type: ignore[arg-type]
    if sibling is not None and not mixed:
        return Decision(column, what, sibling, proof.counts, "evidence", options)  # type: ignore[arg-type]
    if earlier is not None:
        return Decision(column, what, earlier, proof.counts, "mapping", options)  # type: ignore[arg-type]
    return Decision(column, what, None, proof.counts, None, options, question)  # type: ignore[arg-type]


# --- dates ---------------------------------------------------------------------------------------------------------


def _date_orders(
    table: TextTable, columns: Sequence[BoundField], answers: _Answers, nulls: tuple[str, ...]
) -> list[Decision]:
    names = list(dict.fromkeys(one.columns[0] for one in columns))
    mapped = {one.columns[0]: one.spec.order for one in columns if one.spec.order is not None}
    proofs = {name: prove_date_order(table.frame[name], nulls) for name in names}
    return [
        _decision(
            name,
            "date_order",
            proof,
            answers,
            mapped.get(name),
            _sibling_order(name, proofs),
            _order_question(name, proof),
        )
        for name, proof in proofs.items()
        if proof.needed
    ]


def _sibling_order(name: str, proofs: Mapping[str, Proof]) -> str | None:
    """The order that columns of the same shape prove, when they all prove the same one."""
    shapes = proofs[name].shapes
    proven = {
        proof.answers[0]
        for other, proof in proofs.items()
        if other != name and proof.shapes & shapes and len(proof.answers) == 1
    }
    return proven.pop() if len(proven) == 1 else None


def _order_question(name: str, proof: Proof) -> str:
    if len(proof.answers) > 1:
        rows = "; ".join(f"{order} in rows {', '.join(map(str, proof.rows[order]))}" for order in proof.answers)
        return f'Column "{name}" mixes two date orders ({rows}). Choose one; the other rows are rejected.'
    return f'Column "{name}": nothing in the file says whether the day or the month comes first. Choose d/m or m/d.'


def _mixed_issues(decisions: Iterable[Decision], file: str) -> Iterable[Issue]:
    for one in decisions:
        if one.what == "date_order" and all(one.proof.values()):
            shown = ", ".join(f"{count} as {order}" for order, count in one.proof.items())
            message = f'{file}, column "{one.column}": dates in two orders ({shown}).'
            yield Issue("mixed_date_order", "warning", message, Source(file, None, one.column), None, one.message)
        elif one.what == "date_order" and one.undecided:
            message = f'{file}, column "{one.column}": the date order is not decided.'
            hint = f'Answer with --decide "{one.column}=d/m" or --decide "{one.column}=m/d".'
            yield Issue("undecided_date_order", "error", message, Source(file, None, one.column), None, hint)


# --- numbers -------------------------------------------------------------------------------------------------------


def _decimal_marks(
    table: TextTable, columns: Sequence[BoundField], answers: _Answers, nulls: tuple[str, ...]
) -> list[Decision]:
    """Each column by its own marks, else by the others of the file; a column without marks needs none."""
    names = list(dict.fromkeys(one.columns[0] for one in columns))
    mapped = {one.columns[0]: one.spec.decimal for one in columns if one.spec.decimal is not None}
    proofs = {name: prove_decimal_mark(table.frame[name], nulls) for name in names}
    decisions = []
    for name, proof in proofs.items():
        others = {mark for other, one in proofs.items() if other != name for mark in one.answers}
        sibling = others.pop() if len(others) == 1 else None
        if proof.needed:
            question = _mark_question(name, proof)
            decisions.append(_decision(name, "decimal_mark", proof, answers, mapped.get(name), sibling, question))
    return decisions


def _mark_question(name: str, proof: Proof) -> str:
    if len(proof.answers) > 1:
        return f'Column "{name}" uses both "." and "," as decimal mark. Choose one; the other rows are rejected.'
    return f'Column "{name}": is "1.234" one thousand or one and a bit? Choose the decimal mark "." or ",".'


def _scales(
    table: TextTable, columns: Sequence[BoundField], answers: _Answers, nulls: tuple[str, ...]
) -> list[Decision]:
    return [
        _decision(
            name, "scale", proof, answers, one.spec.scale, None,
            f'Column "{name}": all values lie between 0 and 1. Are they per cent or fractions?',
        )
        for one in columns
        if (proof := prove_scale(table.frame[(name := one.columns[0])], nulls)).needed
    ]  # fmt: skip


def _precisions(
    table: TextTable, columns: Sequence[BoundField], answers: _Answers, nulls: tuple[str, ...]
) -> list[Decision]:
    return _by_majority(table, columns, answers, lambda texts: prove_precision(texts, nulls))


def _by_majority(
    table: TextTable, columns: Sequence[BoundField], answers: _Answers, prove: Callable[[pl.Series], Proof]
) -> list[Decision]:
    decisions = []
    for one in columns:
        name = one.columns[0]
        proof = prove(table.frame[name])
        if not proof.needed:
            continue
        days = proof.counts["day"] * 100 >= DAY_SHARE * sum(proof.counts.values())
        said = answers.person(name, "precision")
        value = said or ("day" if days else "instant")
        decisions.append(
            Decision(name, "precision", value, proof.counts, "person" if said else "evidence", ("day", "instant"))
        )
    return decisions


def _booleans(table: TextTable, columns: Sequence[BoundField], nulls: tuple[str, ...]) -> list[Decision]:
    return [
        Decision(name, "boolean", "blank_is_false", proof.counts, "evidence", ("blank_is_false",))
        for one in columns
        if (proof := prove_boolean(table.frame[(name := one.columns[0])], nulls)).needed
    ]
