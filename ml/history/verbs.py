"""`python -m ml propose` and `python -m ml import`: histories without Django."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Add both verbs to the command line."""
    proposing = verbs.add_parser("propose", help="propose a mapping for any labelled CSV")
    proposing.add_argument("file", type=Path)
    proposing.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    proposing.set_defaults(run=propose_mapping)

    importing = verbs.add_parser("import", help="write a labelled CSV as a history to train on")
    importing.add_argument("file", type=Path)
    importing.add_argument("--mapping", type=Path, help="JSON (default: as proposed)")
    importing.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new directory")
    importing.set_defaults(run=import_file)


def propose_mapping(options: argparse.Namespace) -> None:
    from ml.history.proposing import proposal

    proposed = proposal(options.file)
    for column, why in proposed.reasons.items():
        print(f"{column}: {why}", file=sys.stderr)
    text = json.dumps(proposed.mapping.as_json(), indent=1, ensure_ascii=False)
    if options.out is None:
        print(text)
    else:
        options.out.write_text(text + "\n", encoding="utf-8")


def import_file(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from ml.history.proposing import proposal
    from ml.history.reading import read_history
    from ml.history.store import save
    from ml.history.wording import mapping_from, report_lines

    if options.out.exists():
        raise FileExistsError(f"{options.out} exists; choose another directory or delete it")
    mapping = mapping_from(options.mapping) if options.mapping else proposal(options.file).mapping
    with tqdm(total=100, unit="%", disable=None) as bar:
        history, report = read_history(
            options.file,
            mapping,
            lambda rows, share: bar.update(round(100 * share) - bar.n),
            name=options.out.name,
        )
    save(history, options.out)
    for line in report_lines(report):
        print(line)
