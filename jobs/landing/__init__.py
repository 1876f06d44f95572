"""Landed objects: what is in them, row by row."""
