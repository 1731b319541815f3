"""Every message has its Turkish text, none is guessed, and the compiled catalogue is fresh."""

import pytest

from hedef.web.messages import collect, faults, load


def test_no_message_lacks_its_turkish_text():
    assert faults() == []


def test_messages_of_templates_and_python_files_are_both_found():
    ids = {message.id for message in collect()}
    assert {"Skip to content", "Missed the target", "Sales operations"} <= ids


@pytest.mark.parametrize(
    "message", [one for one in load() if one.id and "%(" in str(one.id)], ids=lambda one: str(one.id)
)
def test_a_translation_keeps_the_places_for_numbers(message):
    said = message.id if isinstance(message.id, tuple) else (message.id,)
    meant = message.string if isinstance(message.string, tuple) else (message.string,)
    places = {part.partition(")")[0] for text in said for part in text.split("%(")[1:]}
    assert all({part.partition(")")[0] for part in text.split("%(")[1:]} == places for text in meant)
