"""What the definitions room asks of a metric document: its checks against the other metrics, and its plain words."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from hedef.definitions.kinds import DocumentKind
from hedef.definitions.kinds import register as register_kind
from hedef.definitions.queries import list_in_force
from hedef.kernel.issue import Issue
from hedef.kernel.yaml_source import Locate
from hedef.metrics import editor
from hedef.metrics.editor.places import placed
from hedef.metrics.engine.checks import check_metric
from hedef.metrics.schema import MetricDocument
from hedef.metrics.shipped import LIBRARY


def check_document(document: MetricDocument, locate: Locate, file: str | None) -> list[Issue]:
    """Rules M1-M12 of a version against the metrics in force on its first day, each at its place.

    A draft may be kept before its cases are written: they are asked for when it is simulated (`prove`).
    """
    others = {one.id: one.document for one in list_in_force("metric", day=document.effective_from)}
    found = check_metric(document, others)
    return [
        placed(replace(one, level="warning") if one.code == "cases_missing" else one, locate, file) for one in found
    ]


def register() -> None:
    """Lend the definitions room what is ours."""
    register_kind(
        DocumentKind(
            "metric",
            MetricDocument,
            needs_second=True,
            check=check_document,
            words=in_words,
            shipped=LIBRARY,
            title=_("Metrics"),
            form=editor.form,
            preview=editor.preview,
            prove=editor.prove,
            uses=editor.uses,
            simulate=editor.simulate,
            told=lambda result, viewer: list(editor.told(result, viewer)),
            begin=editor.begin,
            blank=editor.blank,
            tell=editor.tell,
            page=lambda metric: f"/metrics/{metric}/",
        )
    )


def in_words(document: MetricDocument) -> dict[str, str]:
    """What the metric counts and what to do about it, in both languages."""
    parts = [document.says, document.act]
    return {
        "en": " ".join([f"{document.name.en}:", *(part.en for part in parts if part)]),
        "tr": " ".join([f"{document.name.tr}:", *(part.tr for part in parts if part)]),
    }
