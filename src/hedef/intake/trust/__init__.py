"""The trust gate: what imports measure, their limits, overrides by two people, and the trust of a question."""
