"""Files become records: read, decided by evidence, compared with what their source last said, sealed, trusted."""
