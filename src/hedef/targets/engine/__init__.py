"""Pure computing of targets: no clock, no database. Values are integers of the unit's smallest step."""
