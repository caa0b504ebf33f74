"""Dead letters: what could not be decided is kept with its reason, to be replayed or discarded by people."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from fraud_detection.models import LetterReason, LetterState, StreamDeadLetter
from fraud_detection.services.announcing import Decided
from fraud_detection.services.streaming.deciding import Buried, decide_run, read_all
from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.source import Message
from logs.redacting import redact, redact_text
from logs.services import record
from users.models import User

log = structlog.get_logger(__name__)
MOST_DETAIL = 4_000
CUT_NUMBER = re.compile(rb"[0-9](?:[0-9 ._/-]{0,40})\Z")


class LetterConflict(Exception):
    """The letter was replayed or discarded by somebody else meanwhile."""


class LetterRefused(Exception):
    """It still cannot be decided, or the request lacks something; `field` and the text say what."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


def keep_letters(kind: str, buried: Sequence[Buried]) -> None:
    """Store what is not stored yet; a redelivered message is known by its place."""
    StreamDeadLetter.objects.bulk_create([as_letter(kind, one) for one in buried], ignore_conflicts=True)


def shown(letter: StreamDeadLetter) -> dict[str, Any]:
    """A letter as the dead-letter stream carries it."""
    names = ("reason", "detail", "stream", "shard", "position", "client", "engine", "event_id", "attempts")
    return {name: getattr(letter, name) for name in names} | {"body": bytes(letter.body)}


def replay_letter(
    letter_id: int, *, acting_user: User | None = None, actor: str = "", request_id: str = ""
) -> Decided:
    """Decide a letter again as it is kept; raises LetterRefused with what is still wrong, LetterConflict.

    What was decided meanwhile, because its producer sent it again, counts as replayed.
    """
    with transaction.atomic():
        letter = _waiting(letter_id)
        result = _decided_again(letter)
        if isinstance(result, Decided):
            after = {
                "event_id": letter.event_id,
                "decision": result.body["decision"],
                "known": result.replayed,
            }
            _settle(letter, LetterState.REPLAYED, acting_user, actor, after=after, request_id=request_id)
            return result
        letter.attempts += 1
        letter.reason, letter.detail = result.reason, _fitting(result.detail, MOST_DETAIL)
        letter.save(update_fields=("attempts", "reason", "detail"))
    raise LetterRefused("", f"it still cannot be decided: {letter.detail}")


def discard_letter(
    letter_id: int, *, note: str, acting_user: User | None = None, actor: str = "", request_id: str = ""
) -> StreamDeadLetter:
    """Give a letter up for good, saying why; raises LetterConflict and LetterRefused."""
    note = note.strip()
    if not note or len(note) > 500 or "\x00" in note:
        raise LetterRefused("note", "say why it is discarded, in 1 to 500 characters")
    with transaction.atomic():
        letter = _waiting(letter_id)
        letter.note = redact_text(note)[:500]
        after = {"event_id": letter.event_id, "reason": letter.reason, "note": letter.note}
        _settle(letter, LetterState.DISCARDED, acting_user, actor, after=after, request_id=request_id)
    return letter


def _waiting(letter_id: int) -> StreamDeadLetter:
    letter = StreamDeadLetter.objects.select_for_update().get(pk=letter_id)
    if letter.state != LetterState.WAITING:
        who = f" by {letter.settled_by}" if letter.settled_by else ""
        raise LetterConflict(f"The message was {letter.get_state_display().lower()} already{who}.")
    return letter


def _decided_again(letter: StreamDeadLetter) -> Decided | Buried:
    """Deciding that fails once more is a letter still, as it was to the consumer."""
    client, _, engine = letter.stream.partition(".")
    place = (Stream(client, engine), letter.shard, letter.position)
    message = Message(*place, 0, bytes(letter.body))
    events, buried = read_all([message])
    if buried:
        return buried[0]
    try:
        with transaction.atomic():
            return decide_run(events)[0]
    except OperationalError:
        raise
    except Exception as error:
        log.exception("letter_failed_again", letter=letter.pk, error=str(error))
        problem = f"{type(error).__name__}: {error}"
        return Buried(message, LetterReason.FAILED, problem, letter.engine, letter.event_id)


def _settle(
    letter: StreamDeadLetter,
    state: LetterState,
    acting_user: User | None,
    actor: str,
    *,
    after: dict[str, Any],
    request_id: str,
) -> None:
    who = acting_user.email if acting_user else actor
    letter.state, letter.settled_at, letter.settled_by = state, timezone.now(), who
    letter.save(update_fields=("state", "settled_at", "settled_by", "note"))
    record(
        f"dead_letter.{state}",
        actor_kind="user" if acting_user else "system",
        actor=who,
        subject_kind="dead_letter",
        subject=str(letter.pk),
        before={"state": LetterState.WAITING},
        after={"state": state, "client": letter.client, "engine": letter.engine, **after},
        request_id=request_id,
    )


def as_letter(kind: str, buried: Buried) -> StreamDeadLetter:
    """The row of a buried message, not stored."""
    message = buried.message
    body = _without_secrets(message.body)
    return StreamDeadLetter(
        kind=kind,
        stream=message.stream.name,
        shard=message.shard,
        position=message.position,
        client=message.stream.client,
        engine=buried.engine,
        event_id=_fitting(buried.event_id, 200),
        reason=buried.reason,
        detail=_fitting(buried.detail, MOST_DETAIL),
        body=body,
        digest=hashlib.sha256(message.body).digest(),
        is_redacted=body != message.body,
        attempts=buried.attempts,
    )


def _without_secrets(body: bytes) -> bytes:
    """The very same bytes when there is nothing to hide; of too many, the first ones."""
    if len(body) > settings.STREAM_MESSAGE_BYTES:  # never decided; cut before a number, not within one
        return _text_without_secrets(CUT_NUMBER.sub(b"", body[: settings.STREAM_MESSAGE_BYTES]))
    try:
        found = json.loads(body, object_pairs_hook=_distinct)
        hidden = redact(found)
        return body if hidden == found else json.dumps(hidden, ensure_ascii=True).encode()
    except (ValueError, RecursionError):
        return _text_without_secrets(body)


def _text_without_secrets(body: bytes) -> bytes:
    """Of what is no JSON; bytes that are no text stay as they are."""
    text = body.decode("utf-8", "surrogateescape")
    return redact_text(text).encode("utf-8", "surrogateescape")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of names given twice only the last would be looked at: such a body is read as text."""
    if len(made := dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _fitting(text: str, most: int) -> str:
    """What PostgreSQL can hold of a text that somebody else wrote, without card numbers and secrets."""
    sound = text.encode("utf-8", "replace").decode().replace("\x00", "�")
    return redact_text(sound)[:most]
