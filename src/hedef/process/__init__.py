"""Sales processes: stages, their order and versions, what happened to deals in them."""
