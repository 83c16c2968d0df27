"""Servers that behave like the vendors, on loopback."""
