from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    name = "hedef.publications"
    label = "publications"

    def ready(self) -> None:
        from hedef.publications.resting import resting_on
        from hedef.records.services import register_guard

        register_guard(resting_on)
