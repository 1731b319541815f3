"""Memory that the allocators of this process keep for later, given back to the system between two large pieces of work.

What Python, Arrow and Polars have freed still counts as memory of the process until their allocators let go of it.
"""

import ctypes
import gc
import os
import sys

_VARIABLE = "_RJEM_MALLOC_CONF"  # of the allocator that Polars brings along, read when Polars is loaded
_CONF = "dirty_decay_ms:300,muzzy_decay_ms:0,narenas:2"


def keep_little() -> None:
    """Let Polars give freed memory back after a moment; to be called before it is loaded. A set variable stays."""
    os.environ.setdefault(_VARIABLE, _CONF)  # noqa: TID251 - the allocator reads it from there


def give_back() -> None:
    """Give back what is free; nothing where the system has no such call."""
    gc.collect()
    if "pyarrow" in sys.modules:
        import pyarrow as pa

        pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
