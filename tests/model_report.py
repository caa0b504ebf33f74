"""A report as a training writes it, every part filled, for tests of what shows it."""

REPORT = {
    "schema": 1,
    "data": {
        "source": "imported",
        "history": "cards",
        "rows": 51_234,
        "positives": 1_204,
        "unlabelled": 310,
        "from": "2025-01-01",
        "until": "2025-12-31",
        "split": {"kind": "time", "train": 30_000, "validation": 9_000, "test": 12_000},
        "warnings": ["Average precision is far better on a random split: the history changes with time."],
    },
    "metrics": {
        "roc_auc": {"value": 0.9712, "low": 0.9641, "high": 0.9783},
        "average_precision": {"value": 0.9134, "low": 0.9012, "high": 0.9251},
        "brier": {"value": 0.0123, "low": 0.0111, "high": 0.0135},
        "precision_at_threshold": {"threshold": 0.04, "alerts": 410, "precision": 0.83, "recall": 0.91},
    },
    "at_k": [{"k": k, "precision": 1 - k / 2000, "recall": k / 1500} for k in (50, 100, 250, 500)],
    "per_day": [{"alerts_per_day": n, "precision": 0.9 - n / 500, "recall": n / 200} for n in (10, 20, 50)],
    "card_precision_100": {"value": 0.31, "low": 0.28, "high": 0.34, "days": 60},
    "roc": [[x / 20, (x / 20) ** 0.2] for x in range(21)],
    "precision_recall": [[x / 20, 1 - 0.7 * (x / 20) ** 4] for x in range(21)],
    "calibration": [
        {"mean_predicted": x / 10, "observed": min(x / 10 + (0.03 if x % 2 else -0.02), 1), "n": 900 - 80 * x}
        for x in range(1, 10)
    ],
    "cost": {
        "false_positive": 5.0,
        "loss": 120.0,
        "threshold": 0.04,
        "curve": [{"threshold": x / 20, "cost": 9000 + 40_000 * (x / 20 - 0.1) ** 2} for x in range(21)],
    },
    "thresholds": {"capacity": {"threshold": 0.62, "alerts_per_day": 20}, "cost": {"threshold": 0.04}},
    "segments": [
        {
            "segment": "channel",
            "value": value,
            "n": n,
            "positives": n // 40,
            "roc_auc": auc,
            "low": auc - 0.02,
            "high": auc + 0.02,
            "average_precision": auc - 0.1,
        }
        for value, n, auc in (("web", 7_000, 0.97), ("app", 4_000, 0.95), ("atm", 1_000, 0.91))
    ],
    "importance": [{"feature": f"column:V{n}", "share": 0.3 / n} for n in range(1, 21)],
    "dependence": [
        {"feature": f"column:V{n}", "points": [[x, (x - 5) * n / 10] for x in range(11)]} for n in (1, 2, 3)
    ],
    "candidates": [
        {
            "name": "lightgbm",
            "average_precision": 0.91,
            "parameters": {"num_leaves": 31, "learning_rate": 0.05},
        },
        {"name": "logistic regression", "average_precision": 0.71, "parameters": {}},
    ],
    "leaks": [{"column": "chargeback_id", "auc": 0.997}],
    "excluded": [{"column": "age", "auc_alone": 0.57, "added_auc": 0.004}],
    "cross_validation": {"roc_auc": {"mean": 0.964, "sd": 0.006, "folds": [0.96, 0.97, 0.958, 0.968, 0.964]}},
    "champion": {"version": "payments-1", "metrics": {"average_precision": 0.712, "roc_auc": 0.91}},
    "rules_alone": {"precision": 0.22, "recall": 0.41, "alerts": 2_310},
}
