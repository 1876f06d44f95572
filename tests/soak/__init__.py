"""Soak: many simulated days on the real stack, with figures of what they leave behind."""
