from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from hedef.definitions.queries import Version


class ProcessConfig(AppConfig):
    name = "hedef.process"
    label = "process"

    def ready(self) -> None:
        from hedef.definitions.kinds import DocumentKind
        from hedef.definitions.kinds import register as register_kind
        from hedef.facts.registry import register
        from hedef.jobs import schedule
        from hedef.process.documents import check_process, check_trial, in_words, trial_in_words, trial_uses
        from hedef.process.exit_checks import EXIT_CHECK
        from hedef.process.previews import preview, preview_trial
        from hedef.process.schema import ProcessDocument
        from hedef.process.stages import STAGE, STAGE_RATE
        from hedef.process.trial_schema import ProcessTrial

        register_kind(
            DocumentKind(
                "process",
                ProcessDocument,
                needs_second=True,
                check=check_process,
                words=in_words,
                took_effect=_move_standing_deals,
                title=_("Process"),
                preview=preview,
                page=_health_page,
            )
        )
        register_kind(
            DocumentKind(
                "process-trial",
                ProcessTrial,
                check=check_trial,
                words=trial_in_words,
                uses=trial_uses,
                title=_("Trial"),
                preview=preview_trial,
                page=_trial_page,
            )
        )
        schedule("ageing", task="hedef.process.tasks.tell_ageing", cron="20 5 * * *")
        for table in (STAGE, STAGE_RATE, EXIT_CHECK):
            register(table)


def _health_page(process: str) -> str:
    return f"/process/{process}/health"


def _trial_page(trial: str) -> str:
    return f"/process/trials/{trial}"


def _move_standing_deals(version: "Version", actor: str) -> None:
    """Deals that stand in a dropped stage go where the new version maps it (S11)."""
    from hedef.definitions.queries import today
    from hedef.process.services import carry_over

    carry_over(process=version.id, actor=actor, today=today())
