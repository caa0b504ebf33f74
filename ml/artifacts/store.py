"""Save and load models. Unpickling runs code, so the bytes are checked first and read only once."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import joblib

from ml.artifacts.card import Card
from ml.artifacts.model import Model
from ml.features.spec import FeatureSet


class ArtifactRefused(Exception):
    """A model that must not be used. `reason`: missing, card, truncated, hash, content or schema."""

    def __init__(self, detail: str, *, reason: str = "schema") -> None:
        super().__init__(detail)
        self.reason = reason


def save(model: Model, directory: Path | str) -> Card:
    """Write `<name>-<first 12 of the hash>.joblib` and its .json; return the card with hash and file name.

    The same weights under another card get a file of their own: no card is ever overwritten.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    payload = {"scorer": model.scorer, "calibration": model.calibration}
    if model.encoders is not None:
        payload["encoders"] = dict(model.encoders)
    joblib.dump(payload, buffer)
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    card = replace(
        model.card, sha256=digest, bytes=len(content), file=f"{model.card.name}-{digest[:12]}.joblib"
    )
    beside = _card_path(directory / card.file)
    if beside.exists() and beside.read_bytes() != _text(card):
        own = hashlib.sha256(_text(card)).hexdigest()
        card = replace(card, file=f"{model.card.name}-{digest[:12]}-{own[:8]}.joblib")
    _write(directory / card.file, content)
    _write(_card_path(directory / card.file), _text(card))
    return card


def load(path: Path | str, *, sha256: str, feature_set: FeatureSet | None = None) -> Model:
    """The model in `path`, whose bytes must have this hash; given a feature set, it must fit that too.

    Raises ArtifactRefused; nothing is unpickled before the hash is known to be right.
    """
    path = Path(path)
    card = read_card(path)
    content = _verified(path, card, sha256)
    payload = _opened(path, content)
    model = Model(payload["scorer"], payload["calibration"], card, payload.get("encoders"))
    if model.scorer.width != len(card.features):
        detail = f"the model takes {model.scorer.width} features, its card names {len(card.features)}"
        raise _refused("schema", path, detail)
    if feature_set is not None:
        _check_features(path, card, feature_set)
    return model


def read_card(path: Path | str) -> Card:
    """The card beside an artifact. Raises ArtifactRefused when it is missing or not readable."""
    path = Path(path)
    beside = _card_path(path)
    text = _read(beside, "card", "the model's card is missing")
    try:
        return Card.from_json(json.loads(text))
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise _refused("card", beside, str(error)) from error


def _text(card: Card) -> bytes:
    return json.dumps(card.as_json(), indent=1, allow_nan=False).encode()


def _refused(reason: str, path: Path, detail: str) -> ArtifactRefused:
    return ArtifactRefused(f"{path.name}: {detail}", reason=reason)


def _card_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _read(path: Path, reason: str, missing: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise _refused(reason, path, missing) from None
    except OSError as error:
        raise _refused(reason, path, f"cannot be read: {error.strerror}") from error


def _verified(path: Path, card: Card, sha256: str) -> bytes:
    content = _read(path, "missing", "there is no such model file")
    if len(content) < card.bytes:
        raise _refused("truncated", path, f"truncated: {len(content):,} of {card.bytes:,} bytes")
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise _refused("hash", path, f"has SHA-256 {digest}, the registered one is {sha256}")
    if digest != card.sha256:
        raise _refused("hash", path, f"has SHA-256 {digest}, its card says {card.sha256}")
    return content


def _opened(path: Path, content: bytes) -> dict:
    try:
        payload = joblib.load(io.BytesIO(content))
    except OSError as error:
        detail = f"a library it needs cannot be loaded (LightGBM needs libgomp1): {error}"
        raise _refused("content", path, detail) from error
    except (ImportError, AttributeError, ValueError, TypeError, EOFError, KeyError, IndexError) as error:
        raise _refused("content", path, f"was made with other library versions: {error}") from error
    if not isinstance(payload, dict) or not {"scorer", "calibration"} <= payload.keys():
        raise _refused("content", path, "is not a model of this program")
    return payload


def _check_features(path: Path, card: Card, feature_set: FeatureSet) -> None:
    if missing := [name for name in card.features if name not in feature_set.numbers]:
        raise _refused("schema", path, f"needs features that are not defined: {', '.join(missing)}")
    shipped = feature_set.base or feature_set.version
    if (card.base_feature_set or card.feature_set) != shipped:
        detail = f"was trained on {card.feature_set}, features are now {feature_set.version}; train again"
        raise _refused("schema", path, detail)
    known = feature_set.meanings(card.features)
    if changed := [name for name in known if card.added_features.get(name) != known[name]]:
        detail = f"was trained when {', '.join(changed)} computed something else; train again"
        raise _refused("schema", path, detail)


def _write(path: Path, content: bytes) -> None:
    """All or nothing: readers see the old file or the whole new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
