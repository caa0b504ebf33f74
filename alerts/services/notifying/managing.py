"""Rules, channels and wordings are kept by admins; each deed leaves an audit row without secrets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts.models import (
    NotificationChannel,
    NotificationRule,
    NotificationTemplate,
)
from alerts.services.notifying import wording
from alerts.services.notifying.channels import ChannelRefused, service_of
from alerts.services.notifying.channels import send as send_now
from alerts.services.notifying.rule_checks import UNFIT, RuleRefused, check_rule
from alerts.services.notifying.rules import SHIPPED
from alerts.services.sealing import seal, unseal
from alerts.services.system import clear_system_alert
from logs.services import record
from users.models import User


class NotifyingConflict(Exception):
    """What was to be changed has changed since the caller looked, or is gone."""


@transaction.atomic
def save_rule(
    rule_id: int | None,
    *,
    values: Mapping[str, Any],
    acting_user: User,
    seen: int | None = None,
    request_id: str = "",
) -> NotificationRule:
    """Make or change a rule. `values`: name, topic, engine, min_severity, min_amount_minor, roles, users
    (e-mails), queue, channels, active. The first rule brings the shipped ones along, to be changed too.
    """
    rule, before = NotificationRule(), None
    if rule_id is not None:
        rule = _locked(NotificationRule, rule_id, seen)
        before, rule.revision = _shown_rule(rule), rule.revision + 1
    check_rule({**(before or {}), **values})
    if rule_id is None:
        _store_shipped()
    for name in set(values) - {"users"}:
        setattr(rule, name, values[name])
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError:
        raise RuleRefused("name", "another rule has this name") from None
    if "users" in values:
        rule.users.set(_people(values["users"]))
    _audit("notification_rule.saved", rule, acting_user, request_id, before, _shown_rule(rule))
    return rule


@transaction.atomic
def delete_rule(rule_id: int, *, acting_user: User, request_id: str = "") -> None:
    """Without any rule left the shipped ones apply again."""
    rule = _locked(NotificationRule, rule_id, None)
    _audit("notification_rule.deleted", rule, acting_user, request_id, _shown_rule(rule))
    rule.delete()


@transaction.atomic
def new_channel(
    *, name: str, url: str, acting_user: User, owner: User | None = None, request_id: str = ""
) -> NotificationChannel:
    """Store a channel; its URL is encrypted and never shown again. Raises ChannelRefused."""
    name = name.strip()
    if not name or len(name) > 64 or UNFIT.search(name):
        raise ChannelRefused("name", "must have 1 to 64 characters, without control characters")
    if len(url) > 2000 or UNFIT.search(url):
        raise ChannelRefused("url", "at most 2,000 characters, without control characters")
    values = {"service": service_of(url), "sealed_url": seal(url), "owner": owner}
    values["created_by"] = acting_user.email
    channel, fresh = NotificationChannel.objects.get_or_create(name=name, defaults=values)
    if not fresh:  # stored by somebody else at this moment
        raise ChannelRefused("name", "another channel has this name")
    _audit("notification_channel.created", channel, acting_user, request_id, after=_shown_channel(channel))
    return channel


@transaction.atomic
def change_channel(
    channel_id: int,
    *,
    acting_user: User,
    seen: int | None,
    active: bool | None = None,
    url: str | None = None,
    request_id: str = "",
) -> NotificationChannel:
    """Switch it on or off, or give it another URL."""
    channel = _locked(NotificationChannel, channel_id, seen)
    before = _shown_channel(channel)
    if url is not None:
        channel.service, channel.sealed_url = service_of(url), seal(url)
    if active is not None:
        channel.active = active
    channel.revision += 1
    channel.save()
    after = _shown_channel(channel) | {"url_changed": url is not None}
    _audit("notification_channel.changed", channel, acting_user, request_id, before, after)
    return channel


@transaction.atomic
def delete_channel(channel_id: int, *, acting_user: User, request_id: str = "") -> None:
    """What waits for it is given up with that reason when it is due."""
    channel = _locked(NotificationChannel, channel_id, None)
    _audit("notification_channel.deleted", channel, acting_user, request_id, _shown_channel(channel))
    channel.delete()


def try_channel(channel_id: int, *, acting_user: User, request_id: str = ""):
    """Send a test now; returns what came of it, a `Sent`."""
    channel = NotificationChannel.objects.get(pk=channel_id)
    sent = send_now(unseal(channel.sealed_url), "FraudGuard", f"A test by {acting_user.email}.")
    after = {"arrived": sent.ok, "error": sent.error}
    _audit("notification_channel.tried", channel, acting_user, request_id, after=after)
    return sent


@transaction.atomic
def save_wording(
    topic: str,
    *,
    subject: str,
    body: str,
    acting_user: User,
    seen: int | None = None,
    request_id: str = "",
) -> NotificationTemplate:
    """Word a topic (or `many`, `digest`) anew; raises WordingRefused, NotifyingConflict."""
    if topic not in wording.SHIPPED:
        raise wording.WordingRefused("topic", f"must be one of {', '.join(wording.SHIPPED)}")
    wording.check_wording(subject, body)
    fresh = {"subject": subject, "body": body, "revision": 0, "changed_by": "somebody"}
    held = NotificationTemplate.objects.select_for_update()
    written, made = held.get_or_create(topic=topic, defaults=fresh)
    if seen is not None and seen != written.revision:
        raise NotifyingConflict(f"{written.changed_by} changed the wording for {topic} since you looked")
    before = None if made else {"subject": written.subject, "body": written.body}
    written.subject, written.body, written.revision = subject, body, written.revision + 1
    written.changed_by, written.changed_at = acting_user.email, timezone.now()
    written.save()
    _sound_again(topic, written.changed_at)
    after = {"subject": subject, "body": body}
    _audit("notification_wording.saved", written, acting_user, request_id, before, after, subject=topic)
    return written


@transaction.atomic
def reset_wording(topic: str, *, acting_user: User, request_id: str = "") -> None:
    """Back to the shipped wording."""
    for written in NotificationTemplate.objects.select_for_update().filter(topic=topic):
        before = {"subject": written.subject, "body": written.body}
        _audit("notification_wording.reset", written, acting_user, request_id, before, subject=topic)
        written.delete()
        _sound_again(topic, timezone.now())


def _sound_again(topic: str, now: datetime) -> None:
    """A wording that was broken no longer is: its system alert ends."""
    clear_system_alert(**wording.alarm_of(topic), message=f"The wording for {topic} was mended", at=now)


def _people(emails: Sequence[str]) -> list[User]:
    found = {user.email: user for user in User.objects.filter(email__in=[e.lower() for e in emails])}
    missing = [email for email in emails if email.lower() not in found]
    if missing:
        raise RuleRefused("users", f"nobody here has the address {missing[0][:100]}")
    return list(found.values())


def _store_shipped() -> None:
    if not NotificationRule.objects.exists():
        rows = [NotificationRule(**rule) for rule in SHIPPED]
        NotificationRule.objects.bulk_create(rows, ignore_conflicts=True)  # another first rule does it too


def _locked(kind, pk: int, seen: int | None):
    found = kind.objects.select_for_update().get(pk=pk)
    if seen is not None and seen != found.revision:
        raise NotifyingConflict(f"{found} changed since you looked; it is now at version {found.revision}")
    return found


def _shown_rule(rule: NotificationRule) -> dict[str, Any]:
    names = ("name", "topic", "engine", "min_severity", "min_amount_minor", "roles", "queue", "channels")
    shown = {name: getattr(rule, name) for name in (*names, "active")}
    return shown | {"users": sorted(rule.users.values_list("pk", flat=True))}


def _shown_channel(channel: NotificationChannel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "service": channel.service,
        "owner": channel.owner_id,
        "active": channel.active,
    }


def _audit(
    action: str,
    row: Any,
    user: User,
    request_id: str,
    before: dict | None = None,
    after: dict | None = None,
    subject: str = "",
) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind=action.partition(".")[0],
        subject=subject or str(row.pk),
        before=before,
        after=after,
        request_id=request_id,
    )
