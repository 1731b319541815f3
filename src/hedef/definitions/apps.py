from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    name = "hedef.definitions"
    label = "definitions"

    def ready(self) -> None:
        from hedef.definitions.queries import last_change
        from hedef.ledger.queries import register_last_finder

        register_last_finder(last_change)
