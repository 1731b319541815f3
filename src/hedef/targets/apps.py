"""Django's entry of the room."""

from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "hedef.targets"
    label = "targets"

    def ready(self) -> None:
        from hedef.jobs import schedule
        from hedef.targets.services import register_room

        register_room()
        schedule("digests", task="hedef.targets.tasks.begin_digests", cron="*/15 * * * *", queue="system")
        schedule("target_alerts", task="hedef.targets.tasks.tell_alerts", cron="30 5 * * *")
