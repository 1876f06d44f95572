"""Orchestration: what runs, when, and who approves."""
