"""Django's entry of the room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "hedef.intake"
    label = "intake"
    verbose_name = "Intake"

    def ready(self) -> None:
        from django.conf import settings

        from hedef.definitions.kinds import register as register_document
        from hedef.facts.attach import register_trust
        from hedef.facts.services import register
        from hedef.intake import gate, importables, keeping
        from hedef.intake.documents import MAPPING_KIND
        from hedef.intake.publish import TRUST_STATE
        from hedef.intake.splits import DEAL_SPLIT
        from hedef.intake.trust.rules import TRUST_RULES
        from hedef.jobs import schedule
        from hedef.ledger.telling import register_batch_link
        from hedef.records.services import register_eraser
        from hedef.records.services.erase import register_text_eraser, register_word_eraser

        importables.register(DEAL_SPLIT)
        register(TRUST_STATE)
        register_document(MAPPING_KIND)
        register_document(TRUST_RULES)
        register_trust(gate.trust_of_facts)
        register_batch_link(keeping.import_of)
        register_eraser(keeping.erase_files)
        register_word_eraser(keeping.erase_requests)
        register_text_eraser(keeping.erase_examples)
        every = settings.HEDEF.inbox_every
        seconds = "0" if every == 60 else f"*/{every}"
        schedule("inbox", task="hedef.intake.tasks.scan_inbox", cron=f"{seconds} * * * * *", queue="system")
        schedule("resume", task="hedef.intake.tasks.resume_imports", cron="*/5 * * * *")
        schedule("uploads", task="hedef.intake.tasks.clear_uploads", cron="20 4 * * *", queue="system")
