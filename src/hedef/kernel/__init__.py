"""The shared language of every room. Pure: no Django, no database, no clock, no environment."""
