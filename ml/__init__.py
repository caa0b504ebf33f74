"""Features, models and their training. Nothing in this package knows Django."""
