from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "hedef.facts"
    label = "facts"

    def ready(self) -> None:
        from hedef.definitions.kinds import DocumentKind
        from hedef.definitions.kinds import register as register_kind
        from hedef.facts.calendars import CALENDAR, check_calendar
        from hedef.facts.moving import moved
        from hedef.facts.registry import register
        from hedef.facts.schema import CalendarDocument, in_words
        from hedef.facts.services import first_calendar
        from hedef.jobs import schedule
        from hedef.records.services import register_mover

        register(CALENDAR)
        register_mover(moved)
        register_kind(
            DocumentKind("calendar", CalendarDocument, check=check_calendar, words=in_words, first=first_calendar)
        )
        schedule("compact", task="hedef.facts.tasks.compact", cron="10 3 * * *")
