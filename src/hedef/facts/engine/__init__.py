"""Pure parts of the facts: derived tables, their signed differences, and the lint of questions."""
