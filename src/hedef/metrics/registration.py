"""What the definitions room asks of a metric document: its checks against the other metrics, and its plain words."""

from hedef.definitions.queries import list_in_force
from hedef.kernel.issue import Issue
from hedef.kernel.yaml_source import Locate
from hedef.metrics.engine.checks import check_metric
from hedef.metrics.schema import MetricDocument


def check_document(document: MetricDocument, _locate: Locate, _file: str | None) -> list[Issue]:
    """Rules M1-M12 of a version against the metrics in force on its first day."""
    others = {one.id: one.document for one in list_in_force("metric", day=document.effective_from)}
    return check_metric(document, others)


def in_words(document: MetricDocument) -> dict[str, str]:
    """What the metric counts and what to do about it, in both languages."""
    parts = [document.says, document.act]
    return {
        "en": " ".join([f"{document.name.en}:", *(part.en for part in parts if part)]),
        "tr": " ".join([f"{document.name.tr}:", *(part.tr for part in parts if part)]),
    }
