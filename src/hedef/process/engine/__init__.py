"""Pure computing over stages and visits. No database, no clock."""
