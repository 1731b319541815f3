from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "hedef.records"
    label = "records"

    def ready(self) -> None:
        from hedef.jobs import schedule
        from hedef.ledger.acts import register_acts
        from hedef.ledger.queries import register_last_finder, register_lasts_finder, register_viewer
        from hedef.ledger.telling import register_teller
        from hedef.records import services, telling
        from hedef.records.queries import last_change, last_changes, seen

        register_last_finder(last_change)
        register_lasts_finder(last_changes)
        register_viewer(seen)
        register_teller(telling)
        register_acts(services)
        schedule("retention", task="hedef.records.tasks.keep_to_retention", cron="40 3 * * *")
