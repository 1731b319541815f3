"""The saved mappings of each source: their versions, the words they give to stages, and the way back."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hedef.definitions import queries, services
from hedef.definitions.queries import Version
from hedef.intake import documents
from hedef.intake.run import processes
from hedef.intake.schema import Mapping
from hedef.kernel.errors import NotFound, WrongUse

_LIVE = ("approved", "effective")


@dataclass(frozen=True, slots=True)
class StageLine:
    """A word that the mapping gives to a stage, in one process or (`process` none) in every one."""

    key: str
    process: str | None
    word: str
    stage: str
    choices: tuple[tuple[str, str], ...]


def mappings() -> list[Version]:
    """The mapping in force of every source and object."""
    return sorted(queries.list_in_force(documents.KIND), key=lambda one: (one.body["source"], one.body["object"]))


def history(id_: str) -> list[Version]:
    """Every version of a mapping, newest first; NotFound without one."""
    found = queries.versions(documents.KIND, id_)[::-1]
    if not found:
        raise NotFound(_("There is no saved mapping %(id)s.") % {"id": id_}, hint=_("The list shows them all."))
    return found


def mapping_of(version: Version) -> Mapping:
    """The mapping inside a version."""
    told: Mapping = version.document.mapping
    return told


def stage_lines(mapping: Mapping) -> list[StageLine]:
    """The words that the mapping gives to stages, with the stages they could mean."""
    specs = mapping.fields.get("stage", ())
    values = specs[0].values if specs else {}
    known = {one.id: tuple((stage.id, stage.name) for stage in one.stages) for one in _processes()}
    lines = []
    for key, stage in sorted(values.items()):
        process, colon, word = key.partition(":")
        inside = bool(colon) and process in known
        lines.append(
            StageLine(key, process if inside else None, word if inside else key, stage, known.get(process, ()))
        )
    return lines


def stage_choices() -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Processes with their stages, as `process:stage` may be chosen."""
    return [(one.id, tuple((stage.id, stage.name) for stage in one.stages)) for one in _processes()]


def _processes() -> list[processes.Process]:
    return [processes.read(one.id, one.body) for one in queries.list_in_force("process")]


def give_stages(id_: str, told: dict[str, str], *, actor: str) -> None:
    """Change what words mean: `process:word` -> stage; an empty stage forgets the word.

    WrongUse for a stage that its process has not, or where nothing is changed. The change is a new version.
    """
    newest = _newest(id_)
    mapping = mapping_of(newest)
    specs = mapping.fields.get("stage", ())
    if not specs:
        raise WrongUse(_("This mapping reads no stages."))
    for key, stage in told.items():
        _check(key, stage)
    values = {key: stage for key, stage in {**specs[0].values, **told}.items() if stage}
    if values == specs[0].values:
        raise WrongUse(_("Nothing was changed."))
    placed = tuple(one.model_copy(update={"values": values}) if one.type == "stage" else one for one in specs)
    changed = mapping.model_copy(update={"fields": {**mapping.fields, "stage": placed}})
    body = newest.body
    documents.save(changed, source=body["source"], object_=body["object"], actor=actor)


def _check(key: str, stage: str) -> None:
    process, colon, word = key.partition(":")
    of = processes.in_force(process) if colon else None
    if not stage or of is None:
        return
    if not word.strip():
        raise WrongUse(_("The word of the file is missing."))
    if stage not in {one.id for one in of.stages}:
        told = _("%(process)s has no stage %(stage)s.") % {"process": process, "stage": stage}
        raise WrongUse(told, hint=_("Choose one of the list."))


def _newest(id_: str) -> Version:
    return next((one for one in history(id_) if one.state in _LIVE), history(id_)[0])


def undo(id_: str, *, actor: str) -> Version:
    """Take the newest version back; the one before it counts again, as a new version. Refused without one."""
    history(id_)
    made = services.undo(kind=documents.KIND, id=id_, actor=actor)
    if made.state == "draft":
        made = services.approve(kind=documents.KIND, id=id_, version=made.version, actor=actor)
    return made


def changes(newer: Version, older: Version | None) -> list[dict[str, Any]]:
    """What a version changed, place by place; nothing for the first one."""
    if older is None:
        return []
    found = queries.diff(older, newer)
    return [one.as_json() for one in found if one.path.startswith("mapping")]
