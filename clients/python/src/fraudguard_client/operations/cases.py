"""Cases: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class CasesOperations(Transport):
    """Cases."""

    def list_cases(
        self,
        *,
        assignee: Maybe[str] = UNSET,
        customer: Maybe[str] = UNSET,
        due_before: Maybe[str] = UNSET,
        engine: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        opened_after: Maybe[str] = UNSET,
        opened_before: Maybe[str] = UNSET,
        q: Maybe[str] = UNSET,
        severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        status: Maybe[Literal["open", "investigating", "escalated", "waiting", "closed"]] = UNSET,
        verdict: Maybe[Literal["confirmed_fraud", "false_positive", "inconclusive"]] = UNSET,
    ) -> Iterator[Row]:
        """Cases, newest first."""
        return self.listed(
            "cases/",
            **given(
                assignee=assignee,
                customer=customer,
                due_before=due_before,
                engine=engine,
                limit=limit,
                opened_after=opened_after,
                opened_before=opened_before,
                q=q,
                severity=severity,
                status=status,
                verdict=verdict,
            ),
        )

    def open_case(
        self,
        *,
        title: str,
        customer: Maybe[str] = UNSET,
        alerts: Maybe[Sequence[int]] = UNSET,
        assignee: Maybe[str | None] = UNSET,
        severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        due_at: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Open a case of alerts, or about a customer."""
        return self.request(
            "POST",
            "cases/",
            json=given(
                title=title,
                customer=customer,
                alerts=alerts,
                assignee=assignee,
                severity=severity,
                due_at=due_at,
            ),
            idempotency_key=idempotency_key,
        )

    def show_case(self, case_id: str | int) -> Json:
        """One case with all it holds."""
        return self.request("GET", f"cases/{part(case_id)}/")

    def edit_case(
        self, case_id: str | int, *, version: int, title: Maybe[str] = UNSET, due_at: Maybe[str] = UNSET
    ) -> Json:
        """Change title or due time."""
        return self.request(
            "PATCH", f"cases/{part(case_id)}/", json=given(title=title, due_at=due_at, version=version)
        )

    def add_alerts_to_case(
        self, case_id: str | int, *, alerts: Sequence[int], version: int, idempotency_key: str | None = None
    ) -> Json:
        """Add alerts to a case, all or none."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/alerts/",
            json=given(alerts=alerts, version=version),
            idempotency_key=idempotency_key,
        )

    def approve_case_closing(
        self,
        case_id: str | int,
        *,
        version: int,
        approve: Maybe[bool] = UNSET,
        reason: Maybe[str] = UNSET,
        alerts: Maybe[Sequence[Mapping[str, Any]]] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Approve a closing that somebody else proposed, or send it back."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/approve-closing/",
            json=given(version=version, approve=approve, reason=reason, alerts=alerts),
            idempotency_key=idempotency_key,
        )

    def assign_case(
        self, case_id: str | int, *, assignee: str | None, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Give a case to somebody, or to nobody."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/assign/",
            json=given(assignee=assignee, version=version),
            idempotency_key=idempotency_key,
        )

    def close_case(
        self,
        case_id: str | int,
        *,
        verdict: Literal["confirmed_fraud", "false_positive", "inconclusive"],
        note: str,
        version: int,
        alerts: Maybe[Sequence[Mapping[str, Any]]] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Close a case and its open alerts with a verdict, or propose it to a second person."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/close/",
            json=given(verdict=verdict, note=note, version=version, alerts=alerts),
            idempotency_key=idempotency_key,
        )

    def list_case_comments(self, case_id: str | int, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Comments on a case, newest first."""
        return self.listed(f"cases/{part(case_id)}/comments/", **given(limit=limit))

    def comment_on_case(
        self,
        case_id: str | int,
        *,
        text: str,
        corrects: Maybe[int] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Comment on a case; @e-mail or @name tells that person."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/comments/",
            json=given(text=text, corrects=corrects),
            idempotency_key=idempotency_key,
        )

    def escalate_case(
        self, case_id: str | int, *, reason: str, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Escalate a case."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/escalate/",
            json=given(reason=reason, version=version),
            idempotency_key=idempotency_key,
        )

    def export_case(self, case_id: str | int, *, format: Maybe[Literal["zip", "pdf"]] = UNSET) -> bytes:
        """The evidence pack of a case."""
        return self.download("GET", f"cases/{part(case_id)}/export/", params=given(format=format))

    def attach_file_to_case(
        self, case_id: str | int, file: tuple[str, bytes], *, idempotency_key: str | None = None
    ) -> Json:
        """Attach a file, as the part named file of a multipart body."""
        return self.request(
            "POST", f"cases/{part(case_id)}/files/", file=file, idempotency_key=idempotency_key
        )

    def download_case_file(self, case_id: str | int, file_id: str | int) -> bytes:
        """An attachment, checked against its digest."""
        return self.download("GET", f"cases/{part(case_id)}/files/{part(file_id)}/")

    def merge_case(
        self,
        case_id: str | int,
        *,
        into: int,
        version: int,
        into_version: int,
        idempotency_key: str | None = None,
    ) -> Json:
        """Merge a case into another, which is answered."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/merge/",
            json=given(into=into, version=version, into_version=into_version),
            idempotency_key=idempotency_key,
        )

    def list_case_narratives(self, case_id: str | int, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Versions of the narrative, newest first."""
        return self.listed(f"cases/{part(case_id)}/narrative/", **given(limit=limit))

    def write_case_narrative(
        self,
        case_id: str | int,
        *,
        number: int,
        who: Maybe[str] = UNSET,
        what: Maybe[str] = UNSET,
        when: Maybe[str] = UNSET,
        where: Maybe[str] = UNSET,
        why: Maybe[str] = UNSET,
        how: Maybe[str] = UNSET,
    ) -> Json:
        """Save a version of the narrative; what is not sent stays."""
        return self.request(
            "PUT",
            f"cases/{part(case_id)}/narrative/",
            json=given(number=number, who=who, what=what, when=when, where=where, why=why, how=how),
        )

    def reopen_case(
        self, case_id: str | int, *, reason: str, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Investigate a closed case again."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/reopen/",
            json=given(reason=reason, version=version),
            idempotency_key=idempotency_key,
        )

    def list_case_reports(self, case_id: str | int) -> Json:
        """Reports about a case, newest first."""
        return self.request("GET", f"cases/{part(case_id)}/report/")

    def start_case_report(
        self,
        case_id: str | int,
        *,
        determined_on: str,
        suspect_identified: bool,
        idempotency_key: str | None = None,
    ) -> Json:
        """Start the clock of a report."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/report/",
            json=given(determined_on=determined_on, suspect_identified=suspect_identified),
            idempotency_key=idempotency_key,
        )

    def edit_case_report(
        self,
        case_id: str | int,
        *,
        report: int,
        version: int,
        state: Maybe[Literal["draft", "filed", "not_required"]] = UNSET,
        text: Maybe[str] = UNSET,
        determined_on: Maybe[str] = UNSET,
        suspect_identified: Maybe[bool] = UNSET,
        reference: Maybe[str] = UNSET,
        reason: Maybe[str] = UNSET,
    ) -> Json:
        """Change a draft, file it, or decide that none is required."""
        return self.request(
            "PATCH",
            f"cases/{part(case_id)}/report/",
            json=given(
                report=report,
                version=version,
                state=state,
                text=text,
                determined_on=determined_on,
                suspect_identified=suspect_identified,
                reference=reference,
                reason=reason,
            ),
        )

    def split_case(
        self,
        case_id: str | int,
        *,
        alerts: Sequence[int],
        title: str,
        version: int,
        idempotency_key: str | None = None,
    ) -> Json:
        """Split alerts off into a new case, which is answered."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/split/",
            json=given(alerts=alerts, title=title, version=version),
            idempotency_key=idempotency_key,
        )

    def move_case(
        self,
        case_id: str | int,
        *,
        status: Literal["open", "investigating", "escalated", "waiting"],
        version: int,
        reason: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Give a case another status."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/status/",
            json=given(status=status, reason=reason, version=version),
            idempotency_key=idempotency_key,
        )

    def add_case_task(
        self,
        case_id: str | int,
        *,
        title: str,
        assignee: Maybe[str | None] = UNSET,
        due_at: Maybe[str | None] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Add a task to a case."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/tasks/",
            json=given(title=title, assignee=assignee, due_at=due_at),
            idempotency_key=idempotency_key,
        )

    def tick_case_task(
        self, case_id: str | int, task_id: str | int, *, done: bool, idempotency_key: str | None = None
    ) -> Json:
        """Tick a task off, or take the tick back."""
        return self.request(
            "POST",
            f"cases/{part(case_id)}/tasks/{part(task_id)}/",
            json=given(done=done),
            idempotency_key=idempotency_key,
        )
