"""Generated transactions for aml: a town's ordinary half year, and a week with schemes planted in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ml.data_generation.banking import Record, Town, town
from ml.data_generation.laundering import plant
from ml.data_generation.planted import PlantedEvent

END = datetime(2025, 12, 4, tzinfo=UTC)  # the week holds paydays and rents
PEOPLE, OCCURRENCES = 300, 4


def generate_week(*, seed: int = 1, scale: float = 1.0, end: datetime = END) -> list[PlantedEvent]:
    """A week up to `end` after the history that baselines need; `scale` is of the town and of the schemes."""
    place = town(seed=seed, end=end, people=max(round(PEOPLE * scale), 60))
    planted = plant(place, occurrences=max(round(OCCURRENCES * scale), 1))
    begins = (end - timedelta(days=7)).isoformat()
    since = _actors(place, planted)
    events = [
        PlantedEvent(
            record,
            *planted.get(number, ("", "")),
            warmup=record["occurred_at"] < begins or (number not in planted and _in_the_wake(record, since)),
        )
        for number, record in enumerate(place.records)
        if record["occurred_at"] < end.isoformat()
    ]
    return sorted(events, key=lambda event: (event.record["occurred_at"], event.record["transaction_id"]))


def _actors(place: Town, planted: Mapping[int, tuple[str, str]]) -> dict[str, str]:
    """When each of the town's people first took part in a scheme."""
    people = {person.account for person in place.people}
    since: dict[str, str] = {}
    for number in planted:
        record = place.records[number]
        for account in people & {record["sender_id"], record["receiver_id"]}:
            since[account] = min(since.get(account, record["occurred_at"]), record["occurred_at"])
    return since


def _in_the_wake(record: Record, since: Mapping[str, str]) -> bool:
    """What somebody does besides is neither a scheme nor free of it: its alert stands already."""
    parties = (record["sender_id"], record["receiver_id"])
    return any(party in since and record["occurred_at"] >= since[party] for party in parties)
