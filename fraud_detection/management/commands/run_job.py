import shutil
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import BatchJob, JobPriority, JobState
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.jobs import (
    ERRORS,
    RESULTS,
    FilesGone,
    JobConflict,
    JobRefused,
    TooManyJobs,
    download,
    resume_job,
    start_file,
)
from fraud_detection.services.jobs.commanding import carry_out, told_at_end
from fraud_detection.services.serving import EngineNotInstalled
from users.services import client_system


class Command(BaseCommand):
    help = (
        "Decide a CSV of events as a batch job, in order of time; --resume goes on with one that broke off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="CSV, plain or gzip; read where it lies")
        parser.add_argument("--engine", choices=sorted(ENGINES), default="payments")
        parser.add_argument("--client", default="files", help="client system the ids belong to")
        parser.add_argument("--priority", choices=JobPriority.values, default="normal")
        parser.add_argument("--resume", type=int, metavar="JOB", help="the number of a job that broke off")
        parser.add_argument("--errors", type=Path, help="where refused rows are copied to")
        parser.add_argument("--results", type=Path, help="where decisions are copied to")

    def handle(self, *, file: Path | None, resume: int | None, errors, results, **options) -> None:
        if (file is None) == (resume is None):
            raise CommandError("name a file, or a job with --resume")
        started = time.perf_counter()
        try:
            job = self._resumed(resume) if file is None else self._made(file, options)
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
        except (FileRefused, JobRefused, JobConflict, FilesGone, TooManyJobs, EngineNotInstalled) as refused:
            raise CommandError(f"{file or resume}: {refused}") from refused
        before = job.rows_done
        with tqdm(unit=" rows", unit_scale=True, file=self.stderr, disable=None) as bar:
            job = carry_out(job, lambda now: self._show(bar, now))
        seconds = time.perf_counter() - started
        for path, kind in ((errors, ERRORS), (results, RESULTS)):
            if path is not None:
                self._copy(job, kind, path)
        if job.state == JobState.FAILED:
            raise CommandError(f"{told_at_end(job)}; go on with run_job --resume {job.pk}")
        self.stdout.write(told_at_end(job))
        self.stdout.write(f"{(job.rows_done - before) / seconds:,.0f} rows/s in {seconds:.1f} s")

    def _made(self, file: Path, options: dict) -> BatchJob:
        return start_file(
            path=file,
            engine=options["engine"],
            priority=options["priority"],
            client=client_system(options["client"]),
            acting="run_job",
        )

    def _resumed(self, number: int) -> BatchJob:
        job = BatchJob.objects.filter(pk=number).first()
        if job is None:
            raise JobRefused("resume", "there is no such job")
        return (
            job
            if job.state in ("queued", "preparing", "running")
            else resume_job(job_id=number, acting="run_job")
        )

    @staticmethod
    def _copy(job: BatchJob, kind: str, path: Path) -> None:
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            for piece in download(job, kind):
                file.write(piece)
        shutil.move(part, path)

    @staticmethod
    def _show(bar: tqdm, job: BatchJob) -> None:
        bar.total = job.rows_total
        bar.update(job.rows_done - bar.n)
