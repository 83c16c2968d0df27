"""`daka doctor`: checks an installation and prints one line per check, with the remedy."""
