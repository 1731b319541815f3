"""What the Data pages show, in words: files and columns, questions, answers, checks, rows to fix."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from hedef.intake import byhand
from hedef.intake.fixing import BadRow
from hedef.intake.look import ColumnLook, FileLook, Moved
from hedef.intake.models import TrustState
from hedef.intake.naming import (
    FIELDS,
    KINDS,
    OBJECTS,
    check_words,
    cure,
    fault_words,
    found_words,
    issue_words,
    own_process_words,
    question_words,
    value_words,
)
from hedef.intake.wordings import Spelling, StageWord
from hedef.kernel.errors import HedefError
from hedef.kernel.money import exponent, is_currency

_FREE_TEXT = ("process",)  # options of these are a proposal, not a choice
_OF_THE_FILE = ("file", "key")


def tell_fault(request: HttpRequest, fault: HedefError) -> None:
    """A refusal as a message on the next page, with its cure."""
    told = fault_of(fault)
    assert told is not None
    messages.error(request, " ".join(part for part in (told["message"], told["hint"]) if part))


def fault_of(fault: HedefError | None) -> dict[str, str] | None:
    """`message` and `hint` of what stopped a file, in the reader's language."""
    if fault is None:
        return None
    message, hint = fault_words(fault.error_code, fault.message, fault.hint)
    return {"message": message, "hint": hint}


def error(told: Mapping[str, Any] | None) -> dict[str, str] | None:
    """The same of an error that was kept (`hedef.error/1`)."""
    if not told:
        return None
    code, hint = str(told.get("code") or told.get("error") or ""), told.get("hint")
    message, hint = fault_words(code, str(told.get("message", "")), None if hint is None else str(hint))
    return {"message": message, "hint": hint}


def file(one: FileLook, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A file of an upload with its columns; `answers` are those of the dry run."""
    choices = [(name, FIELDS.get(name, name.replace("_", " "))) for name in one.choices]
    told = next((answer for answer in answers if answer["file"]["name"] == one.name), None)
    decisions = [] if told is None else told["decision_list"]
    return {
        "look": one,
        "fault": fault_of(one.fault),
        "object": OBJECTS.get(one.object or "", one.object),
        "objects": [(name, OBJECTS[name]) for name in byhand.OBJECTS],
        "choices": sorted(choices, key=lambda pair: str(pair[1])),
        "columns": [_column(column, decisions) for column in one.columns],
        "open": sum(column.state in {"check", "choose"} and not column.by_hand for column in one.columns),
        "rest": [given for given in decisions if given["column"] not in {column.name for column in one.columns}],
    }


def _column(one: ColumnLook, decisions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    read_as = [given for given in decisions if given["column"] == one.name and given["what"] != "column"]
    return {"look": one, "read_as": read_as}


def question(told: Mapping[str, Any]) -> dict[str, Any]:
    """A question, or a decision that was taken, with its choices and the proof in words."""
    options = [(value, value_words(value)) for value in told.get("options") or ()]
    counts = {name: count for name, count in (told.get("proof") or {}).items() if count}
    proof = ", ".join(f"{value_words(name)}: {count}" for name, count in counts.items())
    free = told["what"] in _FREE_TEXT and len(options) < 2  # two of them are a choice between processes
    return {
        **told,
        "ask": question_words(told["what"], told["column"], told.get("message"))
        if free or told["what"] not in _FREE_TEXT
        else own_process_words(told["column"], told.get("message")),
        "choices": [] if free else options,
        "proposal": options[0][0] if free and options else "",
        "proof_text": proof,
        "shown": value_words(told.get("value")),
    }


def stages(words: Sequence[StageWord]) -> list[dict[str, Any]]:
    """Words for stages by process; `open` counts those that mean nothing yet."""
    found: dict[str, list[StageWord]] = {}
    for one in words:
        found.setdefault(one.process, []).append(one)
    return [
        {"process": name, "words": many, "open": sum(one.stage is None for one in many)} for name, many in found.items()
    ]


def spellings(found: Sequence[Spelling], decided: Mapping[str, str]) -> list[dict[str, Any]]:
    """Texts that name nobody known, with what the person said of them so far."""
    return [{"one": one, "kind": KINDS.get(one.kind, one.kind), "said": decided.get(one.name, "")} for one in found]


def answer(told: Mapping[str, Any]) -> dict[str, Any]:
    """`hedef.import/1` with its issues and decisions in words."""
    issues = [
        {**one, "words": issue_words(one["code"]), "cure": cure(one["code"], one["hint"])} for one in told["issues"]
    ]
    decisions = [question(one) for one in told["decisions"] if one.get("by") != "default"]
    words = OBJECTS.get(told["object"] or "", told["object"])
    return {**told, "issue_list": issues, "decision_list": decisions, "object_words": words}


def check(state: TrustState) -> dict[str, Any]:
    """A check of the gate with what it found."""
    return {
        "state": state,
        "words": check_words(state.check_name),
        "object": OBJECTS.get(state.object, state.object),
        "found": found_words(state.check_name, state.detail),
    }


def moved(one: Moved) -> dict[str, Any]:
    """A total of deals before and after, in major units."""
    return {
        "status": one.status,
        "currency": one.currency,
        "before": _major(one.before, one.currency),
        "after": _major(one.after, one.currency),
        "difference": _major(one.after - one.before, one.currency),
        "count": one.count_after - one.count_before,
        "count_before": one.count_before,
        "count_after": one.count_after,
    }


def _major(minor: int, currency: str | None) -> Fraction:
    places = exponent(currency) if currency and is_currency(currency) else 2
    return Fraction(minor, 10**places)


def bad_row(one: BadRow) -> dict[str, Any]:
    """A rejected row with its faults in words."""
    faults = [{"code": code, "cure": cure(code, one.hint if len(one.codes) == 1 else None)} for code in one.codes]
    said = " ".join(fault["cure"] for fault in faults)
    nearest = [name for cell in one.cells for name in cell.nearest if f'"{name}"' not in said]
    return {"row": one, "faults": faults, "nearest": nearest}
