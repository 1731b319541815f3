"""What the definitions room asks of a process document: its checks against the facts, and its plain words."""

from collections.abc import Sequence
from dataclasses import replace

from hedef.facts.engine.questions import Question
from hedef.facts.queries import ask, pin
from hedef.kernel.issue import Issue
from hedef.kernel.money import format_minor
from hedef.kernel.yaml_source import Locate, document_issue
from hedef.process.engine.checks import Standing, check_version
from hedef.process.engine.structure import Fault, faults
from hedef.process.schema import ProcessDocument
from hedef.process.stages import approved_versions

_STANDING = Question(
    "process/standing",
    "SELECT currency, count(*) AS deals, sum(amount_minor) AS amount_minor FROM deal_now "
    "WHERE process = :process AND stage IN (SELECT unnest(:stages)) GROUP BY currency ORDER BY currency",
    tables=("deal_now",),
)


def check_process(document: ProcessDocument, locate: Locate, file: str | None) -> list[Issue]:
    """Issues of a version, each at its place: inside itself, against the approved versions before it, and against the
    deals that stand in the stages it drops."""
    earlier = [one.document for one in approved_versions(document.id) if one.document.version < document.version]
    found = [*faults(document), *check_version(document, earlier, lambda stages: standing_in(document.id, stages))]
    return [issue_of(one, locate, file, f"process:{document.id}") for one in found]


def issue_of(fault: Fault, locate: Locate, file: str | None, about: str) -> Issue:
    """A fault as an issue with file, line and column."""
    said = document_issue(
        fault.code, fault.message, file=file, place=locate(fault.path), path=fault.path, hint=fault.hint
    )
    return replace(said, level="warning" if fault.warning else "error", object=said.object or about)


def standing_in(process: str, stages: Sequence[str]) -> Standing:
    """Deals that stand in these stages now, and their value."""
    rows = ask(_STANDING, params={"process": process, "stages": list(stages)}, pin=pin()).as_dicts()
    values = [
        f"{format_minor(row['amount_minor'], row['currency'])} {row['currency']}" for row in rows if row["currency"]
    ]
    return Standing(sum(row["deals"] for row in rows), " and ".join(values) or "nothing")


def in_words(document: ProcessDocument) -> dict[str, str]:
    """The stages in order, in both languages."""
    english = ", ".join(stage.name.en for stage in document.stages)
    turkish = ", ".join(stage.name.tr for stage in document.stages)
    return {"en": f"{document.name.en}: {english}.", "tr": f"{document.name.tr}: {turkish}."}
