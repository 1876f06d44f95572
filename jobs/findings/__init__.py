"""Findings: what is wrong with rows, the steward's corrections of them, and their replay."""
