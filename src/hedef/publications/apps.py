from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    name = "hedef.publications"
    label = "publications"
