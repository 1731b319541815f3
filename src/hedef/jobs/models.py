"""What is remembered of a job: how far it is, how often it was begun, what stopped it."""

from typing import ClassVar

from django.db import models


class JobRun(models.Model):
    """One job from the moment it was asked for; the key is its task id. Times are those of the machine, UTC."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        AGAIN = "again"  # failed, and is repeated by itself
        DONE = "done"
        FAILED = "failed"  # a person has to look at it
        STOPPED = "stopped"  # by a person

    id = models.CharField(max_length=64, primary_key=True)
    task = models.CharField(max_length=200)  # path of the function
    arguments = models.JSONField(default=dict)
    actor = models.CharField(max_length=150, default="", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    step = models.CharField(max_length=200, default="", blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    attempts = models.IntegerField(default=0)  # times it was begun
    failures = models.IntegerField(default=0)  # since a person last asked for it
    final = models.BooleanField(default=False)  # its failure is no accident: repeating it changes nothing
    stop_asked = models.BooleanField(default=False)
    error = models.JSONField(null=True)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "job_run"
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-created_at", "id"], name="job_run_newest"),
            models.Index(fields=["state", "task"], name="job_run_state"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id[:8]}"

    @property
    def name(self) -> str:
        """`intake.import_draft`: room and function."""
        parts = self.task.split(".")
        return f"{parts[1]}.{parts[-1]}" if len(parts) > 2 else self.task

    @property
    def ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.STOPPED)

    @property
    def percent(self) -> int | None:
        """0 to 100; none while nobody knows how much there is to do."""
        return None if not self.total else min(100, 100 * self.done // self.total)
