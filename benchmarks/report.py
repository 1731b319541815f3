"""One table for every benchmark: seconds, memory, ratio to the peer of the same run."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True, slots=True)
class Line:
    """`ratio` is this line's time by the peer's time: below 1 is faster than the peer."""

    what: str
    seconds: float
    peak_mb: int | None
    ratio: float | None


def show(title: str, lines: Sequence[Line]) -> None:
    """Print the lines and keep them in `benchmarks/out` (not in git)."""
    print(f"\n{title}")
    for line in lines:
        memory = "" if line.peak_mb is None else f"{line.peak_mb:>6} MB"
        ratio = "" if line.ratio is None else f"{line.ratio:>8.3f} x"
        print(f"  {line.what:<58} {line.seconds:>9.3f} s {memory:>9} {ratio:>10}")
    OUT.mkdir(exist_ok=True)
    name = title.split(":")[0].lower().replace(" ", "_")
    (OUT / f"{name}.json").write_text(json.dumps([asdict(line) for line in lines], indent=1), encoding="utf-8")
