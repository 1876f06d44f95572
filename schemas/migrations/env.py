"""Runs the migrations of one database on the connection that the caller opened."""

from __future__ import annotations

from alembic import context

context.configure(**context.config.attributes["configuration"])
with context.begin_transaction():
    context.run_migrations()
