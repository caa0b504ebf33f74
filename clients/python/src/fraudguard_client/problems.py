"""What can go wrong, as exceptions: one for each kind of answer that a caller treats differently."""

from typing import Any

from fraudguard_client.shapes import Fault


class ApiProblem(Exception):
    """The server answered with a problem. `errors` name what is wrong; quote `request_id` when asking."""

    def __init__(self, status: int, body: dict[str, Any]):
        self.status = status
        self.title: str = body.get("title", "")
        self.detail: str = body.get("detail", "")
        self.errors: list[Fault] = body.get("errors") or []
        self.request_id: str = body.get("request_id", "")
        named = "; ".join(f"{error['pointer'] or 'body'}: {error['detail']}" for error in self.errors)
        super().__init__(" ".join(part for part in (f"{status} {self.title}.", self.detail, named) if part))


class NotAllowed(ApiProblem):
    """401 or 403: no or a wrong key, or one without the scope."""


class NotFound(ApiProblem):
    """404."""


class Conflict(ApiProblem):
    """409: the same id with another body, or an edit of something that changed meanwhile."""


class Refused(ApiProblem):
    """400, 413, 415 or 422: sending it again as it is cannot help."""


class TooManyRequests(ApiProblem):
    """429, after every retry."""


class Unavailable(ApiProblem):
    """502, 503 or 504, after every retry, or no answer at all (status 0). Sending again is safe."""


class JobNotEnded(Exception):
    """The time that was given is over; `job` is how it stands."""

    def __init__(self, job: dict[str, Any]):
        self.job = job
        super().__init__(f"job {job['id']} is {job['state']}, {job['rows_done']} rows done")


KINDS: dict[int, type[ApiProblem]] = {
    **dict.fromkeys((401, 403), NotAllowed),
    404: NotFound,
    409: Conflict,
    **dict.fromkeys((400, 413, 415, 422), Refused),
    429: TooManyRequests,
    **dict.fromkeys((0, 502, 503, 504), Unavailable),
}


def problem(status: int, body: Any) -> ApiProblem:
    """The exception for an answer; a body that is no problem document is quoted."""
    if not isinstance(body, dict):
        body = {"detail": str(body)[:500]}
    return KINDS.get(status, ApiProblem)(status, body)
