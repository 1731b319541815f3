"""Pages of the room: parse, permit, call a query or service, render."""
