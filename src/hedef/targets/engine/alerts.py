"""When a band has really changed (T13): one notice a crossing, the next one only 3 points beyond the edge."""

from collections.abc import Sequence
from fractions import Fraction

from hedef.targets.engine.standing import BANDS, Band, BandWord, band_of

MARGIN = Fraction(3, 100)


def crossed(former: str | None, value: Fraction | None, bands: Sequence[Band] = BANDS) -> BandWord | None:
    """The band to tell of; none where nothing changed, or the value has not left the former band by 3 points.

    `former` is the band told last (none: nothing was told, so the scope counts as on pace).
    """
    now = band_of(value, bands)
    known = former or "on_pace"
    if value is None or now is None or now == known:
        return None
    low, high = _edges(known, bands)
    if (low is None or value >= low - MARGIN) and (high is None or value < high + MARGIN):
        return None
    return now


def _edges(word: str, bands: Sequence[Band]) -> tuple[Fraction | None, Fraction | None]:
    low: Fraction | None = None
    for band in bands:
        if band.word == word:
            return low, band.below
        low = band.below
    return None, None
