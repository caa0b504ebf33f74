import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.serving import EngineNotInstalled, serving
from fraud_detection.services.streaming.consuming import Consumer
from fraud_detection.services.streaming.opening import consumer_name, open_source
from fraud_detection.services.streaming.reporting import forget_consumers
from fraud_detection.services.streaming.source import SourceAway, SourceRefused

IDLE = 5  # seconds beside a lease: long enough for shards of others to come free


class Command(BaseCommand):
    help = "Decide the events of Valkey streams or Kafka topics until stopped; SIGTERM finishes the batch."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--source", choices=("valkey", "kafka"), default=settings.STREAM_SOURCE or "valkey"
        )
        parser.add_argument(
            "--engine",
            choices=sorted(ENGINES),
            default="",
            help="consume the streams of this engine only; without it those whose messages name their engine",
        )
        parser.add_argument(
            "--client",
            action="append",
            default=[],
            help="client system, repeatable (default: STREAM_CLIENTS)",
        )
        parser.add_argument("--group", default=settings.STREAM_GROUP)
        parser.add_argument("--shards", type=int, default=settings.STREAM_SHARDS, help="of Valkey streams")
        parser.add_argument("--batch", type=int, default=settings.STREAM_BATCH, help="messages a poll takes")
        parser.add_argument("--until-idle", action="store_true", help="end when nothing comes any more")

    def handle(self, *, source: str, group: str, client: list[str], **options) -> None:
        if not 1 <= options["batch"] <= 5_000 or not 1 <= options["shards"] <= 1_024:
            raise CommandError("--batch takes 1 to 5000, --shards 1 to 1024")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        name = consumer_name()
        try:
            for engine in [options["engine"]] if options["engine"] else ENGINES:
                serving(engine)
            opened = open_source(
                source,
                name=name,
                group=group,
                clients=client,
                engine=options["engine"],
                shards=options["shards"],
            )
        except (EngineNotInstalled, SourceRefused, SourceAway) as refused:
            raise CommandError(str(refused)) from refused
        forget_consumers()
        self.stdout.write(f"{name} consumes {source} in the group {group}")
        tally = Consumer(opened, name=name, group=group, batch=options["batch"], stop=stop).run(
            idle_seconds=settings.STREAM_LEASE_SECONDS + IDLE if options["until_idle"] else None
        )
        self.stdout.write(tally.told())
