"""The app of the test jobs: the sweep each second, and a clock that ticks each second."""

from django.apps import AppConfig


class QuickJobs(AppConfig):
    name = "tests.jobs"
    label = "quick_jobs"

    def ready(self):
        from hedef.jobs import schedule

        schedule("sweep", task="hedef.jobs.tasks.sweep", cron="* * * * * *", queue="system")
        schedule("tick", task="tests.jobs.work.tick", cron="* * * * * *", queue="system")
