"""Pure part of records: the kinds and their fields."""
