"""Rules are data: CEL conditions, type-checked, compiled to Python for one event and to numpy for many."""
