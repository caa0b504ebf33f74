"""Streams: who consumes them, how far that is, and the messages that could not be decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from dashboard.keyset import page as keyset_page
from fraud_detection.models import LetterState, StreamDeadLetter
from fraud_detection.services.streaming.letters import (
    LetterConflict,
    LetterRefused,
    discard_letter,
    replay_letter,
)
from fraud_detection.services.streaming.overview import letters, overview
from users.roles import Ability

AGAIN = 10  # seconds after which the page of streams is read again


@require_safe
@requires(Ability.READ)
def page(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", LetterState.WAITING)
    context = {
        "found": overview(),
        "page": keyset_page(letters(state), ("id",), request.GET.get("after", "")),
        "state": state if state in LetterState.values else "",
        "states": LetterState.choices,
    }
    part = "dashboard/streams/_state.html" if request.htmx else "dashboard/streams/page.html"
    return render(request, part, context | {"again": AGAIN})


@require_safe
@requires(Ability.READ)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    return _letter(request, _existing(pk))


@require_POST
@requires(Ability.RUN_JOBS)
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    found = _existing(pk)
    try:
        decided = replay_letter(pk, acting_user=request.user, request_id=request.request_id)
    except LetterRefused as refused:
        return _letter(request, _existing(pk), status=422, refused=refused)
    except LetterConflict as conflict:
        return _letter(request, _existing(pk), status=409, refused=conflict)
    known = " It had been decided before." if decided.replayed else ""
    messages.success(request, f"{found.event_id} is decided: {decided.body['decision']}.{known}")
    return redirect("dashboard:streams")


@require_POST
@requires(Ability.RUN_JOBS)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    _existing(pk)
    note = request.POST.get("note", "")
    try:
        discard_letter(pk, note=note, acting_user=request.user, request_id=request.request_id)
    except LetterRefused as refused:
        return _letter(request, _existing(pk), status=422, refused=refused, note=note)
    except LetterConflict as conflict:
        return _letter(request, _existing(pk), status=409, refused=conflict)
    messages.success(request, "The message is discarded.")
    return redirect("dashboard:streams")


def _existing(pk: int) -> StreamDeadLetter:
    return get_object_or_404(StreamDeadLetter, pk=pk)


def _letter(
    request: HttpRequest,
    letter: StreamDeadLetter,
    *,
    status: int = 200,
    refused: Exception | None = None,
    note: str = "",
) -> HttpResponse:
    context = {"letter": letter, "refused": refused, "note": note}
    return render(request, "dashboard/streams/letter.html", context, status=status)
