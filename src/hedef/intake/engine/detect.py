"""Whose file is this? Cosine of header sets, rare headers weigh more."""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from hedef.intake.engine.headers import fold_for_detection
from hedef.intake.engine.shapes import Detection
from hedef.intake.schema import Signature, SignatureShape

ACCEPT = 0.35
AHEAD = 1.2
VENDORS = Path(__file__).resolve().parent.parent / "vendors"


@cache
def signatures() -> tuple[Signature, ...]:
    """The signatures that ship with Hedef, one per vendor folder, in the order of their names."""
    files = sorted(VENDORS.glob("*/signature.yaml"))
    return tuple(Signature.model_validate(YAML(typ="safe").load(file)) for file in files)


def detect(header: Sequence[str], known: Sequence[Signature] | None = None) -> Detection:
    """Best and second best file shape. `accepted` needs 0.35 and 1.2 times the second of another shape."""
    return _Scorer(known if known is not None else signatures()).detect(header)


class _Scorer:
    def __init__(self, known: Sequence[Signature]) -> None:
        self.shapes = [(one.vendor, shape, _folded(shape.headers)) for one in known for shape in one.shapes]
        self.count = len(self.shapes)
        self.seen: dict[str, int] = {}
        for _, _, headers in self.shapes:
            for name in headers:
                self.seen[name] = self.seen.get(name, 0) + 1

    def weight(self, header: str) -> float:
        """Rarity among the signatures; a header that none knows weighs like one in the middle."""
        return math.log(1 + self.count / self.seen.get(header, max(2, self.count // 8)))

    def detect(self, header: Sequence[str]) -> Detection:
        file = _folded([name for name in header if not name.startswith("_")])
        scored = sorted(
            (
                (1.0 if shape.sure else self.score(file, headers), vendor, shape)
                for vendor, shape, headers in self.shapes
                if _has(file, shape)
            ),
            key=lambda one: (-one[0], one[1], one[2].shape),
        )
        if not scored or scored[0][0] == 0:
            return Detection(None, None, None, 0.0, 0.0, None, accepted=False)
        score, vendor, shape = scored[0]
        rivals = [
            one for one in scored if (one[1], one[2].mapping or one[2].shape) != (vendor, shape.mapping or shape.shape)
        ]
        second, second_shape = (rivals[0][0], f"{rivals[0][1]}/{rivals[0][2].shape}") if rivals else (0.0, None)
        accepted = score >= ACCEPT and score >= AHEAD * second
        return Detection(
            vendor, shape.shape, shape.object, round(score, 4), round(second, 4), second_shape, accepted,
            shape.mapping or shape.shape,
        )  # fmt: skip

    def score(self, file: frozenset[str], known: frozenset[str]) -> float:
        both = sum(self.weight(name) ** 2 for name in file & known)
        return both / (self._length(file) * self._length(known)) if both else 0.0

    def _length(self, headers: frozenset[str]) -> float:
        return math.sqrt(sum(self.weight(name) ** 2 for name in headers))


def _folded(headers: Sequence[str]) -> frozenset[str]:
    return frozenset(fold_for_detection(name) for name in headers)


def _has(file: frozenset[str], shape: SignatureShape) -> bool:
    return _folded(shape.needs) <= file
