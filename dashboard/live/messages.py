"""Entries of the activity stream as messages for pages, merged when they come thick and fast."""

from collections.abc import Iterable, Mapping
from typing import Any

KEPT = 200  # decisions and alerts named in one message; `decided` counts all


class Outbox:
    """What one page has not been told yet; `user_id`: whose page, for what is told to people."""

    def __init__(self, user_id: int | None = None) -> None:
        self.user_id = user_id
        self._message = _empty()

    def __bool__(self) -> bool:
        return bool(
            self._message["decided"]
            or self._message["alerts"]
            or self._message["kpis"]
            or "bell" in self._message
            or "jobs" in self._message
        )

    def add(self, entry: Mapping[str, Any]) -> None:
        """Take an entry {id, kind, at, data} of the stream; kinds that no page shows are passed over."""
        if entry["kind"] == "decision":
            seen = {"at": entry["at"], **entry["data"]}
            self._message["decisions"] = [*self._message["decisions"], seen][-KEPT:]
            self._message["decided"] += 1
        elif entry["kind"] == "notification" and self.user_id in entry["data"]["users"]:
            self._message["bell"] = True
        elif entry["kind"] == "job":  # the newest of each job says all
            self._message.setdefault("jobs", {})[str(entry["data"]["id"])] = entry["data"]

    def show(self, kpis: Mapping[str, Any], alerts: list[dict[str, Any]]) -> None:
        """Replace the figures, of which only the newest matter, and add alerts raised since."""
        self._message["kpis"] = dict(kpis)
        self._message["alerts"] = [*self._message["alerts"], *alerts][-KEPT:]

    def take(self) -> dict[str, Any]:
        """The message so far, and start anew."""
        message, self._message = self._message, _empty()
        return message


def _empty() -> dict[str, Any]:
    return {"decisions": [], "decided": 0, "alerts": [], "kpis": None}


def message_of(entries: Iterable[Mapping[str, Any]], user_id: int | None = None) -> dict[str, Any]:
    """One message for entries in order of time."""
    outbox = Outbox(user_id)
    for entry in entries:
        outbox.add(entry)
    return outbox.take()
