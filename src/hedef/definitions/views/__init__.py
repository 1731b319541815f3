"""Pages of documents, the same for every kind: what its room lends makes them its own."""

from hedef.definitions.views.document import document, simulation, step
from hedef.definitions.views.editor import edit, new
from hedef.definitions.views.listed import documents

__all__ = ["document", "documents", "edit", "new", "simulation", "step"]
