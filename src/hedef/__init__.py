"""Hedef: sales operations on true numbers."""
