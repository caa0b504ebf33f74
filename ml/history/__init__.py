"""Labelled history from any CSV: mapping of its columns, reading, checks, and the columns on disk."""

from ml.history.errors import HistoryDamaged, HistoryRefused, MappingRefused
from ml.history.history import History
from ml.history.mapping import HistoryMapping
from ml.history.store import load, save

__all__ = ["History", "HistoryDamaged", "HistoryMapping", "HistoryRefused", "MappingRefused", "load", "save"]
