"""Tasks of a case."""

from datetime import datetime

from django.utils import timezone

from alerts.models import Case, CaseTask
from alerts.services.cases.errors import CaseConflict
from alerts.services.cases.holding import check_worker, clean_text, noted, on_live_case
from users.models import User


def add_task(
    *,
    case_id: int,
    acting_user: User,
    title: str,
    assignee: User | None = None,
    due_at: datetime | None = None,
    request_id: str = "",
) -> CaseTask:
    """Something to be done. Raises CaseRefused for bad input and CaseConflict when the case is closed."""
    title = clean_text("title", title, 200)
    check_worker("assignee", assignee)

    def add(case: Case) -> CaseTask:
        task = CaseTask.objects.create(
            case=case, title=title, assignee=assignee, due_at=due_at, created_by=acting_user.email
        )
        after = {"task": task.pk, "assignee": task.assignee_id}
        noted(case, acting_user.email, "case.task_added", after=after, request_id=request_id)
        return task

    return on_live_case(case_id, add)


def set_task_done(
    *, case_id: int, task_id: int, acting_user: User, done: bool, request_id: str = ""
) -> CaseTask:
    """Tick a task off, or take the tick back. Raises CaseTask.DoesNotExist; CaseConflict for who is late."""

    def tick(case: Case) -> CaseTask:
        task = CaseTask.objects.select_for_update().get(pk=task_id, case=case)
        if done == (task.done_at is not None):
            who = f"{task.done_by} has done it already" if done else "it is not done"
            raise CaseConflict(f"“{task.title}”: {who}")
        task.done_at, task.done_by = (timezone.now(), acting_user.email) if done else (None, "")
        task.save(update_fields=("done_at", "done_by"))
        action = "case.task_done" if done else "case.task_reopened"
        noted(case, acting_user.email, action, after={"task": task.pk}, request_id=request_id)
        return task

    return on_live_case(case_id, tick)
