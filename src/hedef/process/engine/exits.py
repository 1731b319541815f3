"""Exit criteria of a stage against one deal: what applies, what is met, and what became of it once the deal left.

Answers of people stand in two fields of the deal. `exit_checks` keeps what counts, by the key of the criterion:
`{"sales#call.need": {"result": "yes"}}`, a waiver with who gave it. `exit_words` keeps links and sentences, which law
may blank: what was met stays met.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hedef.process.engine.conditions import field_named, read_condition
from hedef.process.schema import Criterion, ProcessDocument, Stage

type Fields = Mapping[str, Any]
type State = Literal["met", "missing", "waived", "not_applicable"]
type Result = Literal["met", "late", "waived", "skipped"]

CHECKS, WORDS, OWN = "exit_checks", "exit_words", "extra"
RESULTS: tuple[Result, ...] = ("met", "late", "waived", "skipped")


@dataclass(frozen=True, slots=True)
class Standing:
    """A criterion and how a deal stands to it. `asked`: a person answers it; `evidence`, `sentence`, `by` of theirs."""

    criterion: Criterion
    key: str
    state: State
    asked: bool
    result: str | None = None
    evidence: str | None = None
    sentence: str | None = None
    by: str | None = None

    @property
    def stops(self) -> bool:
        """Whether the deal cannot go on before somebody answers, fills in or waives."""
        return self.state == "missing" and self.criterion.level == "block"


def key_of(process: str, stage: str, criterion: str) -> str:
    """The key of a criterion in a deal's answers."""
    return f"{process}#{stage}.{criterion}"


def standings(document: ProcessDocument, stage: Stage, fields: Fields) -> list[Standing]:
    """Every criterion of a stage against a deal's fields, in the order of the document."""
    checks, words = _read(fields.get(CHECKS)), _read(fields.get(WORDS))
    return [_standing(one, key_of(document.id, stage.id, one.id), fields, checks, words) for one in stage.exit]


def _standing(
    one: Criterion, key: str, fields: Fields, checks: Mapping[str, Any], words: Mapping[str, Any]
) -> Standing:
    told = checks.get(key) or {}
    said = words.get(key) or {}
    return Standing(
        criterion=one,
        key=key,
        state=_state(one, fields, told.get("result")),
        asked=is_asked(one, fields),
        result=told.get("result"),
        evidence=said.get("evidence"),
        sentence=said.get("sentence"),
        by=told.get("by"),
    )


def is_asked(one: Criterion, fields: Fields) -> bool:
    """Whether a person answers it: a question, or a required field that neither deals nor this company have."""
    if one.require is None:
        return True
    return field_named(one.require) is None and one.require not in _read(fields.get(OWN))


def _state(one: Criterion, fields: Fields, result: str | None) -> State:
    if one.when is not None and not read_condition(one.when).holds(fields):
        return "not_applicable"
    if result == "yes" if is_asked(one, fields) else _filled(one.require or "", fields):
        return "met"
    return "waived" if result == "waived" else "missing"


def _filled(name: str, fields: Fields) -> bool:
    known = field_named(name)
    value = fields.get(known) if known is not None else _read(fields.get(OWN)).get(name)
    return value is not None and value != ""


def _read(text: object) -> dict[str, Any]:
    if not isinstance(text, str) or not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# --- what a person answers


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a criterion: yes, no or waived, with a link or note, and the sentence of a waiver."""

    result: Literal["yes", "no", "waived"]
    by: str
    evidence: str = ""
    sentence: str = ""


def answered(fields: Fields, key: str, said: Said) -> dict[str, str]:
    """The two fields of the deal with this answer in them."""
    checks, words = _read(fields.get(CHECKS)), _read(fields.get(WORDS))
    checks[key] = {"result": said.result} | ({"by": said.by} if said.result == "waived" else {})
    told = {name: text for name in ("evidence", "sentence") if (text := getattr(said, name).strip())}
    words.pop(key, None)
    if told:
        words[key] = told
    return {CHECKS: _text(checks), WORDS: _text(words)}


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# --- what became of it


@dataclass(frozen=True, slots=True)
class Known:
    """The fields of a deal from an instant on."""

    eff_us: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Exit:
    """One criterion at one forward exit, from an instant on (`since_us`): a late answer turns `skipped` into `late`."""

    criterion: str
    result: Result
    since_us: int


def results_of(document: ProcessDocument, stage: Stage, states: Sequence[Known], left_us: int) -> list[Exit]:
    """What each applicable criterion was at the instant of leaving, and when one was fulfilled afterwards.

    `states` are the deal's states in order; the one of the leaving itself counts, so a field filled in by the move is
    met. What applies is decided at that instant and not again.
    """
    before = [one for one in states if one.eff_us <= left_us]
    if not before:
        return []
    found = []
    for one in standings(document, stage, before[-1].fields):
        match one.state:
            case "met" | "waived":
                found.append(Exit(one.criterion.id, one.state, left_us))
            case "missing":
                found.append(Exit(one.criterion.id, "skipped", left_us))
                if (since := _fulfilled(one, states, left_us)) is not None:
                    found.append(Exit(one.criterion.id, "late", since))
    return found


def _fulfilled(one: Standing, states: Sequence[Known], left_us: int) -> int | None:
    for state in states:
        if state.eff_us > left_us:
            told = (_read(state.fields.get(CHECKS)).get(one.key) or {}).get("result")
            filled = told == "yes" if one.asked else _filled(one.criterion.require or "", state.fields)
            if filled:
                return state.eff_us
    return None
