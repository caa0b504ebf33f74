import signal
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.demo import demo_access
from fraud_detection.services.simulating.catching import caught, wait_until_decided
from fraud_detection.services.simulating.running import load_history, send_at
from fraud_detection.services.simulating.scenarios import (
    EVERYTHING,
    ScenarioUnknown,
    Script,
    engine_of,
    scenarios,
    script,
)
from fraud_detection.services.simulating.sending import ApiSender, Sender, StreamSender
from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.producing import StreamFull, open_producer
from fraud_detection.services.streaming.source import SourceRefused
from users.models import ClientSystem
from users.services import client_system

MOST_EVENTS = 200_000


class Command(BaseCommand):
    help = "Send believable traffic with planted schemes at a rate, and say how much of them was caught."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rate", type=float, default=20, help="events a second (default: 20)")
        parser.add_argument(
            "--fraud-rate", type=float, default=0.02, help="share of planted events, 0 to 0.5"
        )
        parser.add_argument("--scenario", default=EVERYTHING, help="see --list (default: everyday)")
        parser.add_argument("--engine", choices=sorted(ENGINES), help="default: the one of the scenario")
        parser.add_argument("--seconds", type=float, default=60)
        parser.add_argument("--to", choices=("api", "valkey", "kafka"), default="api")
        parser.add_argument("--url", default=f"http://127.0.0.1:{settings.PORT}", help="of the API")
        parser.add_argument("--key", help="API key with the scope ingest (default: the demonstration's)")
        parser.add_argument("--client", help="client system (default: demo for the API, simulation else)")
        parser.add_argument("--seed", type=int, help="the same seed, the same traffic")
        parser.add_argument("--no-history", action="store_true", help="do not load what came before")
        parser.add_argument("--wait", type=float, default=60, help="seconds for the last decisions")
        parser.add_argument("--list", action="store_true", help="the scenarios by engine")

    def handle(self, **given) -> None:
        if given["list"]:
            for engine, names in scenarios().items():
                self.stdout.write(f"{engine}: {', '.join(names)}")
            return
        planned = self._script(given)
        client = client_system(given["client"] or ("demo" if given["to"] == "api" else "simulation"))
        self._plan(planned, given)
        if not given["no_history"] and planned.history:
            self.stdout.write(f"Loading {len(planned.history):,} events of history ...")
            load_history(planned, client)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            sender = self._sender(given, client)
            sent = send_at(planned, sender, rate=given["rate"], stop=stop)
        except (StreamFull, SourceRefused) as refused:
            raise CommandError(str(refused)) from refused
        problems = sender.close()
        self.stdout.write(f"{sent.events:,} events sent in {sent.seconds:.1f} s: {sent.per_second:,.1f}/s")
        for problem in problems:
            self.stderr.write(f"not taken: {problem}")
        self._result(planned, sent.events, client, given["wait"])

    def _script(self, given) -> Script:
        count = int(given["rate"] * given["seconds"])
        if not 0 < given["rate"] <= 5_000 or not 1 <= count <= MOST_EVENTS:
            raise CommandError(
                f"--rate x --seconds must give 1 to {MOST_EVENTS:,} events, --rate 5000 at most"
            )
        if not 0 <= given["fraud_rate"] <= 0.5:
            raise CommandError("--fraud-rate takes 0 to 0.5")
        seed = given["seed"] if given["seed"] is not None else int(time.time())
        try:
            return script(
                engine_of(given["scenario"], given["engine"]),
                scenario=given["scenario"],
                events=count,
                fraud_rate=given["fraud_rate"],
                seed=seed,
                now=timezone.now(),
            )
        except ScenarioUnknown as unknown:
            raise CommandError(str(unknown)) from unknown

    def _plan(self, planned: Script, given) -> None:
        planted: dict[str, int] = {}
        for event in planned.events:
            if event.scheme:
                planted[event.scheme] = planted.get(event.scheme, 0) + 1
        schemes = ", ".join(f"{count} {name}" for name, count in sorted(planted.items())) or "nothing"
        self.stdout.write(f"{planned.engine}: {len(planned.events):,} events, planted: {schemes}")
        wanted = int(given["rate"] * given["seconds"])
        if len(planned.events) < wanted:
            seconds = len(planned.events) / given["rate"]
            self.stdout.write(f"The generated week holds no more: {seconds:.0f} s at {given['rate']:g}/s.")

    def _sender(self, given, client: ClientSystem) -> Sender:
        if given["to"] == "api":
            key = given["key"] or settings.ADMIN_API_KEY
            if not key and settings.PRODUCTION:
                raise CommandError("give --key: an API key with the scope ingest")
            return ApiSender(given["url"], key or demo_access(settings.VAR_DIR / "demo.json")["api_key"])
        return StreamSender(open_producer(given["to"]), Stream(client.name))

    def _result(self, planned: Script, sent: int, client: ClientSystem, seconds: float) -> None:
        events = planned.events[:sent]
        count = wait_until_decided(planned.engine, events, client, seconds=seconds, told=lambda done: None)
        if count < sent:
            self.stderr.write(f"{sent - count:,} were not decided within {seconds:g} s: does a consumer run?")
        for line in caught(planned.engine, events, client).lines():
            self.stdout.write(line)
