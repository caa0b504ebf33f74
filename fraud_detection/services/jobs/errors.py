"""What can be wrong with a job, by what the caller can do about it."""


class JobRefused(ValueError):
    """Something asked of a job that cannot be; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class JobTooLarge(JobRefused):
    """The file is larger than the settings allow."""


class NoRoom(JobRefused):
    """The disk has not the room that the file would take."""


class JobConflict(Exception):
    """The job is in a state in which this cannot be done."""


class TooManyJobs(Exception):
    """The client system has as many unfinished jobs as may be."""


class FilesGone(Exception):
    """The files of the job were removed: it ended longer ago than they are kept."""
