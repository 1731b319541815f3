"""What the definitions room asks of a process document: its checks against the facts, and its plain words."""

from collections.abc import Sequence

from hedef.facts.engine.questions import Question
from hedef.facts.queries import ask, pin
from hedef.kernel.issue import Issue
from hedef.kernel.money import format_minor
from hedef.kernel.yaml_source import Locate
from hedef.process.engine.checks import Standing, check_version
from hedef.process.schema import ProcessDocument
from hedef.process.stages import approved_versions

_STANDING = Question(
    "process/standing",
    "SELECT currency, count(*) AS deals, sum(amount_minor) AS amount_minor FROM deal_now "
    "WHERE process = :process AND stage IN (SELECT unnest(:stages)) GROUP BY currency ORDER BY currency",
    tables=("deal_now",),
)


def check_process(document: ProcessDocument, _locate: Locate, _file: str | None) -> list[Issue]:
    """Issues of a version against the approved versions before it and the deals that stand in its stages."""
    earlier = [one.document for one in approved_versions(document.id) if one.document.version < document.version]
    return check_version(document, earlier, lambda stages: standing_in(document.id, stages))


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
