"""Training on a history's directory, and scoring it, from the command line: train-history, score-history."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ml.artifacts import load, read_card, save
from ml.history.store import load as load_history

ENGINE = "payments"


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Add train-history and score-history to a parser's verbs."""
    training = verbs.add_parser("train-history", help="train on an imported history; writes model and report")
    training.add_argument("directory", type=Path, help="what import-history wrote")
    training.add_argument("--out", type=Path, required=True, metavar="DIR")
    training.add_argument("--engine", default=ENGINE)
    for name in ("--train-from", "--train-until", "--test-from", "--test-until"):
        training.add_argument(name, metavar="D", help="a date or moment; an end is exclusive")
    training.add_argument("--live", action="store_true", help="only what live payments carry")
    training.add_argument("--seed", type=int, default=1)
    training.add_argument("--threads", type=int)
    training.set_defaults(run=_train)
    scoring = verbs.add_parser("score-history", help="score a history with a model of train-history")
    scoring.add_argument("model", type=Path)
    scoring.add_argument("directory", type=Path)
    scoring.add_argument("--from", dest="from_time", metavar="D")
    scoring.add_argument("--until", dest="until_time", metavar="D")
    scoring.add_argument("--out", type=Path, required=True, metavar="FILE")
    scoring.set_defaults(run=_score)


def _train(options: argparse.Namespace) -> None:
    # training libraries take a second to load
    from ml.modeling.histories import train_history
    from ml.modeling.windows import windows_of

    history = load_history(options.directory)
    texts = {
        name: getattr(options, name) for name in ("train_from", "train_until", "test_from", "test_until")
    }
    model, report = train_history(
        history,
        engine=options.engine,
        seed=options.seed,
        windows=windows_of(history, **texts),
        live=_live_set(options.engine) if options.live else None,
        threads=options.threads,
        progress=_say,
    )
    card = save(model, options.out)
    beside = (options.out / card.file).with_suffix(".report.json")
    beside.write_text(json.dumps(report, indent=1, allow_nan=False))
    _say(f"wrote {options.out / card.file} and {beside.name}")
    print(json.dumps({"file": card.file, "sha256": card.sha256, "metrics": report["metrics"]}, indent=1))


def _score(options: argparse.Namespace) -> None:
    from ml.modeling.scoring import score_rows, write_scores
    from ml.modeling.windows import bound_of

    model = load(options.model, sha256=read_card(options.model).sha256)
    history = load_history(options.directory)
    bounds = {name: bound_of(history, getattr(options, name)) for name in ("from_time", "until_time")}
    live = _live_set(model.card.engine) if model.encoders is None else None
    rows, scores = score_rows(model, history, live=live, progress=_say, **bounds)
    write_scores(options.out, history.ids[rows], scores)
    _say(f"wrote {len(rows):,} scores to {options.out}")


def _live_set(engine: str):
    from ml.domains.payments.features import PAYMENTS

    if engine != ENGINE:
        raise ValueError(f"live features of {engine} are not among a history's: train without --live")
    return PAYMENTS


def _say(message: str) -> None:
    print(message, file=sys.stderr)
