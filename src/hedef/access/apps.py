"""Django's entry of the room."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "hedef.access"
    label = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        from hedef.access.queries import approvers, approvers_of
        from hedef.access.services import follow_merge, follow_split
        from hedef.definitions.services import register_approvers
        from hedef.records.services import register_follower, register_seconds

        register_approvers(approvers_of)
        register_seconds(approvers)
        register_follower("user", take=follow_merge, give=follow_split)
