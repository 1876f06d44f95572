"""Derived artefacts, one module per target."""
