"""Jobs of targets: digests by mail."""

from hedef import jobs
from hedef.targets.services import digests


@jobs.job(queue="system", quiet=True)
def begin_digests() -> int:
    """Hand every digest that is due to a worker."""
    due = digests.due_digests()
    for one in due:
        jobs.enqueue(send_digest, user=one.user, key=one.key)
    return len(due)


@jobs.job()
def send_digest(user: int, key: str) -> str:
    """Send one digest."""
    return digests.send_digest(user=user, key=key)
