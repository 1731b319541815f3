"""Django's entry of the room."""

from typing import ClassVar

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "hedef.access"
    label = "access"
    verbose_name: ClassVar[str] = "Access"
