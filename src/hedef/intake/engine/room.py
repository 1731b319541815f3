"""Whether something failed only because the disk is full: said to a person as that, not as damage of the file."""

import errno

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_WORDS = tuple(f"(os error {one})" for one in sorted(_FULL))  # libraries that wrap the error of the system


def is_full(fault: BaseException) -> bool:
    """Whether a file could not be written because the disk, the quota or the largest size of a file was reached."""
    if isinstance(fault, OSError) and fault.errno is not None:
        return fault.errno in _FULL
    return str(fault).endswith(_WORDS) or getattr(fault.__cause__, "sqlite_errorname", "") == "SQLITE_FULL"
