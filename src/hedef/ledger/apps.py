from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "hedef.ledger"
    label = "ledger"
