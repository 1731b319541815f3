from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "hedef.metrics"
    label = "metrics"

    def ready(self) -> None:
        from hedef.definitions.kinds import DocumentKind
        from hedef.definitions.kinds import register as register_kind
        from hedef.metrics.registration import check_document, in_words
        from hedef.metrics.schema import MetricDocument
        from hedef.metrics.shipped import LIBRARY

        register_kind(
            DocumentKind(
                "metric", MetricDocument, needs_second=True, check=check_document, words=in_words, shipped=LIBRARY
            )
        )
