"""Batch jobs: a file's rows decided in order of time, chunk by chunk, by workers that may be killed."""

from fraud_detection.services.jobs.changing import cancel_job, pause_job, prioritise_job, resume_job
from fraud_detection.services.jobs.errors import (
    FilesGone,
    JobConflict,
    JobRefused,
    JobTooLarge,
    NoRoom,
    TooManyJobs,
)
from fraud_detection.services.jobs.parts import download
from fraud_detection.services.jobs.places import ERRORS, RESULTS, datasets
from fraud_detection.services.jobs.progress import Progress, progress_of, told
from fraud_detection.services.jobs.starting import start_dataset, start_file, start_upload
from fraud_detection.services.jobs.tending import purge_jobs, tend_jobs
from fraud_detection.services.jobs.working import do_step, work_on_jobs

__all__ = [
    "ERRORS",
    "RESULTS",
    "FilesGone",
    "JobConflict",
    "JobRefused",
    "JobTooLarge",
    "NoRoom",
    "Progress",
    "TooManyJobs",
    "cancel_job",
    "datasets",
    "do_step",
    "download",
    "pause_job",
    "prioritise_job",
    "progress_of",
    "purge_jobs",
    "resume_job",
    "start_dataset",
    "start_file",
    "start_upload",
    "tend_jobs",
    "told",
    "work_on_jobs",
]
