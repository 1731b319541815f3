from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from hedef.definitions.queries import Version


class ProcessConfig(AppConfig):
    name = "hedef.process"
    label = "process"

    def ready(self) -> None:
        from hedef.definitions.kinds import DocumentKind
        from hedef.definitions.kinds import register as register_kind
        from hedef.facts.registry import register
        from hedef.process.documents import check_process, in_words
        from hedef.process.exit_checks import EXIT_CHECK
        from hedef.process.schema import ProcessDocument
        from hedef.process.stages import STAGE, STAGE_RATE

        register_kind(
            DocumentKind(
                "process",
                ProcessDocument,
                needs_second=True,
                check=check_process,
                words=in_words,
                took_effect=_move_standing_deals,
            )
        )
        for table in (STAGE, STAGE_RATE, EXIT_CHECK):
            register(table)


def _move_standing_deals(version: "Version", actor: str) -> None:
    """Deals that stand in a dropped stage go where the new version maps it (S11)."""
    from hedef.definitions.queries import today
    from hedef.process.services import carry_over

    carry_over(process=version.id, actor=actor, today=today())
