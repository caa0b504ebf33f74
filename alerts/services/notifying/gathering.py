"""Messages of the outbox join what people are told: the bell at once, mails and chats when they are due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from alerts.models import NotificationChannel, NotificationPreference, OutboxMessage, Topic
from alerts.services.notifying import bell, queueing
from alerts.services.notifying.rising import with_rises
from alerts.services.notifying.rules import InForce, People, people, rules_in_force
from alerts.services.notifying.tallying import USUAL, Tally, merged, new_tally, tallies
from logs import activity

ByTopic = dict[str, Tally]
NAMED = (Topic.CASE_MENTION, Topic.REPORT_DUE)  # these name whom they are for


@dataclass
class Told:
    """What a batch adds: for each person's bell, and for each destination."""

    bells: dict[int, ByTopic] = field(default_factory=lambda: defaultdict(dict))
    destinations: dict[str, ByTopic] = field(default_factory=lambda: defaultdict(dict))
    preferences: dict[int, NotificationPreference] = field(default_factory=dict)


def gather(messages: Sequence[OutboxMessage], now: datetime) -> None:
    """Count a batch into what waits for each person and channel; inside the caller's transaction."""
    told = _told(with_rises(messages))
    for user_id, by_topic in told.bells.items():
        bell.join(user_id, by_topic, now)
    queueing.join(told.destinations, told.preferences, now)
    if told.bells:
        users = sorted(told.bells)
        transaction.on_commit(lambda: activity.publish_many([("notification", {"users": users})]))


def _told(messages: Sequence[OutboxMessage]) -> Told:
    told = Told()
    counted = tallies(messages, rules_in_force())
    personal = [message for message in messages if message.topic in NAMED]
    if not counted and not personal:
        return told
    everybody = people()
    told.preferences = {one.user_id: one for one in NotificationPreference.objects.all()}
    channels = {f"channel:{one.pk}": one for one in NotificationChannel.objects.filter(active=True)}
    for (topic, rules), tally in counted.items():
        for user_id, ways in everybody.reached_by(rules).items():
            _tell(told, user_id, ways, {topic: tally}, channels)
        _tell_shared(told, rules, {topic: tally}, channels)
    for message in personal:
        _tell_named(told, message, everybody, channels)
    return told


def _tell(
    told: Told,
    user_id: int,
    ways: set[str],
    by_topic: ByTopic,
    channels: Mapping[str, NotificationChannel],
) -> None:
    """One person, by the ways of the rules that they have not switched off."""
    preference = told.preferences.get(user_id)
    if preference and set(by_topic) <= set(preference.muted_topics):
        return
    if "in_app" in ways:
        told.bells[user_id] = merged(told.bells[user_id], by_topic)
    if "email" in ways and (preference is None or preference.email) and mail_is_set_up():
        _add(told, f"email:{user_id}", by_topic)
    if preference is None or preference.own_channels:
        for way in sorted(ways):
            if way in channels and channels[way].owner_id == user_id:
                _add(told, way, by_topic)


def _tell_shared(
    told: Told, rules: Sequence[InForce], by_topic: ByTopic, channels: Mapping[str, NotificationChannel]
) -> None:
    """Channels of nobody in particular hear what the rules say, whoever wants what."""
    for way in sorted({way for rule in rules for way in rule.channels}):
        if way in channels and channels[way].owner_id is None:
            _add(told, way, by_topic)
        if way == "notify_urls":  # each by itself, so that one that fails does not repeat the others
            for number in range(1, len(settings.NOTIFY_URLS) + 1):
                _add(told, f"notify_urls:{number}", by_topic)


def _tell_named(
    told: Told, message: OutboxMessage, everybody: People, channels: Mapping[str, NotificationChannel]
) -> None:
    """A message that names whom it is for; nobody else hears of it."""
    severity = str(USUAL[message.topic])
    tally = new_tally(message.payload, severity) | {"count": 1, "severities": {severity: 1}}
    for user_id in named(message.payload):
        if user_id in everybody.by_id:
            own = {way for way, channel in channels.items() if channel.owner_id == user_id}
            _tell(told, user_id, {"in_app", "email", *own}, {message.topic: tally}, channels)


def named(payload: Mapping[str, object]) -> list[int]:
    """The people that a message names, each once."""
    ids = payload.get("user_ids") or [payload.get("user_id")]
    return sorted({user_id for user_id in ids if isinstance(user_id, int)}) if isinstance(ids, list) else []


def _add(told: Told, destination: str, by_topic: ByTopic) -> None:
    told.destinations[destination] = merged(told.destinations[destination], by_topic)


def mail_is_set_up() -> bool:
    """False while no mail server is named: then mail would only reach the log."""
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")
