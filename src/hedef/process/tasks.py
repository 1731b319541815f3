"""Jobs of processes: what runs by the clock."""

from hedef import jobs
from hedef.facts.queries import calendar
from hedef.kernel.instants import to_us
from hedef.process.alerts import tell_ageing as tell
from hedef.settings import now


@jobs.job(quiet=True)
def tell_ageing() -> int:
    """Tell owners and managers of deals that stay longer than their stage allows."""
    at_us = to_us(now())
    return tell(actor="hedef", as_of=calendar().day_of(at_us), at_us=at_us)
