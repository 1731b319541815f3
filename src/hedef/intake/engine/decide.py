"""Ambiguities are decided per column by evidence in the whole file, else asked; never guessed per cell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from hedef.intake.engine.evidence import (
    Proof,
    merged,
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


type Evidence = Mapping[tuple[str, str], Proof]  # (what, column) -> what its texts prove


def decide_table(
    table: TextTable, bound: Bound, *, person: Mapping[str, str] | None = None, saved: Sequence[Decision] = ()
) -> Decided:
    """Decide every bound column of a table; `gather` and `decide` in one."""
    return decide(gather(table, bound), bound, table.sniffed.file_name, person=person, saved=saved)


def gather(table: TextTable, bound: Bound) -> Evidence:
    """What every bound column of a table (or of a part of one) proves."""
    nulls = bound.mapping.hidden_nulls
    found: dict[tuple[str, str], Proof] = {}
    for one in distinct_columns(bound):
        for what, types, prove in _PROVERS:
            if one.spec.type in types and (what, one.columns[0]) not in found:
                found[what, one.columns[0]] = _moved(prove(table.frame[one.columns[0]], nulls), table.first_row - 1)
    return found


def merge(first: Evidence, then: Evidence) -> Evidence:
    """The evidence of two parts in their order; equal to that of both read as one."""
    return {place: merged(proof, then[place]) for place, proof in first.items()}


def decide(
    evidence: Evidence,
    bound: Bound,
    file_name: str,
    *,
    person: Mapping[str, str] | None = None,
    saved: Sequence[Decision] = (),
) -> Decided:
    """Decide every bound column of a file by the evidence of all its rows.

    `person` answers questions by column (`{"Closing Date": "m/d"}`, header compared folded); `saved` are the decisions
    of the last import of this source. Order: person, evidence, sibling columns, mapping (`saved` counts as mapping),
    question.
    """
    answers = _Answers(person or {}, saved)
    columns = distinct_columns(bound)
    found: list[Decision] = []
    found += _date_orders(evidence, [one for one in columns if one.spec.type in _DATES], answers)
    found += _decimal_marks(evidence, [one for one in columns if one.spec.type in _NUMBERS], answers)
    found += _scales(evidence, [one for one in columns if one.spec.type == "percent"], answers)
    found += _precisions(evidence, [one for one in columns if one.spec.type == "instant"], answers)
    found += _booleans(evidence, [one for one in columns if one.spec.type == "boolean"])
    return Decided(tuple(found), tuple(_mixed_issues(found, file_name)))


_PROVERS: tuple[tuple[str, tuple[str, ...], Callable[[pl.Series, tuple[str, ...]], Proof]], ...] = (
    ("date_order", _DATES, prove_date_order),
    ("decimal_mark", _NUMBERS, prove_decimal_mark),
    ("scale", ("percent",), prove_scale),
    ("precision", ("instant",), prove_precision),
    ("boolean", ("boolean",), prove_boolean),
)


def _moved(proof: Proof, rows: int) -> Proof:
    """Row numbers of a part as those of its file."""
    if not rows:
        return proof
    moved = {answer: {text: row + rows for text, row in texts.items()} for answer, texts in proof.examples.items()}
    return replace(proof, examples=moved)


class _Answers:
    """What a person or an earlier import said about a column."""

    def __init__(self, person: Mapping[str, str], saved: Sequence[Decision]) -> None:
        self._person = {(fold(column), _WHAT_OF.get(value, "")): value for column, value in person.items()}
        self._saved = {(fold(one.column), str(one.what)): one.value for one in saved if one.value is not None}

    def person(self, column: str, what: str) -> str | None:
        return self._person.get((fold(column), what))

    def saved(self, column: str, what: str) -> str | None:
        return self._saved.get((fold(column), what))


def distinct_columns(bound: Bound) -> list[BoundField]:
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


def _date_orders(evidence: Evidence, columns: Sequence[BoundField], answers: _Answers) -> list[Decision]:
    names = list(dict.fromkeys(one.columns[0] for one in columns))
    mapped = {one.columns[0]: one.spec.order for one in columns if one.spec.order is not None}
    proofs = {name: evidence["date_order", name] for name in names}
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


def _decimal_marks(evidence: Evidence, columns: Sequence[BoundField], answers: _Answers) -> list[Decision]:
    """Each column by its own marks, else by the others of the file; a column without marks needs none."""
    names = list(dict.fromkeys(one.columns[0] for one in columns))
    mapped = {one.columns[0]: one.spec.decimal for one in columns if one.spec.decimal is not None}
    proofs = {name: evidence["decimal_mark", name] for name in names}
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
    text, row = next(iter(proof.examples.get("either", {}).items()), ("", 0))
    if not row:
        return f'Column "{name}": choose the decimal mark "." or ",".'
    return f'Column "{name}" row {row}: is "{text}" more than a thousand or less? Choose the decimal mark "." or ",".'


def _scales(evidence: Evidence, columns: Sequence[BoundField], answers: _Answers) -> list[Decision]:
    return [
        _decision(
            name, "scale", proof, answers, one.spec.scale, None,
            f'Column "{name}": all values lie between 0 and 1. Are they per cent or fractions?',
        )
        for one in columns
        if (proof := evidence["scale", (name := one.columns[0])]).needed
    ]  # fmt: skip


def _precisions(evidence: Evidence, columns: Sequence[BoundField], answers: _Answers) -> list[Decision]:
    decisions = []
    for one in columns:
        name = one.columns[0]
        proof = evidence["precision", name]
        if not proof.needed:
            continue
        days = proof.counts["day"] * 100 >= DAY_SHARE * sum(proof.counts.values())
        said = answers.person(name, "precision")
        value = said or ("day" if days else "instant")
        decisions.append(
            Decision(name, "precision", value, proof.counts, "person" if said else "evidence", ("day", "instant"))
        )
    return decisions


def _booleans(evidence: Evidence, columns: Sequence[BoundField]) -> list[Decision]:
    return [
        Decision(name, "boolean", "blank_is_false", proof.counts, "evidence", ("blank_is_false",))
        for one in columns
        if (proof := evidence["boolean", (name := one.columns[0])]).needed
    ]
