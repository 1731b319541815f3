"""What the editor shows beside the text of a process or a trial while it is written: the stages in plain words."""

from collections.abc import Iterator

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hedef.definitions.queries import Version
from hedef.definitions.showing import Block, Cell, Viewer
from hedef.kernel.definition import Words
from hedef.process.schema import Criterion, Limit, ProcessDocument, Stage
from hedef.process.trial_schema import ProcessTrial


def preview(version: Version, _viewer: Viewer) -> list[Block]:
    """Blocks of a process: its stages in order, and what is asked and done in each."""
    document: ProcessDocument = version.document
    stages = tuple((Cell(_say(one.name)), Cell(_limit(one.limit)), Cell(one.category)) for one in document.stages)
    head = (Cell(_("Stage")), Cell(_("Limit")), Cell(_("Kind")))
    rules = tuple(row for one in document.stages for row in _rules(one))
    blocks = [Block(_("Stages in order"), head=head, rows=stages)]
    if rules:
        blocks.append(Block(_("Criteria and steps"), head=(Cell(_("Stage")), Cell(_("What"))), rows=rules))
    if document.map:
        told = tuple((Cell(old), Cell(new)) for old, new in document.map.items())
        blocks.append(Block(_("Where deals go on"), head=(Cell(_("From")), Cell(_("To"))), rows=told))
    return blocks


def preview_trial(version: Version, _viewer: Viewer) -> list[Block]:
    """The hypothesis of a trial, and how long it runs."""
    document: ProcessTrial = version.document
    dates = _("From %(first)s to %(last)s.") % {"first": document.first, "last": document.last}
    return [Block(_say(document.hypothesis), text=dates)]


def _rules(stage: Stage) -> Iterator[tuple[Cell, ...]]:
    name = _say(stage.name)
    for one in stage.exit:
        said = {"text": _asked(one)}
        yield Cell(name), Cell(_("Must: %(text)s") % said if one.level == "block" else _("Should: %(text)s") % said)
    for step in stage.steps:
        yield Cell(name), Cell(_("Step: %(text)s") % {"text": _say(step.do)})


def _asked(one: Criterion) -> str:
    return _say(one.ask) if one.ask is not None else str(one.require)


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return ""
    told = {"n": limit.most}
    if limit.clock == "hours":
        return _("%(n)s hours") % told
    return _("%(n)s working days") % told if limit.clock == "working" else _("%(n)s days") % told


def _say(words: Words) -> str:
    return words.tr if (get_language() or "en").startswith("tr") else words.en
