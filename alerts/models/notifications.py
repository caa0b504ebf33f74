"""Who is told of what, and how: rules, channels, wordings, what each person wants and was told."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.severity import Severity
from logs.redacting.fields import CardSafeCharField, CardSafeTextField
from users.roles import Role


class Topic(models.TextChoices):
    """What people can be told of."""

    ALERT_CREATED = "alert.created", "Alert opened"
    ALERT_RESOLVED = "alert.resolved", "Alert closed"
    CASE_CREATED = "case.created", "Case opened"
    CASE_UPDATED = "case.updated", "Case changed"
    CASE_CLOSED = "case.closed", "Case closed"
    CASE_MENTION = "case.mention", "You are mentioned"
    REPORT_DUE = "report.due", "A report is due"
    JOB_FINISHED = "job.finished", "Job ended"
    MODEL_PROMOTED = "model.promoted", "Another model decides"
    RULE_ACTIVATED = "rule.activated", "Another rule wording decides"
    SYSTEM_ALERT = "system.alert", "System alert"
    NOTICE_FRAUD = "notice.fraud", "Notice about fraud"
    NOTICE_SYSTEM = "notice.system", "Notice about the system"


class Digest(models.TextChoices):
    IMMEDIATELY = "immediately", "Immediately"
    HOURLY = "hourly", "Every hour"
    DAILY = "daily", "Once a day"


class NotificationChannel(models.Model):
    """A chat, pager or SMS gateway by its Apprise URL, which is a secret and never shown again.

    With an owner it is that person's own; without one it is shared.
    """

    name = models.CharField(max_length=64, unique=True)
    service = models.CharField(max_length=64, help_text="What the URL speaks to, say Slack.")
    sealed_url = models.TextField(editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="channels"
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class NotificationRule(models.Model):
    """Who hears of a topic: events of an engine, from a severity and an amount on, to whom and how.

    `channels` holds `in_app`, `email`, `notify_urls` and `channel:<id>`; the first two, and channels with
    an owner, reach the people that roles, users and the alert's queue name.
    """

    name = CardSafeCharField(max_length=100, unique=True)
    topic = models.CharField(max_length=32, choices=Topic)
    engine = models.CharField(max_length=16, blank=True, help_text="Empty: any.")
    min_severity = models.CharField(max_length=16, choices=Severity, default=Severity.LOW)
    min_amount_minor = models.BigIntegerField(
        null=True, blank=True, help_text="Hundredths of the reporting currency at stake."
    )
    roles = ArrayField(models.CharField(max_length=16, choices=Role), default=list, blank=True)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    queue = models.CharField(max_length=64, blank=True, help_text="Members of this queue; its alerts only.")
    channels = ArrayField(models.CharField(max_length=32))
    active = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("topic", "name")
        constraints = (
            models.CheckConstraint(
                condition=Q(min_severity__in=Severity.values), name="alerts_notify_severity"
            ),
        )

    def __str__(self) -> str:
        return self.name


class NotificationPreference(models.Model):
    """What one person wants; without a row they get everything at once, by every channel of the rules."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preference"
    )
    muted_topics = ArrayField(models.CharField(max_length=32, choices=Topic), default=list, blank=True)
    email = models.BooleanField(default=True)
    own_channels = models.BooleanField(default=True)
    digest = models.CharField(max_length=16, choices=Digest, default=Digest.IMMEDIATELY)
    digest_hour = models.PositiveSmallIntegerField(default=8)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    critical_breaks_quiet = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="Empty: that of the pages.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="alerts_quiet_has_both_ends",
            ),
            models.CheckConstraint(condition=Q(digest_hour__lt=24), name="alerts_digest_hour"),
        )

    def __str__(self) -> str:
        return f"{self.user}"


class NotificationTemplate(models.Model):
    """A wording of an admin's for a topic; `{{ name }}` of a fixed set of names is all it can say."""

    topic = models.CharField(max_length=32, unique=True)
    subject = CardSafeCharField(max_length=200)
    body = CardSafeTextField(max_length=4000)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.CharField(max_length=150)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("topic",)

    def __str__(self) -> str:
        return self.topic


class Notification(models.Model):
    """What a person finds under the bell; while unread and fresh, more of the same topic joins it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    topic = models.CharField(max_length=32, choices=Topic)
    severity = models.CharField(max_length=16, choices=Severity)
    title = CardSafeCharField(max_length=300)
    link = CardSafeCharField(max_length=200, blank=True)
    tally = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    joining = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "topic"), condition=Q(joining=True), name="alerts_one_joining"
            ),
        )
        indexes = (
            models.Index(fields=("user", "-id"), name="alerts_bell_newest"),
            models.Index(fields=("user",), condition=Q(read_at__isnull=True), name="alerts_bell_unread"),
        )

    def __str__(self) -> str:
        return self.title
