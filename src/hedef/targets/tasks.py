"""Jobs of targets: digests by mail, and what people are told of their targets."""

from hedef import jobs
from hedef.definitions.queries import today
from hedef.kernel.instants import to_us
from hedef.settings import now
from hedef.targets.services import digests
from hedef.targets.services.alerts import alert_targets


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


@jobs.job(quiet=True)
def tell_alerts() -> int:
    """Tell who crossed a band, has no target, has not read a letter, or leads on data in doubt; answers how many."""
    return alert_targets(as_of=today(), actor="hedef", at_us=to_us(now()))
