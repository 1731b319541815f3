"""Wrong rows: whoever sees one says what is wrong and what is right; operations correct it or say why not."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from hedef.intake.models import DataFix
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import parse, spell
from hedef.kernel.instants import iso
from hedef.kernel.money import format_minor
from hedef.kernel.scope import Scope
from hedef.ledger.acts import ERASABLE
from hedef.records.engine.kinds import KINDS
from hedef.records.queries import kind_of, rows
from hedef.records.services import change, correct, read_fields


def ask_fix(*, about: str, field: str, right: str, sentence: str, actor: str, scope: Scope, now_us: int) -> DataFix:
    """Say that a value of a record is wrong. `about` is an id such as D-17, `right` the value as a person writes it.

    NotFound for a record that the asker does not see; WrongUse for an unknown field, a value that cannot be read, and
    without a sentence that says why.
    """
    kind, entity = _record(about)
    row = next(iter(rows(kind, entities=[entity], scope=scope)), None)
    if row is None:
        raise NotFound(f"There is no record {about}.", hint="Open it first: its page has the id.")
    if not sentence.strip():
        raise WrongUse("Say in a sentence what is wrong.", hint="For example: the customer signed on 3 November.")
    typed = read_fields(kind, entity, {field: right})
    was = _shown(row, next(iter(typed)))
    if row[next(iter(typed))] == next(iter(typed.values())):
        raise WrongUse(f"{field} of {about} is {was or 'empty'} already.", hint="Say the value that is right.")
    return DataFix.objects.create(
        kind=kind,
        entity=entity,
        field=field,
        was=was[:500],
        right=right.strip()[:500],
        sentence=sentence.strip()[:1000],
        asked_by=actor,
        asked_us=now_us,
    )


def accept_fix(number: int, *, actor: str, now_us: int) -> DataFix:
    """Correct the record as asked: a batch of kind `correct` whose reason is the sentence of the request.

    A field that was never set is set now. Refused for a request that was answered before.
    """
    with transaction.atomic():
        fix = _open(number)
        fields = read_fields(fix.kind, fix.entity, {fix.field: fix.right})
        reason = f"data fix {fix.pk}, asked by {fix.asked_by}"
        if fix.kind not in ERASABLE and fix.kind != "activity":  # a reason stays when words are erased
            reason += f": {fix.sentence}"
        try:
            batch = correct(kind=fix.kind, entity=fix.entity, fields=fields, actor=actor, reason=reason).batch
        except WrongUse:
            number_of = change(
                kind=fix.kind, entity=fix.entity, fields=fields, effective_us=now_us, actor=actor, reason=reason
            )
            batch = number_of[0]
        return _answered(fix, DataFix.State.ACCEPTED, actor, now_us, batch=batch)


def refuse_fix(number: int, *, answer: str, actor: str, now_us: int) -> DataFix:
    """Leave the record as it is, and tell the asker why. WrongUse without a sentence."""
    if not answer.strip():
        raise WrongUse("Say in a sentence why it stays as it is.", hint="The asker reads it.")
    with transaction.atomic():
        return _answered(_open(number), DataFix.State.REFUSED, actor, now_us, answer=answer.strip()[:1000])


def fixes(*, actor: str | None = None, only_open: bool = False, last: int = 200) -> list[DataFix]:
    """Requests, open ones first, then the newest; of one asker or of everybody."""
    found = DataFix.objects.all() if actor is None else DataFix.objects.filter(asked_by=actor)
    if only_open:
        found = found.filter(state=DataFix.State.OPEN)
    told = list(found.order_by("-pk")[:last])
    return sorted(told, key=lambda one: (one.state != DataFix.State.OPEN, -one.pk))


def fix_json(one: DataFix) -> dict[str, Any]:
    return {
        "fix": one.pk,
        "about": spell(one.kind, one.entity),
        "field": one.field,
        "was": one.was or None,
        "right": one.right or None,
        "sentence": one.sentence,
        "state": one.state,
        "asked_by": one.asked_by,
        "asked_at": iso(one.asked_us),
        "answered_by": one.answered_by or None,
        "answered_at": None if one.answered_us is None else iso(one.answered_us),
        "answer": one.answer or None,
        "batch": None if one.batch is None else f"B-{one.batch}",
    }


def fields_of(about: str) -> Sequence[str]:
    """Fields of a record that a request may name."""
    kind, _ = _record(about)
    names = [name.removesuffix("_minor") for name in KINDS[kind].names]
    return [
        name
        for name in names
        if name not in ("splits", "extra", "exit_checks", "exit_words", "process", "stage", "status")
    ]


def kind_named(about: str) -> str:
    """The kind of the record that an id names. WrongUse, NotFound as `fields_of`."""
    return _record(about)[0]


def _record(about: str) -> tuple[str, int]:
    try:
        _, entity = parse(about.strip())
    except ValueError as fault:
        raise WrongUse(f'"{about}" is no id of a record.', hint="Write it as D-17.") from fault
    kind = kind_of(entity)
    if kind is None or kind not in KINDS:
        raise NotFound(f"There is no record {about}.", hint="Open it first: its page has the id.")
    return kind, entity


def _shown(row: Any, field: str) -> str:
    value = row[field]
    if value is None:
        return ""
    if field.endswith("_minor") and row.get("currency"):
        return format_minor(value, row["currency"])
    refers = next((one.refers for one in KINDS[str(kind_of(row["entity"]))].fields if one.name == field), None)
    return spell(refers, value) if refers else str(value)


def _open(number: int) -> DataFix:
    fix = DataFix.objects.select_for_update().filter(pk=number).first()
    if fix is None:
        raise NotFound(f"There is no request {number}.", hint="The page of wrong rows lists them.")
    if fix.state != DataFix.State.OPEN:
        raise Refused(f"Request {number} is {fix.state} already, by {fix.answered_by}.", code="wrong_state")
    return fix


def _answered(
    fix: DataFix, state: str, actor: str, now_us: int, *, answer: str = "", batch: int | None = None
) -> DataFix:
    fix.state, fix.answered_by, fix.answered_us, fix.answer, fix.batch = state, actor, now_us, answer, batch
    fix.save()
    return fix
