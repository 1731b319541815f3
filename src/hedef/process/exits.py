"""Write verbs on exit criteria of a deal: answers with their evidence, and waivers with a person and a sentence."""

from collections.abc import Mapping
from typing import Any, Literal

from hedef.facts.queries import calendar
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.process.engine.exits import Said, Standing, answered, standings
from hedef.process.engine.moves import known_stage
from hedef.process.queries import process_in_force
from hedef.records import queries as records
from hedef.records.services import change

type Number = tuple[int, int]

LONGEST = 500


def answer_criterion(
    *,
    deal: int,
    criterion: str,
    result: Literal["yes", "no", "waived"],
    actor: str,
    at_us: int,
    stage: str | None = None,
    evidence: str = "",
    sentence: str = "",
    based_on: Number | None = None,
) -> Number:
    """Answer a criterion of a stage (none: the one in which the deal stands); answers the deal's newest change.

    A yes to a criterion with `evidence: link` needs an address, one with `note` a line of text. `waived` is for what is
    not met and needs a sentence; `actor` is the person who waives. NotFound, WrongUse; Refused for what the deal's
    field decides, for a waiver of what is met, and when somebody answered meanwhile.
    """
    rows = records.rows("deal", entities=[deal])
    if not rows:
        raise NotFound(f"There is no deal {spell('deal', deal)}.")
    one = _criterion(rows[0], stage, criterion, at_us)
    said = Said(result, actor, evidence.strip(), " ".join(sentence.split()))
    _check(one, said)
    fields = answered(rows[0], one.key, said)
    at = max(at_us, rows[0]["last_effective_us"])
    return change(
        kind="deal", entity=deal, fields=fields, effective_us=at, actor=actor, reason=said.sentence, based_on=based_on
    )


def _criterion(row: Mapping[str, Any], stage: str | None, criterion: str, at_us: int) -> Standing:
    if not row["process"]:
        raise Refused(f"{spell('deal', row['entity'])} is in no process: nothing is asked of it.")
    document = process_in_force(row["process"], day=calendar().day_of(at_us)).document
    of = known_stage(document, stage or row["stage"] or "")
    found = {one.criterion.id: one for one in standings(document, of, row)}
    if criterion not in found:
        known = ", ".join(found) or "none"
        raise NotFound(f'{of.id} of {document.id} has no criterion "{criterion}".', hint=f"Criteria there: {known}.")
    return found[criterion]


def _check(one: Standing, said: Said) -> None:
    name = one.criterion.id
    if max(len(said.evidence), len(said.sentence)) > LONGEST:
        raise WrongUse(f"An answer has at most {LONGEST} letters.")
    if said.result == "waived":
        if one.state in {"met", "not_applicable"}:
            raise Refused(f"{name} needs no waiver: it is {one.state.replace('_', ' ')}.")
        if not said.sentence:
            raise WrongUse(f"A waiver of {name} needs a sentence.", hint="Say why the deal goes on without it.")
        return
    if not one.asked:
        hint = "Fill the field in, or waive the criterion with a sentence."
        raise Refused(f"{name} is met by the field {one.criterion.require}, not by an answer.", hint=hint)
    if (
        said.result == "yes"
        and one.criterion.evidence == "link"
        and not said.evidence.startswith(("http://", "https://"))
    ):
        raise WrongUse(
            f"{name} needs a link as evidence.", hint="Paste the address of the mail or document (https://…)."
        )
    if said.result == "yes" and one.criterion.evidence == "note" and not said.evidence:
        raise WrongUse(f"{name} needs a note as evidence.", hint="Say in a line where it is written.")
