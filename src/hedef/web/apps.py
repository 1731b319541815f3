"""Django's entry of the shell."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "hedef.web"
    label = "web"
    verbose_name = "Hedef"
