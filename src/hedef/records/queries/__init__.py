"""Reads of the records for faces and higher rooms."""

from hedef.records.queries.state import last_change

__all__ = ["last_change"]
