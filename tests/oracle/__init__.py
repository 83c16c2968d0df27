"""A second model of the rules of reminding, compared with the preview over random people and weeks."""
