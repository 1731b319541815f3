"""Results that people saw or were paid by: what they rest on, so that they can be told again to the same bytes."""
