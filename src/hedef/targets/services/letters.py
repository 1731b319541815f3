"""Answers to target letters (T14): bound to the hash of the version that was read."""

from hedef.kernel.errors import Refused
from hedef.kernel.ids import spell
from hedef.records.services import acknowledge_document
from hedef.targets.queries.letters import Letter, letter


def acknowledge_letter(
    *, plan: str, person: int, digest: str | None, answer: str, sentence: str = "", actor: str
) -> Letter:
    """`person` answers the letter of the plan's newest published version; answers the letter as it stands then.

    `digest` is the hash of the version that was read (none: whatever is newest). Refused (`conflict`) where another
    version was published meanwhile, NotFound without a letter, WrongUse for another word than acknowledged or
    disagreed, and for a disagreement without a sentence.
    """
    found = letter(plan, person)
    if digest is not None and digest != found.version.hash:
        raise Refused(
            f"{plan} has a newer version, {found.version.reference}, than the one that {spell('person', person)} read.",
            hint="Read the letter of the new version; it shows the difference.",
            code="conflict",
        )
    acknowledge_document(
        person=person,
        document=found.version.reference,
        digest=found.version.hash,
        answer=answer,
        sentence=sentence,
        actor=actor,
    )
    return letter(plan, person)
