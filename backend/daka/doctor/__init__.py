"""`daka doctor`: what is wrong with an installation, one line each, and what helps."""
