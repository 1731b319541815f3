from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "hedef.metrics"
    label = "metrics"

    def ready(self) -> None:
        from hedef.metrics.registration import register

        register()
