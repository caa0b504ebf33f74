"""What verifying found, in words."""

from dataclasses import dataclass, field

NAMED = 1_000  # findings that are spelled out; further ones are counted
COMPARED = 100_000  # digests kept to tell a moved event from an edited one


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    `kind` is edited, deleted, inserted, reordered, truncated, seal, head or checkpoint;
    `event` is the id of the (first) event concerned, `seal` the number of the seal.
    """

    kind: str
    text: str
    event: int | None = None
    seal: int | None = None


@dataclass
class Findings:
    """Findings of one run, gathered in bounded memory."""

    named: list[Finding] = field(default_factory=list)
    count: int = 0
    wanted: dict[bytes, int] = field(default_factory=dict)  # digest that was sealed -> its event's id
    _changed: list[tuple[int, bytes, int]] = field(default_factory=list)  # id, digest found, seal
    _added: list[tuple[int, bytes]] = field(default_factory=list)
    _gone: tuple[int, int, int, int] | None = None  # a run of missing events: first, last, how many, seal

    def add(self, kind: str, text: str, *, event: int | None = None, seal: int | None = None) -> None:
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(Finding(kind, text, event, seal))

    def changed(self, event: int, sealed: bytes, found: bytes, seal: int) -> None:
        self._want(sealed, event)
        if len(self._changed) < COMPARED:
            self._changed.append((event, found, seal))
        else:
            self.add("edited", _edited(event), event=event, seal=seal)

    def added(self, event: int, found: bytes) -> None:
        if len(self._added) < COMPARED:
            self._added.append((event, found))
        else:
            self.add("inserted", _inserted(event), event=event)

    def gone(self, event: int, sealed: bytes, seal: int) -> None:
        self._want(sealed, event)
        if self._gone is None:
            self._gone = (event, event, 1, seal)
        else:
            first, _, many, at = self._gone
            self._gone = (first, event, many + 1, at)

    def present(self) -> None:
        """A sealed event is there: a run of missing ones has ended."""
        self._end_run("deleted", "")

    def ended(self, *, cut_off: bool) -> None:
        """All was compared: what is missing at the end was cut off, what turns up elsewhere was moved."""
        if cut_off:
            self._end_run("truncated", ": the trail is cut off at its end")
        self._end_run("deleted", "")
        for event, found, seal in self._changed:
            origin = self.wanted.get(found)
            if origin is None or origin == event:
                self.add("edited", _edited(event), event=event, seal=seal)
            else:
                text = f"event {event} stands in another place: it was sealed as event {origin}"
                self.add("reordered", text, event=event, seal=seal)
        for event, found in self._added:
            origin = self.wanted.get(found)
            if origin is None:
                self.add("inserted", _inserted(event), event=event)
            else:
                text = f"event {event} stands in another place: it was sealed as event {origin}"
                self.add("reordered", text, event=event)

    def _end_run(self, kind: str, more: str) -> None:
        if self._gone is None:
            return
        first, last, many, seal = self._gone
        self._gone = None
        if many == 1:
            self.add(kind, f"event {first} is gone{more}", event=first, seal=seal)
        else:
            text = f"{many:,} events from {first} to {last} are gone{more}"
            self.add(kind, text, event=first, seal=seal)

    def _want(self, sealed: bytes, event: int) -> None:
        if len(self.wanted) < COMPARED:
            self.wanted.setdefault(sealed, event)


def _edited(event: int) -> str:
    return f"event {event} was edited after it was sealed"


def _inserted(event: int) -> str:
    return f"event {event} was inserted: its place in the trail was sealed without it"
