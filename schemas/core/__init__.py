"""Datasets of the core layer that belong to no register."""
