"""A look at a draft as JSON, so that a worker's is shown by a page, and no page looks twice."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from hedef.intake.look import ColumnLook, FileLook, Look, Moved
from hedef.intake.models import TrustState
from hedef.intake.wordings import Spelling, StageWord
from hedef.kernel.errors import HedefError


def as_json(look: Look) -> dict[str, Any]:
    """The look; `look_of` makes it again."""
    return {
        "files": [_file(one) for one in look.files],
        "questions": list(look.questions),
        "answers": list(look.answers),
        "checks": [_state(one) for one in look.checks],
        "moved": [asdict(one) for one in look.moved],
        "stages": [asdict(one) for one in look.stages],
        "spellings": [asdict(one) for one in look.spellings],
        "fault": _fault(look.fault),
    }


def look_of(told: Mapping[str, Any]) -> Look:
    """The way back of `as_json`."""
    return Look(
        files=tuple(_file_of(one) for one in told["files"]),
        questions=tuple(told["questions"]),
        answers=tuple(told["answers"]),
        checks=tuple(TrustState(**one) for one in told["checks"]),
        moved=tuple(Moved(**one) for one in told["moved"]),
        stages=tuple(StageWord(**{**one, "choices": _pairs(one["choices"])}) for one in told["stages"]),
        spellings=tuple(Spelling(**{**one, "choices": _pairs(one["choices"])}) for one in told["spellings"]),
        fault=_fault_of(told["fault"]),
    )


def _pairs(told: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((value, text) for value, text in told)


def _file(one: FileLook) -> dict[str, Any]:
    return {**asdict(replace(one, fault=None)), "fault": _fault(one.fault)}


def _file_of(told: Mapping[str, Any]) -> FileLook:
    columns = tuple(ColumnLook(**{**one, "samples": tuple(one["samples"])}) for one in told["columns"])
    lists = {name: tuple(told[name]) for name in ("choices", "keys")}
    return FileLook(**{**told, **lists, "columns": columns, "fault": _fault_of(told["fault"])})


def _fault(fault: HedefError | None) -> dict[str, Any] | None:
    if fault is None:
        return None
    return {"code": fault.error_code, "message": str(fault.message), "hint": fault.hint and str(fault.hint)}


def _fault_of(told: Mapping[str, Any] | None) -> HedefError | None:
    return None if told is None else HedefError(told["message"], hint=told["hint"], code=told["code"])


def _state(one: TrustState) -> dict[str, Any]:
    """Every column of the measurement but its number: that of a rehearsal is gone."""
    names = [field.attname for field in one._meta.concrete_fields if not field.primary_key]
    return {name: getattr(one, name) for name in names}
