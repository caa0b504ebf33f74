"""Events of a domain in order of time, ending now, with a share of them in planted schemes.

The generators stand in `ml/`; what they name is renamed for each run, so that two runs do not share
customers, and their days are moved to end today.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraud_detection.services.streaming.envelope import time_field

if TYPE_CHECKING:
    from ml.data_generation.planted import PlantedEvent

EVERYTHING = "everyday"
MOST_HISTORY = 10_000
DATED = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?")
OWN_NAMES = (
    *("transaction_id", "user_id", "sender_id", "receiver_id", "merchant_id", "card_token", "device_id"),
    *("application_id", "applicant_id", "phone", "claim_id", "policy_id", "claimant_id", "bank_account"),
    *("object_id", "document_hash", "address", "provider_id", "event_id", "trader_id", "counterparty_id"),
    *("owner_group", "order_id", "symbol"),
)
# Ordinary events in a generated week at scale 1, and the largest scale whose history is loaded in a minute.
WEEKS = {"aml": (2_700, 0.5), "credit": (2_000, 20.0), "insurance": (2_000, 3.0), "market": (5_000, 3.0)}
TRIES = 20
PAYMENT_DAYS = 21  # the newest third is sent, what is older is history


class ScenarioUnknown(ValueError):
    """There is no such scenario; the text names those that are."""


@dataclass(frozen=True)
class Script:
    """What a run sends: `history` first and at once, then `events` at the rate."""

    engine: str
    history: list["PlantedEvent"]
    events: list["PlantedEvent"]


def scenarios() -> dict[str, list[str]]:
    """The names by engine; each engine has `everyday`, all of its schemes."""
    from ml.data_generation import laundering, manipulation, traffic
    from ml.domains.credit import generator as credit
    from ml.domains.insurance import schemes as insurance

    found: dict[str, Sequence[str]] = {
        "payments": [name for name in traffic.SCHEMES if name],
        "aml": list(laundering.SCHEMES),
        "credit": list(credit._SCHEMES),
        "insurance": list(insurance.SCHEMES),
        "market": list(manipulation.SCHEMES),
    }
    return {engine: [EVERYTHING, *map(_plain, names)] for engine, names in found.items()}


def engine_of(scenario: str, engine: str | None) -> str:
    """The engine that a scenario belongs to; raises ScenarioUnknown."""
    known = scenarios()
    if engine is None:
        engine = next((name for name, names in known.items() if scenario in names), "payments")
    if scenario not in known[engine]:
        raise ScenarioUnknown(f"{engine} has no scenario {scenario!r}: use {', '.join(known[engine])}")
    return engine


def script(engine: str, *, scenario: str, events: int, fraud_rate: float, seed: int, now: datetime) -> Script:
    """At most so many events, about `fraud_rate` of them in schemes; the same arguments, the same script."""
    made = _made(engine, scenario, events, fraud_rate, seed, now)
    history = [event for event in made if event.warmup and not event.scheme]
    live = [event for event in made if not event.warmup and _belongs(event, scenario)]
    # A week begins where its history ends, or later to hold its scheme; payments are cut where they end: now.
    cut = max(len(live) - events, 0) if engine == "payments" else _reaching(live, scenario, events)
    window, before = live[cut : cut + events], live[:cut]
    sent = _thinned(window, fraud_rate, random.Random(seed))
    before = [event for event in before if not event.scheme]
    room = events - len(sent)
    sent, history = (
        [*before[max(len(before) - room, 0) :], *sent],
        [*history, *before[: max(len(before) - room, 0)]],
    )
    rename = _renamer(f"{seed:x}")
    move = _mover(engine, sent or history, now)
    return Script(
        engine,
        [replace(event, record=move(rename(event.record))) for event in history[-MOST_HISTORY:]],
        [replace(event, record=move(rename(event.record))) for event in sent],
    )


def _plain(name: str) -> str:
    return name.replace(" ", "_")


def _payments(events: int, fraud_rate: float, seed: int, now: datetime) -> list["PlantedEvent"]:
    from ml.data_generation.planted import PlantedEvent
    from ml.domains.payments.generator import EVENTS_A_CUSTOMER_DAY, generate

    customers = max(round(1.6 * events / (PAYMENT_DAYS / 3 * EVENTS_A_CUSTOMER_DAY)), 40)
    rate = min(max(4 * fraud_rate, 0.02), 0.2)  # more than is wanted: a scenario takes one scheme of them
    frame = generate(customers=customers, days=PAYMENT_DAYS, fraud_rate=rate, seed=seed, until=now)
    schemes = [name if isinstance(name, str) else "" for name in frame.pop("scheme").tolist()]
    records = frame.drop(columns=["is_fraud"]).to_dict("records")
    found = []
    for number, (row, scheme) in enumerate(zip(records, schemes, strict=True)):
        record = {name: value for name, value in row.items() if value is not None and value == value}
        found.append(
            PlantedEvent(record, scheme, f"{scheme}-{number}", warmup=number < len(records) - 1.3 * events)
        )
    return found


def _week(engine: str, events: int, seed: int, now: datetime) -> list["PlantedEvent"]:
    from importlib import import_module

    ordinary, most = WEEKS[engine]
    scale = min(max(events / ordinary, 0.1), most)
    given: dict[str, Any] = {}
    if engine == "aml":
        given["end"] = now
    if engine == "market":
        given["week_of"] = _monday(now.date()) - timedelta(days=7)
    generate: Callable[..., list[PlantedEvent]] = import_module(
        f"ml.domains.{engine}.generator"
    ).generate_week
    return generate(seed=seed % 997 + 1, scale=scale, **given)


def _made(
    engine: str, scenario: str, events: int, fraud_rate: float, seed: int, now: datetime
) -> list["PlantedEvent"]:
    """What the generator gives. Schemes come in bursts: a short window may miss the one that is asked for."""
    if engine != "payments":
        return _week(engine, events, seed, now)
    for attempt in range(TRIES):
        made = _payments(events, fraud_rate, seed + attempt * 1_000_003, now)
        if not fraud_rate or any(event.scheme and _belongs(event, scenario) for event in made[-events:]):
            break
    return made


def _belongs(event: "PlantedEvent", scenario: str) -> bool:
    return not event.scheme or scenario in (EVERYTHING, _plain(event.scheme))


def _reaching(live: Sequence["PlantedEvent"], scenario: str, events: int) -> int:
    """Where to begin so that so many events hold the first occurrence of the scheme that is asked for."""
    if scenario == EVERYTHING:
        return 0
    first = next((event.instance for event in live if event.scheme), None)
    places = [place for place, event in enumerate(live) if event.scheme and event.instance == first]
    return max(places[-1] + 1 - events, 0) if places else 0


def _thinned(events: Sequence["PlantedEvent"], fraud_rate: float, rng: random.Random) -> list["PlantedEvent"]:
    """Whole occurrences, as many as the rate allows, at least one unless it is 0; ordinary events stay."""
    planted: dict[str, int] = defaultdict(int)
    for event in events:
        if event.scheme:
            planted[event.instance] += 1
    room = fraud_rate / max(1 - fraud_rate, 0.01) * (len(events) - sum(planted.values()))
    kept: set[str] = set()
    for instance in rng.sample(sorted(planted), len(planted)):
        if planted[instance] <= room or (not kept and fraud_rate > 0):
            kept.add(instance)
            room -= planted[instance]
    return [event for event in events if not event.scheme or event.instance in kept]


def _renamer(run: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def rename(record: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: f"{value}-{run}" if name in OWN_NAMES and isinstance(value, str) else value
            for name, value in record.items()
        }

    return rename


def _mover(
    engine: str, events: Sequence["PlantedEvent"], now: datetime
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """By whole days, so that hours and spans stay: the last event is of the last day before `now`."""
    last = max((datetime.fromisoformat(event.record[time_field(engine)]) for event in events), default=now)
    by = timedelta(days=(now - last) // timedelta(days=1))

    def move(record: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _moved(value, by) for name, value in record.items()} if by else dict(record)

    return move


def _moved(value: Any, by: timedelta) -> Any:
    if not isinstance(value, str) or not DATED.fullmatch(value):
        return value
    if len(value) == 10:
        return (date.fromisoformat(value) + by).isoformat()
    return (datetime.fromisoformat(value).astimezone(UTC) + by).isoformat()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
