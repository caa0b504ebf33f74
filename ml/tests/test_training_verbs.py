"""Training on a history and scoring it without Django."""

import json

from ml.__main__ import main
from ml.history import save
from ml.modeling import histories
from ml.tests.labelled_histories import QUICK, timed


def test_a_history_is_trained_on_and_scored(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(histories, "recipes", lambda *sizes: list(QUICK))
    history = timed(rows=900)
    save(history, tmp_path / "history")
    window = ["--train-until", "2024-11-20", "--threads", "1"]
    assert main(["train-history", str(tmp_path / "history"), "--out", str(tmp_path), *window]) == 0
    told = json.loads(capsys.readouterr().out)
    model = tmp_path / told["file"]
    report = json.loads(model.with_suffix(".report.json").read_text())
    assert report["metrics"] == told["metrics"]
    out = ["--out", str(tmp_path / "scores.csv"), "--from", "2024-11-20"]
    assert main(["score-history", str(model), str(tmp_path / "history"), *out]) == 0
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 1 + report["data"]["measured_rows"]


def test_what_cannot_be_trained_on_is_one_line(tmp_path, capsys):
    save(timed(rows=10), tmp_path / "history")
    assert main(["train-history", str(tmp_path / "history"), "--out", str(tmp_path / "models")]) == 1
    assert "at least 15 are needed to learn" in capsys.readouterr().err
    assert not (tmp_path / "models").exists()
