"""Data and models from the command line, without Django; `python -m ml --help` names the verbs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ml.artifacts import ArtifactRefused, Model, load, read_card, save
from ml.data_generation.customer_files import write_customer_files
from ml.data_generation.customers import generate_customers
from ml.data_generation.weeks import DOMAINS, week_table
from ml.domains.payments.generator import DEFAULT_UNTIL, generate, generate_rows
from ml.history.verbs import add_verbs
from ml.modeling.verbs import add_verbs as add_training_verbs
from ml.preprocessing.tables import DataError, read_table


def main(arguments: list[str] | None = None) -> int:
    """Run one command: 0, or 1 with one line on stderr when the data or the model cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (DataError, ArtifactRefused, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def generate_payments_file(options: argparse.Namespace) -> None:
    wanted = {name: getattr(options, name) for name in ("days", "fraud_rate", "seed", "until")}
    if options.rows is not None:
        frame = generate_rows(options.rows, **wanted)
    else:
        frame = generate(customers=options.customers, **wanted)
    _write_table(frame, options.out)


def generate_customers_file(options: argparse.Namespace) -> None:
    if options.out is None:
        if options.rows is not None or options.fraud_rate is not None:
            raise ValueError("--rows and --fraud-rate go with --out FILE")
        for path in write_customer_files(Path("data"), seed=options.seed):
            _say(f"wrote {path}")
        return
    rows, rate = options.rows or 1_000, options.fraud_rate or 0.10
    frame = generate_customers(rows=rows, fraud_rate=rate, seed=options.seed)
    _write_table(frame, options.out)


def generate_week_file(options: argparse.Namespace) -> None:
    frame = week_table(options.domain, seed=options.seed, scale=options.scale)
    _write_table(frame.assign(is_fraud=(frame["scheme"] != "").astype(int)), options.out)


def train_payments(options: argparse.Namespace) -> None:
    # training libraries take a second to load; generating data does not need them
    from ml.domains.payments.training import train_bootstrap, train_from_frame

    if options.file is None:
        model = train_bootstrap(seed=options.seed, threads=options.threads, progress=_say)
    else:
        model = train_from_frame(
            read_table(options.file),
            seed=options.seed,
            threads=options.threads,
            candidates=tuple((options.candidates or EVERY_CANDIDATE).split(",")),
            path=str(options.file),
            progress=_say,
        )
    _saved(model, options.out)


def _saved(model: Model, out: Path) -> None:
    card = save(model, out)
    _say(f"wrote {out / card.file}")
    print(json.dumps({"file": card.file, "sha256": card.sha256, "metrics": dict(card.metrics)}, indent=1))


def train_customers(options: argparse.Namespace) -> None:
    from ml.domains.customers.schema import DEMOGRAPHIC
    from ml.domains.customers.training import train_bootstrap, train_from_frame

    allowed = set(filter(None, options.demographics.split(",")))
    if unknown := sorted(allowed - set(DEMOGRAPHIC)):
        raise ValueError(f"--demographics: {', '.join(unknown)} is not among {', '.join(DEMOGRAPHIC)}")
    shared = {"seed": options.seed, "threads": options.threads, "allowed": allowed, "progress": _say}
    if options.file is None:
        model = train_bootstrap(**shared)
    else:
        if options.candidates:
            shared["candidates"] = tuple(options.candidates.split(","))
        model = train_from_frame(read_table(options.file), path=str(options.file), **shared)
    _saved(model, options.out)


def evaluate(options: argparse.Namespace) -> None:
    from ml.domains.payments.features import PAYMENTS
    from ml.domains.payments.training import features_and_labels, positions
    from ml.modeling.metrics import metrics

    expected = options.sha256 or read_card(options.model).sha256
    model = load(options.model, sha256=expected, feature_set=PAYMENTS)
    X, y, _ = features_and_labels(read_table(options.file), feature_set=PAYMENTS, path=str(options.file))
    known = y >= 0
    if len(set(y[known].tolist())) < 2:
        raise DataError(options.file, "holds labels of one class only; both are needed to measure")
    probability = model.predict(X[:, positions(model.card.features, PAYMENTS)])
    print(json.dumps(metrics(y[known], probability[known]), indent=1))


EVERY_CANDIDATE = "lightgbm,hist_gradient_boosting,random_forest,logistic_regression"
TRAININGS = {"payments": train_payments, "customers": train_customers}


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _write_table(frame: pd.DataFrame, path: Path) -> None:
    """CSV, gzip when the name ends in .gz; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        frame.to_csv(temporary, index=False)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _say(f"wrote {len(frame):,} rows to {path}, {int(frame['is_fraud'].sum()):,} of them fraud")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        detail = f"'{text}' is not an ISO 8601 time like 2026-01-31T00:00:00Z"
        raise argparse.ArgumentTypeError(detail) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _generate_parser(verbs.add_parser("generate", help="write generated data as CSV"))

    training = verbs.add_parser("train", help="train a model and save it with its card")
    training.add_argument("domain", choices=tuple(TRAININGS))
    training.add_argument("file", nargs="?", type=Path, help="CSV with is_fraud (default: generated)")
    training.add_argument("--out", type=Path, required=True, metavar="DIR")
    training.add_argument("--seed", type=int, default=1)
    training.add_argument("--threads", type=int, default=1)
    few = "customers: lightgbm,logistic_regression"
    training.add_argument("--candidates", help=f"default {EVERY_CANDIDATE}; {few}")
    training.add_argument(
        "--demographics", default="dependants", help="customers: those that may be read (age,dependants)"
    )
    training.set_defaults(run=lambda options: TRAININGS[options.domain](options))

    measuring = verbs.add_parser("evaluate", help="measure a saved model on a labelled CSV")
    measuring.add_argument("model", type=Path)
    measuring.add_argument("file", type=Path)
    measuring.add_argument("--sha256", help="the expected hash (default: the one on the model's card)")
    measuring.set_defaults(run=evaluate)
    add_verbs(verbs)
    add_training_verbs(verbs)
    return parser


def _generate_parser(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(required=True, metavar="KIND")
    payments = kinds.add_parser("payments", help="payments with planted fraud schemes")
    size = payments.add_mutually_exclusive_group()
    size.add_argument("--rows", type=int, help="exactly so many payments")
    size.add_argument("--customers", type=int, default=350, help="1.25 payments a day each")
    payments.add_argument("--days", type=int, default=90)
    payments.add_argument("--fraud-rate", type=float, default=0.015)
    payments.add_argument("--until", type=_moment, default=DEFAULT_UNTIL, help="end of the period, exclusive")
    payments.set_defaults(run=generate_payments_file)
    customers = kinds.add_parser("customers", help="customers for the unpaid-debt model")
    customers.add_argument("--rows", type=int, help="default 1000")
    customers.add_argument("--fraud-rate", type=float, help="default 0.10")
    customers.set_defaults(run=generate_customers_file)
    weeks = [kinds.add_parser(name, help="a week of its events with planted schemes") for name in DOMAINS]
    for domain, week in zip(DOMAINS, weeks, strict=True):
        week.add_argument("--scale", type=float, default=1.0, help="of the number of ordinary events")
        week.add_argument("--out", type=Path, required=True, metavar="FILE")
        week.set_defaults(run=generate_week_file, domain=domain)
    for kind in (payments, customers, *weeks):
        kind.add_argument("--seed", type=int, default=1)
    payments.add_argument("--out", type=Path, required=True, metavar="FILE")
    both = "default: data/users_1k.csv (10%% fraud) and data/users_10k.csv (5%%)"
    customers.add_argument("--out", type=Path, metavar="FILE", help=both)


if __name__ == "__main__":
    sys.exit(main())
