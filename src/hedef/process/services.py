"""Write verbs on deals in their process. Faces check rights and scope; what two people did at once is refused."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from hedef.facts.queries import calendar
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.money import is_currency
from hedef.ledger.services import writing
from hedef.process.engine.moves import Move, fields_of_move, known_stage
from hedef.process.engine.stages import in_force_ranges, moves
from hedef.process.queries import process_in_force
from hedef.process.stages import approved_versions
from hedef.process.switching import chosen_process, must_fit
from hedef.records import queries as records
from hedef.records.engine.kinds import KINDS
from hedef.records.services import change, create

type Number = tuple[int, int]

EDITABLE = frozenset(
    "name account contact amount_minor currency owner close_on category probability_bp deal_type source competitor "
    "next_step".split()
)
PROCESS_CHANGED = "process changed"


def move_deal(
    *,
    deal: int,
    stage: str,
    actor: str,
    at_us: int,
    based_on: Number | None = None,
    lost_reason: str | None = None,
    reason: str = "",
    fields: Mapping[str, Any] | None = None,
) -> Number:
    """Move a deal to a stage of its process: stage, status and closing in one change. Answers its newest change.

    `based_on` is the newest change the person had seen; who moved or closed it since is named in the refusal. `reason`
    is kept with the change and is the sentence of the lost reason `other`. `fields` of EDITABLE, such as the amount
    that was signed, become true in the same change. NotFound, WrongUse, Refused.
    """
    row = _deal(deal)
    told = dict(fields or {})
    _check_fields(row, told)
    day = calendar().day_of(at_us)
    if not row["process"]:
        raise Refused(f"{spell('deal', deal)} is in no process, so it has no stages.", hint="Give it a process first.")
    document = process_in_force(row["process"], day=day).document
    told |= fields_of_move(document, Move({**row, **told}, stage, at_us, day, lost_reason=lost_reason, sentence=reason))
    return change(
        kind="deal", entity=deal, fields=told, effective_us=at_us, actor=actor, reason=reason, based_on=based_on
    )


def open_deal(
    *,
    fields: Mapping[str, Any],
    process: str | None,
    stage: str | None,
    actor: str,
    at_us: int,
    reason: str = "",
) -> int:
    """A new deal in an open stage of a process, with a name and fields of EDITABLE. Answers its number.

    Without a process the one takes it whose `chosen_when` fits, without a stage its first open one. NotFound, WrongUse;
    Refused where conditions give the deal to none, to several, or to another process than the named one.
    """
    if not str(fields.get("name") or "").strip():
        raise WrongUse("A deal needs a name.", hint="Say what is sold to whom.")
    _check_fields({"currency": None}, fields)
    day = calendar().day_of(at_us)
    if process is None:
        process = chosen_process(fields_then(fields, at_us), day=day)
    else:
        must_fit(process, fields_then(fields, at_us), day=day)
    document = process_in_force(process, day=day).document
    target = known_stage(document, stage) if stage else next(one for one in document.stages if one.category == "open")
    if target.category not in {"open", "hold"}:
        raise WrongUse(f"A new deal starts in an open stage, not in {target.id}.", hint="Close it once it stands.")
    start = {"process": process, "stage": target.id, "status": target.category, "created_us": at_us}
    return create(kind="deal", fields={**fields, **start}, effective_us=at_us, actor=actor, reason=reason)


def fields_then(fields: Mapping[str, Any], at_us: int) -> dict[str, Any]:
    """All fields of a deal that is opened now, as conditions read them."""
    return {**dict.fromkeys(KINDS["deal"].names), **fields, "status": "open", "created_us": at_us}


def edit_deal(
    *,
    deal: int,
    fields: Mapping[str, Any],
    actor: str,
    at_us: int,
    based_on: Number | None = None,
    reason: str = "",
) -> Number:
    """Change amount, close date, owner and the other fields of EDITABLE. Answers the deal's newest change.

    Stage and status go through `move_deal`. NotFound, WrongUse; Refused when one of the fields was changed meanwhile.
    """
    _check_fields(_deal(deal), fields)
    return change(
        kind="deal", entity=deal, fields=fields, effective_us=at_us, actor=actor, reason=reason, based_on=based_on
    )


def carry_over(*, process: str, actor: str, today: date) -> int:
    """Move deals that stand in a dropped stage to where the version in force maps it (S11); answers their number.

    The moves are effective on the version's first day with reason `process changed`. Doing it again changes nothing.
    """
    ranges = [one for one in in_force_ranges(approved_versions(process)) if (one.from_day or date.min) <= today]
    moved = 0
    for former, rule in pairwise(ranges):
        targets = moves(former.document, rule.document)
        standing = [row for row in records.rows("deal") if row["process"] == process and row["stage"] in targets]
        if not standing or rule.from_day is None:
            continue
        at_us = calendar().start_us(rule.from_day)
        with writing(kind="edit", actor=actor, reason=PROCESS_CHANGED, object="deal") as batch:
            for row in standing:
                target = rule.document.stage(targets[row["stage"]])
                fields = {"stage": targets[row["stage"]], "status": target.category if target else row["status"]}
                change(
                    kind="deal",
                    entity=row["entity"],
                    fields=fields,
                    effective_us=max(at_us, row["last_effective_us"]),
                    actor=actor,
                    batch=batch,
                )
        moved += len(standing)
    return moved


def _deal(deal: int) -> dict[str, Any]:
    found = records.rows("deal", entities=[deal])
    if not found:
        raise NotFound(f"There is no deal {spell('deal', deal)}.")
    return found[0]


def _check_fields(row: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    strange = sorted(set(fields) - EDITABLE)
    if strange:
        hint = "Move the deal to a stage instead." if {"stage", "status"} & set(strange) else None
        raise WrongUse(f"{', '.join(strange)} of a deal cannot be edited here.", hint=hint)
    _check_money(row, fields)
    for name, kind in (("owner", "person"), ("account", "account")):
        told = fields.get(name)
        if told is not None and not records.rows(kind, entities=[told]):
            raise NotFound(f"There is no {kind} {spell(kind, told)}.")


def _check_money(row: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    currency = fields.get("currency", row["currency"])
    if fields.get("amount_minor") is not None and not currency:
        raise WrongUse("An amount needs its currency.", hint="Give the currency too, such as EUR.")
    if currency and not is_currency(currency):
        raise WrongUse(f'"{currency}" is no currency.', hint="Write an ISO 4217 code such as EUR, TRY or USD.")
