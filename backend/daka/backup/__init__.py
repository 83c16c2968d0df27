"""Backups: one logical format for SQLite and PostgreSQL, made while the server runs, restored into either."""
