"""The command line: typer on top of keyword-only verbs; a verb knows nothing of it."""
