"""python -m benchmarks BENCHMARK; each is bounded. See docs/PERFORMANCE.md."""

import argparse
import os
import shutil

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy loads, as in the product's processes

from benchmarks import house, report
from fraudguard.embedded.place import locate

LARGEST_STORE = 20_000_000


def main() -> None:
    arguments = _parser().parse_args()
    before = report.machine()
    if getattr(arguments, "url", None):
        from benchmarks import decision_load

        rows = list(decision_load.rows_of(arguments.url, arguments.key, seconds=arguments.seconds))
    elif arguments.benchmark == "customers":
        with house.private("customers"):
            from benchmarks import customers

            rows = list(customers.rows(count=int(arguments.rows)))
    elif arguments.benchmark == "hosts":
        with house.several_hosts("hosts", "worker1", "worker2") as (place, hosts):
            from benchmarks.hosts import throughput

            rows = list(throughput.rows(place, hosts, events=_events(arguments), count=int(arguments.rows)))
    elif arguments.benchmark == "sizes":
        with house.private("sizes"):
            from benchmarks import sizes

            rows = list(sizes.rows(count=int(arguments.rows)))
    elif arguments.benchmark == "training":
        from benchmarks import training

        rows = list(training.rows(count=int(arguments.rows)))
    elif arguments.benchmark == "replay":
        with house.private(f"replay-{_events(arguments)}") as place:
            from benchmarks import replay

            rows = list(replay.rows(place, events=_events(arguments)))
    elif arguments.benchmark == "aml":
        with house.private(f"aml-{_events(arguments)}"):
            from benchmarks import aml

            rows = list(aml.rows(events=_events(arguments)))
    else:
        rows = _private(arguments)
    report.show(arguments.benchmark, before, rows, as_json=arguments.json)


def _private(arguments: argparse.Namespace) -> list[report.Row]:
    events = _events(arguments)
    if arguments.fresh:
        shutil.rmtree(locate(f"{house.AREA}/{events}").home, ignore_errors=True)
    with house.private(str(events)) as place:
        return list(_rows(arguments, place, events))


def _events(arguments: argparse.Namespace) -> int:
    events = int(arguments.store)
    if not 1_000 <= events <= LARGEST_STORE:
        raise SystemExit(f"--store: from 1,000 to {LARGEST_STORE:,} events")
    return events


def _rows(arguments: argparse.Namespace, place, events: int):
    seconds, count = arguments.seconds, int(getattr(arguments, "rows", 0))
    match arguments.benchmark:
        case "single":
            from benchmarks import single

            return single.rows(place, events=events, seconds=seconds)
        case "bulk":
            from benchmarks import bulk

            return bulk.rows(place, events=events, seconds=seconds)
        case "load":
            from benchmarks import loading

            return loading.rows(place, events=events, count=count)
        case "streams":
            from benchmarks import streams

            return streams.rows(place, events=events, count=count)
        case "batch":
            from benchmarks import batch

            return batch.rows(place, events=events, count=count)
        case "features":
            from benchmarks import features

            return features.rows(place, events=events, count=count)
    from benchmarks import backtest

    return backtest.rows(place, events=events, count=count)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", type=float, default=1e5, help="events of history: 1e5 (default), 1e6, 1e7")
    shared.add_argument("--seconds", type=float, default=10.0, help="of each load (default 10)")
    shared.add_argument("--fresh", action="store_true", help="fill the store anew")
    shared.add_argument("--json", action="store_true")
    commands = parser.add_subparsers(dest="benchmark", required=True)
    single = commands.add_parser("single", parents=[shared], help="one decision a request")
    single.add_argument("--url", help="a running server on 127.0.0.1 instead of a private one")
    single.add_argument("--key", help="API key for --url")
    commands.add_parser("aml", parents=[shared], help="features, graph and rules of one event, by SQL")
    commands.add_parser("replay", parents=[shared], help="backtests of --store stored decisions")
    commands.add_parser("bulk", parents=[shared], help="/score/ of 1,000, over HTTP and in process")
    for name, rows, text in (
        ("load", 5e4, "load_transactions of generated rows, beside a bare COPY of the same"),
        ("streams", 1e4, "a consumer of Valkey streams, beside decide_payments of the same number"),
        ("batch", 1e5, "rows of a file decided in chunks, beside a bare COPY, and live payments meanwhile"),
        ("hosts", 4e4, "batch jobs on one worker host and on two, as network namespaces; needs root"),
        ("sizes", 6e4, "bytes that decided events take in PostgreSQL, by table"),
        ("features", 2e5, "bulk features, and the statement for one event"),
        ("backtest", 1e6, "rules over many decisions"),
        ("training", 1e6, "train_model on a history of so many rows; no store"),
        ("customers", 1e4, "load_users and predict_users of generated customers; no events"),
    ):
        commands.add_parser(name, parents=[shared], help=text).add_argument(
            "--rows", type=float, default=rows
        )
    return parser


if __name__ == "__main__":
    main()
