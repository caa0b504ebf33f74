"""Due messages go to mailboxes and channels; each destination is tried by itself.

Threads only speak to the outside; the database is left to the one that claims and notes.
"""

import smtplib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F

from alerts.models import (
    DeliveryAttempt,
    DeliveryState,
    NotificationChannel,
    NotificationDelivery,
    Topic,
)
from alerts.services.delivering.alone import alone
from alerts.services.delivering.http import Sent
from alerts.services.delivering.waiting import MOST_ROUNDS, database_now, restart_waits, wait_after
from alerts.services.notifying import channels
from alerts.services.notifying.wording import key_of, values_of, worded
from alerts.services.sealing import SealBroken, unseal
from users.models import User
from users.roles import Ability

AT_ONCE = 100
LEASE = timedelta(minutes=5)
BUDGET = 60.0  # seconds of mails in one run; the rest is due again
THREADS = 8
OPEN = (DeliveryState.GATHERING, DeliveryState.PENDING)


@dataclass(frozen=True)
class Ready:
    """One message as it goes out; `address` is a mailbox or an Apprise URL. `fault`: it cannot go at all."""

    delivery: NotificationDelivery
    by_mail: bool
    address: str = ""
    fault: str = ""


def deliver_notifications() -> int:
    """Send what is due; returns how many arrived. A second run beside a first does nothing."""
    arrived = 0
    with alone("notifications") as mine:
        while mine and (claimed := _claim(database_now())):
            arrived += _send(claimed)
            if len(claimed) < AT_ONCE:
                break
    return arrived


@transaction.atomic
def _claim(now: datetime) -> list[NotificationDelivery]:
    """Lease what is due; nothing joins it from here on."""
    restart_waits(NotificationDelivery, now)
    due = NotificationDelivery.objects.filter(state__in=OPEN, next_attempt_at__lte=now)
    rows = list(due.select_for_update(skip_locked=True).order_by("next_attempt_at", "id")[:AT_ONCE])
    for row in rows:
        row.state = DeliveryState.PENDING
        _word(row, now)
        row.attempts += 1
        row.scheduled_at, row.next_attempt_at = now, now + LEASE
    fields = ("state", "attempts", "scheduled_at", "next_attempt_at", "subject", "body")
    NotificationDelivery.objects.bulk_update(rows, (*fields, "dead_reason"))
    return [row for row in rows if row.state == DeliveryState.PENDING]


def _word(row: NotificationDelivery, now: datetime) -> None:
    """Once; what cannot be put into words is given up, and holds up no other."""
    if row.subject:
        return
    try:
        values = values_of(row.tally, row.created_at, now)
        row.subject, row.body = worded(key_of(row.tally), values, now)
    except (LookupError, ValueError, TypeError, AttributeError, StopIteration) as error:
        row.state, row.dead_reason = DeliveryState.DEAD, f"it cannot be worded: {type(error).__name__}"


def _send(claimed: Sequence[NotificationDelivery]) -> int:
    ready = _ready(claimed)
    hopeless = [one for one in ready if one.fault]
    mails = [one for one in ready if one.by_mail and not one.fault]
    others = [one for one in ready if not one.by_mail and not one.fault]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="notify") as pool:
        posted = pool.submit(_mail, mails)
        tried = list(zip(others, pool.map(_to_channel, others), strict=True))
        tried += posted.result()
    _note(tried, hopeless, [one for one in mails if one not in [done for done, _ in tried]])
    return sum(sent.ok for _, sent in tried)


def _ready(claimed: Sequence[NotificationDelivery]) -> list[Ready]:
    people = {f"email:{user.pk}": user for user in User.objects.filter(pk__in=_ids(claimed, "email:"))}
    found = NotificationChannel.objects.select_related("owner").filter(pk__in=_ids(claimed, "channel:"))
    known = {f"channel:{channel.pk}": channel for channel in found}
    return [_ready_one(row, people.get(row.destination), known.get(row.destination)) for row in claimed]


def _ids(claimed: Sequence[NotificationDelivery], kind: str) -> list[int]:
    return [int(row.destination[len(kind) :]) for row in claimed if row.destination.startswith(kind)]


def _ready_one(row: NotificationDelivery, person: User | None, channel: NotificationChannel | None) -> Ready:
    if row.destination.startswith("email:"):
        fault = _fault(row, person)
        return Ready(row, True, fault=fault) if fault else Ready(row, True, person.email)
    if row.destination.startswith("notify_urls:"):
        return _by_setting(row, int(row.destination.partition(":")[2]))
    if channel is None or not channel.active:
        return Ready(row, False, fault="the channel was deleted or switched off")
    if channel.owner_id and (fault := _fault(row, channel.owner)):
        return Ready(row, False, fault=fault)
    try:
        return Ready(row, False, unseal(channel.sealed_url))
    except SealBroken as broken:
        return Ready(row, False, fault=str(broken))


def _fault(row: NotificationDelivery, person: User | None) -> str:
    """Why this person may not be told any more of what was gathered for them."""
    if person is None or not person.is_active:
        return "the person is no longer active"
    if Topic.REPORT_DUE in row.tally and not person.can(Ability.READ_REPORTS):
        return "the person may no longer read reports"
    return ""


def _by_setting(row: NotificationDelivery, number: int) -> Ready:
    if number > len(settings.NOTIFY_URLS):
        return Ready(row, False, fault=f"NOTIFY_URLS names fewer than {number} now")
    return Ready(row, False, settings.NOTIFY_URLS[number - 1])


def _to_channel(one: Ready) -> Sent:
    return channels.send(one.address, one.delivery.subject, one.delivery.body)


def _mail(ready: Sequence[Ready]) -> list[tuple[Ready, Sent]]:
    """Over one connection; a server that cannot be reached is not asked again for each."""
    if not ready:
        return []
    until, tried = time.monotonic() + BUDGET, []
    server = get_connection(timeout=settings.EMAIL_TIMEOUT)
    started = time.monotonic()
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        return [(one, Sent(None, _since(started), _said(error))) for one in ready]
    try:
        for one in ready:
            if time.monotonic() > until:
                break
            tried.append((one, _mail_one(one, server)))
    finally:
        server.close()
    return tried


def _mail_one(one: Ready, server) -> Sent:
    started, row = time.monotonic(), one.delivery
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    headers = {"Message-ID": f"<{row.message_key.hex}@{domain}>", "Auto-Submitted": "auto-generated"}
    message = EmailMessage(row.subject, row.body, to=(one.address,), headers=headers, connection=server)
    try:
        message.send()
    except (OSError, smtplib.SMTPException, ValueError, MessageError) as error:
        server.close()
        return Sent(None, _since(started), _said(error))
    return Sent(None, _since(started))


@transaction.atomic
def _note(tried: Sequence[tuple[Ready, Sent]], hopeless: Sequence[Ready], untried: Sequence[Ready]) -> None:
    now = database_now()
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(
            notification=one.delivery,
            at=now - timedelta(milliseconds=sent.latency_ms),
            status=sent.status,
            latency_ms=sent.latency_ms,
            error=sent.error[:300],
        )
        for one, sent in tried
    )
    arrived = [one.delivery.pk for one, sent in tried if sent.ok]
    NotificationDelivery.objects.filter(pk__in=arrived).update(
        state=DeliveryState.DELIVERED, delivered_at=now, dead_reason=""
    )
    for one, sent in tried:
        if not sent.ok:
            _wait_or_die(one.delivery, sent, now)
    for one in hopeless:
        NotificationDelivery.objects.filter(pk=one.delivery.pk).update(
            state=DeliveryState.DEAD, dead_reason=one.fault, attempts=F("attempts") - 1
        )
    NotificationDelivery.objects.filter(pk__in=[one.delivery.pk for one in untried]).update(
        attempts=F("attempts") - 1, scheduled_at=now, next_attempt_at=now
    )


def _wait_or_die(row: NotificationDelivery, sent: Sent, now: datetime) -> None:
    rounds = row.rounds + 1
    changes = {
        "rounds": rounds,
        "scheduled_at": now,
        "next_attempt_at": now + timedelta(seconds=wait_after(rounds)),
    }
    if rounds >= MOST_ROUNDS:
        reason = f"given up after about 24 hours and {row.attempts} tries; last: {sent.error}"
        changes |= {"state": DeliveryState.DEAD, "dead_reason": reason[:500]}
    NotificationDelivery.objects.filter(pk=row.pk).update(**changes)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode("utf-8", "replace") if error.smtp_error else ""
        return f"SMTP {error.smtp_code}: {text}"[:300].replace("\x00", "")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the mail server refused the recipient"
    if isinstance(error, OSError):
        return f"mail server: {error.strerror or type(error).__name__}"[:300]
    return f"mail server: {type(error).__name__}"[:300]
