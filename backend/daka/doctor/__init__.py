"""`daka doctor`, and the same checks in the web app: one line per check, with the remedy."""
