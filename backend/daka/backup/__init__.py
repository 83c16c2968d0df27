"""Backups: one logical format for SQLite and PostgreSQL, made while everything runs, restored into either."""
