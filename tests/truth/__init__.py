"""What becomes of injected faults, by kind: ``python -m tests.truth``."""
