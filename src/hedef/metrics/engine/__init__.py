"""Pure computing of metrics: expressions, slices of time, roll-up by kind. No database, no clock."""
