"""Subjects and bodies: an admin's wording where there is one, else the shipped; `{{ name }}`, no more.

A wording is text with names of a fixed set in it. There are no attributes, filters or tags, so it can reach
nothing that is not handed to it, and a name that does not exist is refused with the names that do.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from alerts.models import NotificationTemplate, Severity, Topic
from alerts.services.system import raise_system_alert

NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")  # mail ends a header at some of them
MANY, DIGEST = "many", "digest"
VARIABLES: dict[str, str] = {
    "what": "the topic in words, for one or many: new alert, new alerts",
    "count": "how many events the message is about",
    "critical": "how many of them are critical",
    "severity": "the gravest severity among them",
    "span": "over what time they came, as 5 minutes",
    "engine": "the engine of the first, say payments",
    "rule": "the strongest rule of the first",
    "reason": "its reason in words",
    "subject": "whom it is about, by id",
    "alert": "the alert, as A-12",
    "case": "the case, as K-7",
    "title": "the title of a notice or a case",
    "message": "the sentence of a system alert or notice",
    "model": "the model that was promoted",
    "by": "who did it",
    "at": "when, in the zone of the pages",
    "due": "the day on which a report is due",
    "first": "the first of many, in a line",
    "lines": "one line for each topic",
    "link": "the address of the page that shows it",
}
_END = "\n\n{{ link }}"
SHIPPED: dict[str, tuple[str, str]] = {
    Topic.ALERT_CREATED: (
        "{{ severity }} alert {{ alert }}: {{ rule }}",
        "{{ reason }}\nEngine {{ engine }}, subject {{ subject }}." + _END,
    ),
    Topic.ALERT_RESOLVED: ("Alert {{ alert }} was closed", "{{ alert }} was closed at {{ at }}." + _END),
    Topic.CASE_CREATED: ("Case {{ case }} was opened", "{{ title }}" + _END),
    Topic.CASE_UPDATED: ("Case {{ case }} changed", "{{ title }}" + _END),
    Topic.CASE_CLOSED: ("Case {{ case }} was closed", "{{ title }}" + _END),
    Topic.CASE_MENTION: ("{{ by }} mentioned you in case {{ case }}", "{{ title }}" + _END),
    Topic.REPORT_DUE: ("A report of case {{ case }} is due on {{ due }}", "It is a draft still." + _END),
    Topic.JOB_FINISHED: ("A job ended", "{{ title }} {{ message }}" + _END),
    Topic.MODEL_PROMOTED: ("{{ model }} decides now", "Engine {{ engine }}, by {{ by }}." + _END),
    Topic.RULE_ACTIVATED: ("Rule {{ rule }} decides in a new wording", "Engine {{ engine }}." + _END),
    Topic.SYSTEM_ALERT: ("System, {{ severity }}: {{ message }}", "{{ message }}" + _END),
    Topic.NOTICE_FRAUD: ("{{ title }}", "{{ message }}\nBy {{ by }}." + _END),
    Topic.NOTICE_SYSTEM: ("{{ title }}", "{{ message }}\nBy {{ by }}." + _END),
    MANY: (
        "{{ count }} {{ what }} in {{ span }}, {{ critical }} critical",
        "{{ count }} {{ what }} in {{ span }}, {{ critical }} critical.\nThe first: {{ first }}" + _END,
    ),
    DIGEST: ("FraudGuard: {{ count }} events, {{ critical }} critical", "{{ lines }}" + _END),
}
WORDS = {
    Topic.ALERT_CREATED: ("new alert", "new alerts"),
    Topic.ALERT_RESOLVED: ("closed alert", "closed alerts"),
    Topic.CASE_CREATED: ("new case", "new cases"),
    Topic.CASE_UPDATED: ("change of a case", "changes of cases"),
    Topic.CASE_CLOSED: ("closed case", "closed cases"),
    Topic.CASE_MENTION: ("mention of you", "mentions of you"),
    Topic.REPORT_DUE: ("report due", "reports due"),
    Topic.JOB_FINISHED: ("job ended", "jobs ended"),
    Topic.MODEL_PROMOTED: ("model promoted", "models promoted"),
    Topic.RULE_ACTIVATED: ("rule activated", "rules activated"),
    Topic.SYSTEM_ALERT: ("system alert", "system alerts"),
    Topic.NOTICE_FRAUD: ("notice", "notices"),
    Topic.NOTICE_SYSTEM: ("notice", "notices"),
}
PAGES = {
    Topic.ALERT_CREATED: ("/alerts/", "alert_id"),
    Topic.ALERT_RESOLVED: ("/alerts/", "alert_id"),
    Topic.CASE_CREATED: ("/cases/", "case_id"),
    Topic.CASE_UPDATED: ("/cases/", "case_id"),
    Topic.CASE_CLOSED: ("/cases/", "case_id"),
    Topic.CASE_MENTION: ("/cases/", "case_id"),
    Topic.REPORT_DUE: ("/cases/", "case_id"),
    Topic.MODEL_PROMOTED: ("/models/", ""),
    Topic.RULE_ACTIVATED: ("/rules/", ""),
    Topic.SYSTEM_ALERT: ("/", ""),
}


class WordingRefused(ValueError):
    """A wording that cannot be filled in; `field` is subject or body."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


def check_wording(subject: str, body: str) -> None:
    """Raises WordingRefused for an unknown name, a stray brace, or a text that is empty or too long."""
    for field, text, longest in (("subject", subject, 200), ("body", body, 4_000)):
        if not text.strip() or len(text) > longest:
            raise WordingRefused(field, f"must have 1 to {longest:,} characters")
        if re.search("[\x00\ud800-\udfff]", text) or (field == "subject" and re.search(r"[\r\n]", text)):
            raise WordingRefused(field, "must not hold NUL, lone surrogates or, in a subject, line breaks")
        unknown = [name for name in NAME.findall(text) if name not in VARIABLES]
        if unknown:
            raise WordingRefused(
                field, f"{unknown[0][:40]!r} is no name it can use; there are {', '.join(VARIABLES)}"
            )
        rest = NAME.sub("", text)
        for stray in ("{{", "}}", "{%", "%}"):
            if stray in rest:
                raise WordingRefused(field, f"{stray} stands alone; write {{{{ name }}}}")


def filled(subject: str, body: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Both texts with their names filled in; raises WordingRefused."""
    check_wording(subject, body)
    return BREAKS.sub(" ", _fill(subject, values))[:200], _fill(body, values)


def worded(key: str, values: Mapping[str, str], now: datetime) -> tuple[str, str]:
    """Subject and body of a topic, `many` or `digest`; a broken wording gives way to the shipped one."""
    written = NotificationTemplate.objects.filter(topic=key).first()
    if written is not None:
        try:
            return filled(written.subject, written.body, values)
        except WordingRefused as refused:
            raise_system_alert(
                **alarm_of(key),
                subject=key,
                severity="medium",
                message=f"The wording for {key} is broken ({refused.field}: {refused}); shipped one serves",
                at=now,
            )
    return filled(*SHIPPED[key], values)


def alarm_of(key: str) -> dict[str, str]:
    """What the system alert about a broken wording is known by."""
    return {"engine": "notifications", "kind": f"wording.{key}"[:32]}


def _fill(text: str, values: Mapping[str, str]) -> str:
    return NAME.sub(lambda found: str(values.get(found[1], ""))[:2_000], text)


def key_of(tally: Mapping[str, Mapping[str, Any]]) -> str:
    """Which wording a tally by topic needs."""
    if len(tally) > 1:
        return DIGEST
    topic, found = next(iter(tally.items()))
    return topic if found["count"] == 1 else MANY


def values_of(tally: Mapping[str, Mapping[str, Any]], since: datetime, now: datetime) -> dict[str, str]:
    """What the names stand for, all text."""
    topic, found = next(iter(tally.items()))
    first = found["first"]
    severities = [s for one in tally.values() for s, n in one["severities"].items() if n]
    count = sum(one["count"] for one in tally.values())
    minutes = max(1, round((now - since).total_seconds() / 60))
    return {
        **{name: _text(first.get(name)) for name in ("engine", "rule", "reason", "subject", "title")},
        **{name: _text(first.get(name)) for name in ("message", "model", "by")},
        "what": WORDS[topic][count > 1],
        "count": f"{count:,}",
        "critical": f"{sum(one['severities'].get('critical', 0) for one in tally.values()):,}",
        "severity": max(severities, key=lambda s: Severity(s).rank, default="low").capitalize(),
        "span": f"{minutes:,} minute{'s' if minutes > 1 else ''}",
        "alert": f"A-{first['alert_id']}" if first.get("alert_id") else "",
        "case": f"K-{first['case_id']}" if first.get("case_id") else "",
        "due": _text(first.get("due_on")),
        "at": timezone.localtime(now).strftime("%Y-%m-%d %H:%M"),
        "first": line_of(topic, first),
        "lines": "\n".join(_line(topic, one) for topic, one in tally.items()),
        "link": settings.SITE_URL + link_of(tally),
    }


def link_of(tally: Mapping[str, Mapping[str, Any]]) -> str:
    """The page that shows it: the one thing, or their list."""
    topic, found = next(iter(tally.items()))
    if len(tally) > 1:
        return "/notifications/"
    page, key = PAGES.get(topic, ("/notifications/", ""))
    one = found["first"].get(key) if found["count"] == 1 and key else None
    return f"{page}{one}/" if one else page


def line_of(topic: str, first: Mapping[str, Any]) -> str:
    """One event in a line."""
    what = first.get("reason") or first.get("message") or first.get("title") or first.get("model") or ""
    name = f"A-{first['alert_id']}" if first.get("alert_id") else ""
    name = name or (f"K-{first['case_id']}" if first.get("case_id") else "")
    said = ", ".join(_text(part) for part in (name, first.get("rule"), what) if part)
    return said or WORDS[topic][0]


def _line(topic: str, found: Mapping[str, Any]) -> str:
    critical = found["severities"].get("critical", 0)
    grave = f", {critical:,} critical" if critical else ""
    count = found["count"]
    return f"{count:,} {WORDS[topic][count > 1]}{grave}; the first: {line_of(topic, found['first'])}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:500]
