"""What the definitions room's pages ask of a metric: form, preview, cases, what a change would move, and its places."""

from hedef.metrics.editor.cases import begin, prove
from hedef.metrics.editor.form import blank, form
from hedef.metrics.editor.places import placed, tell
from hedef.metrics.editor.preview import preview
from hedef.metrics.editor.trial import simulate, told
from hedef.metrics.editor.uses import uses

__all__ = ["begin", "blank", "form", "placed", "preview", "prove", "simulate", "tell", "told", "uses"]
