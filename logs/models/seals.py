"""The sealed chain over the audit trail: each seal binds a closed range of events and the seal before it.

Triggers refuse to change or delete seals and checkpoints; entries and events go only in a transaction that
wrote a checkpoint covering them (see the migration).
"""

from django.db import models


class AuditSeal(models.Model):
    """Events with `after_id` < id <= `last_id`: no event may appear in or leave this range any more.

    `hash` is the SHA-256 of the other columns and of `previous`, the hash of the seal before
    (logs/services/chain.py); `number` counts from 1 without a gap.
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.CharField(max_length=64)
    after_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    events = models.IntegerField()
    entries_hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"seal {self.number}"


class AuditSealEntries(models.Model):
    """Which events a seal binds: for each, in order of id, its id in 8 bytes and its digest in 32."""

    seal = models.OneToOneField(AuditSeal, on_delete=models.PROTECT, primary_key=True, related_name="entries")
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"entries of {self.seal}"


class AuditCheckpoint(models.Model):
    """Retention removed the events up to and with this seal; the chain of seals stays whole.

    `made_in` is the number of the database transaction that wrote it, set by a trigger: that one may delete.
    """

    seal = models.OneToOneField(AuditSeal, on_delete=models.PROTECT, related_name="+")
    last_id = models.BigIntegerField()
    events = models.IntegerField(help_text="How many it removed.")
    before = models.DateTimeField(help_text="Events older than this were to go.")
    made_at = models.DateTimeField()
    made_in = models.BigIntegerField(editable=False, default=0)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"checkpoint at {self.seal}"
