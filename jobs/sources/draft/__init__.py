"""Proposes a mapping for an unknown system from a sample of what it sends."""
