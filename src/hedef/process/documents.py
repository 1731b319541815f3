"""What the definitions room asks of a process document: its checks against the facts, and its plain words."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hedef.definitions.queries import versions
from hedef.facts.engine.questions import Question
from hedef.facts.queries import ask, pin
from hedef.kernel.issue import Issue
from hedef.kernel.money import format_minor
from hedef.kernel.yaml_source import Locate, Path, document_issue
from hedef.process.engine.checks import Standing, check_version
from hedef.process.engine.structure import Fault, faults
from hedef.process.schema import ProcessDocument
from hedef.process.stages import approved_versions
from hedef.process.trial_schema import ProcessTrial

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


def check_trial(document: ProcessTrial, locate: Locate, file: str | None) -> list[Issue]:
    """Issues of a trial: the version and the stages that it names, each at its place."""
    return [issue_of(one, locate, file, f"process-trial:{document.id}") for one in _trial_faults(document)]


def _trial_faults(document: ProcessTrial) -> Iterator[Fault]:
    known = {one.version: one for one in versions("process", document.process)}
    tried = known.get(document.changed.version or 0)
    if tried is None:
        listed = ", ".join(f"{document.process}@{number}" for number in known) or "none"
        message = f"there is no process version {document.change}"
        yield Fault("trial_change", ("change",), message, f"Add the draft first. Known: {listed}.")
        return
    stages = [one.id for one in tried.document.stages]
    names: list[tuple[Path, str]] = [
        (("outcome", "convert", n), name) for n, name in enumerate(document.outcome.convert or ())
    ]
    if document.outcome.time_in is not None:
        names.append((("outcome", "time_in"), document.outcome.time_in))
    for path, name in names:
        if name not in stages:
            yield Fault("trial_stage", path, f"{document.change} has no stage {name}", f"Stages: {', '.join(stages)}.")
    places = [stages.index(name) for _path, name in names if name in stages]
    if len(places) == 2 and places[0] >= places[1]:
        message = "a conversion leads from an earlier stage to a later one"
        yield Fault("trial_stage", ("outcome", "convert"), message, "Write the earlier stage first.")


def trial_in_words(document: ProcessTrial) -> dict[str, str]:
    """The hypothesis with the dates, in both languages."""
    dates = f"{document.first} – {document.last}"
    return {"en": f"{document.hypothesis.en} ({dates})", "tr": f"{document.hypothesis.tr} ({dates})"}


def trial_uses(document: ProcessTrial) -> list[str]:
    """The process whose version is tried."""
    return [f"process:{document.process}"]


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
