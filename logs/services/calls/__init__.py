"""The API call log: filled by the web processes behind their answers."""

from logs.services.calls.buffer import add, drain
from logs.services.calls.row import Call

__all__ = ["Call", "add", "drain"]
