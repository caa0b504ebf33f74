"""What the framework and the database could do at most on this machine. Never part of the product."""
