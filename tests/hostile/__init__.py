"""Everything that a source may send and should not: one table of kinds, and what becomes of each."""
