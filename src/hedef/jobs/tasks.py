"""Jobs of the room itself."""

from django.tasks import task

from hedef.jobs import services


@task(queue_name="system")
def sweep() -> int:
    """Repeat what failed by accident."""
    return services.sweep()
