"""Backups of everything that counts, and bringing one back."""

from fraud_detection.services.backups.manifest import BackupDamaged, Manifest
from fraud_detection.services.backups.restoring import RestoreRefused, note_restore, restore_backup
from fraud_detection.services.backups.taking import BackupFailed, take_backup

__all__ = [
    "BackupDamaged",
    "BackupFailed",
    "Manifest",
    "RestoreRefused",
    "note_restore",
    "restore_backup",
    "take_backup",
]
