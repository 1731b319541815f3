"""Django's entry of the room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "hedef.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from hedef.jobs.registry import schedule

        schedule("sweep", task="hedef.jobs.tasks.sweep", cron="*/10 * * * * *", queue="system")
