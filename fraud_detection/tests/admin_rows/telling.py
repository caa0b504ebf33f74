from alerts.tests.told_rows import make_told_rows as make

__all__ = ["make"]
