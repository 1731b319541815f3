"""Tables that leave Hedef: CSV, XLSX, JSON, Markdown, PDF, PNG; with what they rest on, safe in a spreadsheet."""

from hedef.exports.safe import harmless, unharmed
from hedef.exports.sheet import Column, Head, Sheet
from hedef.exports.writing import FORMATS, Format, written

__all__ = ["FORMATS", "Column", "Format", "Head", "Sheet", "harmless", "unharmed", "written"]
