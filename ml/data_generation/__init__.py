"""Seeded, coherent data for people who have none: shared pieces of the domains' generators."""
