"""The ledger as columnar tables, and the one place where they are asked.

A question is an SQL file of a room (`metrics/sql/new_pipeline.sql` is asked as "metrics/new_pipeline");
docs/rooms/facts.md says how to write one and lists the tables.
"""
