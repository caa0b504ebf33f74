from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.models import LetterReason, LetterState, StreamDeadLetter
from fraud_detection.services.streaming.letters import (
    LetterConflict,
    LetterRefused,
    discard_letter,
    replay_letter,
)
from fraud_detection.services.streaming.overview import letters

ACTOR = "dead_letters"
SHOWN = 100


class Command(BaseCommand):
    help = "List messages of streams that could not be decided; replay or discard them."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--replay", nargs="+", type=int, metavar="ID")
        what.add_argument("--replay-all", action="store_true", help="every waiting one, oldest first")
        what.add_argument("--discard", nargs="+", type=int, metavar="ID")
        parser.add_argument("--reason", choices=LetterReason.values, help="only those of this reason")
        parser.add_argument("--note", default="", help="why they are discarded")

    def handle(self, *, replay, replay_all: bool, discard, reason: str | None, note: str, **options) -> None:
        waiting = letters(LetterState.WAITING)
        waiting = waiting.filter(reason=reason) if reason else waiting
        if replay or replay_all:
            self._replay(replay or list(waiting.order_by("id").values_list("id", flat=True)))
        elif discard:
            for letter_id in discard:
                self._one(letter_id, lambda one: discard_letter(one, note=note, actor=ACTOR), "discarded")
        else:
            self._list(waiting)

    def _replay(self, ids: list[int]) -> None:
        done = sum(self._one(one, lambda pk: replay_letter(pk, actor=ACTOR), "decided") for one in ids)
        self.stdout.write(f"{done:,} of {len(ids):,} were decided")

    def _one(self, letter_id: int, act, done: str) -> bool:
        try:
            act(letter_id)
        except StreamDeadLetter.DoesNotExist:
            raise CommandError(f"there is no dead letter {letter_id}") from None
        except (LetterConflict, LetterRefused) as refused:
            self.stderr.write(f"{letter_id}: {refused}")
            return False
        self.stdout.write(f"{letter_id}: {done}")
        return True

    def _list(self, waiting) -> None:
        for letter in waiting[:SHOWN]:
            self.stdout.write(
                f"{letter.pk}  {letter.created_at:%Y-%m-%d %H:%M:%S}  {letter.stream}/{letter.shard}"
                f" {letter.position}  {letter.event_id or '-'}  {letter.reason}: {letter.detail[:160]}"
            )
        count = waiting.count()
        more = f", the newest {SHOWN} are shown" if count > SHOWN else ""
        self.stdout.write(f"{count:,} wait{more}")
