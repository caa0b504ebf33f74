"""What the pages show of batch jobs and of the calendar of scoring."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fraud_detection.models import BatchJob, JobState, ScoringSchedule
from fraud_detection.models.jobs import WORKABLE
from fraud_detection.services.jobs import ERRORS, FilesGone, Progress, download, progress_of
from fraud_detection.services.jobs.changing import RESUMABLE

ERRORS_SHOWN = 50
TONES = {JobState.DONE: "okk", JobState.FAILED: "err", JobState.PAUSED: "wn", JobState.CANCELLED: "off"}


@dataclass(frozen=True)
class Shown:
    """A job beside its rate; what may be asked of it now."""

    job: BatchJob
    progress: Progress

    @property
    def tone(self) -> str:
        return TONES.get(self.job.state, "")

    @property
    def can_pause(self) -> bool:
        return self.job.state in WORKABLE and not self.job.asked

    @property
    def can_cancel(self) -> bool:
        return self.job.is_unfinished and self.job.asked != "cancel"

    @property
    def can_resume(self) -> bool:
        return self.job.state in RESUMABLE and self.job.files_removed_at is None

    @property
    def state_words(self) -> str:
        if self.job.asked:
            return "Stops after this chunk" if self.job.asked == "cancel" else "Pauses after this chunk"
        return self.job.get_state_display()


def shown(jobs: Iterable[BatchJob]) -> list[Shown]:
    listed = list(jobs)
    progress = progress_of(listed)
    return [Shown(job, progress[job.pk]) for job in listed]


def first_errors(job: BatchJob) -> list[list[str]]:
    """(line, column, reason) of the first refused rows of the parts there are."""
    if not job.rows_failed:
        return []
    try:
        return list(islice(csv.reader(_lines(download(job, ERRORS))), 1, ERRORS_SHOWN + 1))
    except (FilesGone, OSError):
        return []


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") + "\n" for line in whole)


def schedules_shown() -> list[dict[str, Any]]:
    """Schedules with their last runs."""
    return [
        {"schedule": schedule, "last": schedule.runs.first()} for schedule in ScoringSchedule.objects.all()
    ]
