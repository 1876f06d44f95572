"""Everything around the application: the embedded stack, the provincial sandbox, sources, decisions."""
