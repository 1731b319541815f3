"""Every verb that touches what was recorded says why."""

from hedef.kernel.errors import WrongUse


def given_reason(reason: str) -> str:
    """The reason without outer space; WrongUse when there is none."""
    if not reason.strip():
        raise WrongUse("A reason is missing: it is kept with the change.", hint='--reason "wrong file"')
    return reason.strip()
