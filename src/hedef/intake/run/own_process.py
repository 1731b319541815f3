"""Two sources in one home: the second one may have stages of its own, and then its deals get a process of their own."""

from collections.abc import Mapping, Sequence

from hedef.intake.engine.shapes import Decision
from hedef.intake.run import memory
from hedef.intake.run.call import FileRun
from hedef.intake.run.processes import Process, slug, stage_in
from hedef.ledger.services import Source
from hedef.records.queries import has_keys

_SHOWN = 5


def chosen(file: FileRun) -> dict[str, str]:
    """The processes of this source: the id that its files lead to -> the id under which its deals stand."""
    return dict(memory.recall(file, memory.PROCESSES) or {})


def meant(file: FileRun, process_id: str) -> str:
    """The process under which the deals of this source stand."""
    return chosen(file).get(process_id, process_id)


def origin(file: FileRun, process_id: str) -> str:
    """The id that the files of this source lead to: the way back."""
    return next((one for one, other in chosen(file).items() if other == process_id and one != other), process_id)


def keep(file: FileRun, process_id: str, used: str) -> None:
    """Later files of the source follow."""
    memory.keep(file, memory.PROCESSES, {**chosen(file), process_id: used, used: used})


def choose(file: FileRun, of: Process, labels: Sequence[str], values: Mapping[str, str]) -> None:
    """Whether the deals of a new source stand in a process that is there, or in one of their own.

    Asked where another source has deals, this one has none yet, and the process knows fewer than half of the labels;
    a process of its own is suggested.
    """
    if of.id in chosen(file) or not labels:
        return
    unknown = [label for label in labels if stage_in(of, label, values) is None]
    if len(unknown) * 2 <= len(labels) or not _is_second(file):
        return
    own = f"{of.id}-{slug(file.source.name)}"
    words = ", ".join(f'"{label}"' for label in unknown[:_SHOWN])
    question = (
        f"The process {of.id} knows {len(labels) - len(unknown)} of the {len(labels)} stages of this source ({words} "
        f"are unknown). Do its deals stand in {of.id}, or in a process of their own?"
    )
    asked = Decision(
        f"process:{of.id}", "process", None, dict.fromkeys(unknown[:_SHOWN], 0), None, (own, of.id), question
    )
    if (answer := file.ask(asked, suggested=own)) is not None:
        keep(file, of.id, slug(answer))


def _is_second(file: FileRun) -> bool:
    """Another source has deals, this one has none."""
    in_call = any(memory.PROCESSES in told for name, told in file.call.shared.items() if name != file.source.name)
    others = Source.objects.exclude(pk=file.source.pk)
    return not has_keys(file.source, "deal") and (in_call or any(has_keys(one, "deal") for one in others))
