"""Conform: landed rows into dossiers, change facts and findings."""
