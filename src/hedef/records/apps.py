from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "hedef.records"
    label = "records"

    def ready(self) -> None:
        from hedef.ledger.queries import register_last_finder, register_viewer
        from hedef.records.queries import last_change, seen

        register_last_finder(last_change)
        register_viewer(seen)
