"""Alerts that became graver by later hits: whoever wanted to hear from there on hears of them now."""

from collections.abc import Sequence

from alerts.models import Alert, OutboxMessage, Severity, Topic

HIT = "alert.hit"


def with_rises(messages: Sequence[OutboxMessage]) -> list[OutboxMessage]:
    """The messages, each hit that made its alert graver as an opening with its `former_severity`.

    What was told is noted on the alert, inside the caller's transaction.
    """
    told = _told([message.payload.get("alert_id") for message in messages if message.topic == HIT])
    before, result = dict(told), []
    for message in messages:
        alert_id, severity = message.payload.get("alert_id"), message.payload.get("severity")
        former = told.get(alert_id) if message.topic == HIT else None
        if former and severity in Severity.values and Severity(severity).rank > Severity(former).rank:
            told[alert_id] = severity
            payload = message.payload | {"former_severity": former}
            message = OutboxMessage(pk=message.pk, topic=Topic.ALERT_CREATED, payload=payload)
        result.append(message)
    for severity in Severity.values:
        risen = [pk for pk, now in told.items() if now == severity and before[pk] != now]
        if risen:
            Alert.objects.filter(pk__in=risen).update(told_severity=severity)
    return result


def _told(ids: Sequence[object]) -> dict[int, str]:
    """By alert that has hits among the messages: the gravest severity that people were told of."""
    wanted = {pk for pk in ids if isinstance(pk, int)}
    if not wanted:
        return {}
    found = Alert.objects.filter(pk__in=wanted).exclude(told_severity="").order_by("pk")
    return dict(found.select_for_update(no_key=True).values_list("pk", "told_severity"))
