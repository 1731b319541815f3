"""Refusals of the reader in the language of the page: what is wrong with a file, and what to do.

The reader runs in a process of its own that knows no language; it says English sentences, which are found again here.
"""

import re
from functools import cache

from django.utils.translation import gettext, gettext_noop

_SAID = (
    gettext_noop("%(name)s is a program, not a table."),
    gettext_noop("%(name)s is a document of an old or locked format."),
    gettext_noop("%(name)s holds no text that could be a table."),
    gettext_noop("%(name)s holds macros."),
    gettext_noop("%(name)s holds XML with a document type of its own."),
    gettext_noop("%(name)s holds NaN."),
    gettext_noop("%(name)s holds Infinity."),
    gettext_noop("%(name)s holds -Infinity."),
    gettext_noop("%(name)s nests values more than %(number)s deep."),
    gettext_noop("%(name)s holds values that are no records."),
    gettext_noop("%(name)s is no JSON that can be read (%(why)s)."),
    gettext_noop("%(name)s is no workbook that can be read (%(why)s)."),
    gettext_noop("%(name)s is no Parquet that can be read (%(why)s)."),
    gettext_noop("%(name)s cannot be unpacked (%(why)s)."),
    gettext_noop("%(name)s unpacks to more than %(number)s times its size."),
    gettext_noop("%(name)s unpacks to more than %(number)s MB."),
    gettext_noop("%(name)s holds more than %(number)s files."),
    gettext_noop("%(name)s is locked with a password."),
    gettext_noop("%(name)s holds a link or device (“%(entry)s”)."),
    gettext_noop("%(name)s holds a file whose name points elsewhere (“%(entry)s”)."),
    gettext_noop("%(name)s is an archive inside an archive."),
    gettext_noop("%(name)s holds an archive inside (“%(entry)s”)."),
    gettext_noop("%(name)s holds no file that can be read."),
    gettext_noop("%(name)s holds no file."),
    gettext_noop("%(name)s is empty."),
    gettext_noop("%(name)s has more than %(number)s rows."),
    gettext_noop("%(name)s has more than %(number)s columns."),
    gettext_noop("%(name)s has %(number)s columns; %(limit)s are allowed."),
    gettext_noop("%(name)s has %(number)s rows; the limit is %(limit)s."),
    gettext_noop("%(name)s has %(number)s bytes; the limit is %(limit)s."),
    gettext_noop("%(name)s: the header line has more than %(number)s bytes."),
    gettext_noop("%(name)s: a line is longer than %(number)s bytes."),
    gettext_noop("%(name)s holds a value of more than %(number)s MB."),
    gettext_noop("%(name)s could not be read: the reader stopped at it."),
    gettext_noop("%(name)s could not be read within %(number)s seconds."),
    gettext_noop("%(name)s needs more than %(number)s MB of memory to be read."),
    # what to do
    gettext_noop("Export the records as CSV and import that."),
    gettext_noop("Save it as XLSX without a password, or save the sheet as CSV."),
    gettext_noop("Save it as XLSX without macros, or the sheet as CSV."),
    gettext_noop("Programs that write workbooks never do that. Save the sheet as CSV."),
    gettext_noop("JSON knows no such number. Export it again, with blank values where there is none."),
    gettext_noop("Export the records as a flat list."),
    gettext_noop("A list of objects is needed."),
    gettext_noop("It may be cut off: export it again."),
    gettext_noop("It may be cut off or encrypted: export it again."),
    gettext_noop("It may be cut off: save it again, or save the sheet as CSV."),
    gettext_noop("It may be cut off or locked with a password: save it again, or save the sheet as CSV."),
    gettext_noop("Unpack it yourself and import the files you trust."),
    gettext_noop("Export it again."),
    gettext_noop("Export it again; at least a header line is needed."),
    gettext_noop("Export it in smaller pieces."),
    gettext_noop("Export only the columns you need."),
    gettext_noop("Split the export, or raise %(setting)s."),
    gettext_noop("Export it as CSV, or in smaller pieces, or raise %(setting)s."),
    gettext_noop("This is no table of lines. Export it again as CSV."),
    gettext_noop("The file is damaged or was made to do harm. Export it again, as CSV if you can."),
)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(text), text) for text in _SAID)


def _pattern(text: str) -> re.Pattern[str]:
    """The sentence with its places open; the reader writes plain quotes."""
    parts = re.split(r"%\((\w+)\)s", text)
    told = [f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(told).replace("“", '"').replace("”", '"'), re.DOTALL)


def in_words(sentence: str) -> str | None:
    """A sentence of the reader in the language that is set; none for one that is not of the reader."""
    for pattern, text in _patterns():
        if found := pattern.fullmatch(sentence):
            return gettext(text) % found.groupdict()
    return None
