"""Merge: pending facts into golden versions, for one register at a time."""
