from django.apps import AppConfig


class ProcessConfig(AppConfig):
    name = "hedef.process"
    label = "process"

    def ready(self) -> None:
        from hedef.definitions.kinds import DocumentKind
        from hedef.definitions.kinds import register as register_kind
        from hedef.facts.registry import register
        from hedef.process.documents import check_process, in_words
        from hedef.process.schema import ProcessDocument
        from hedef.process.stages import STAGE

        register_kind(DocumentKind("process", ProcessDocument, needs_second=True, check=check_process, words=in_words))
        register(STAGE)
