"""The store of dated documents: versions, life from draft to retired, second person, differences, undo."""
