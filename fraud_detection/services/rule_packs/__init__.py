"""Rules as files: written to YAML, compared with what is in force, brought in as drafts."""

from fraud_detection.services.rule_packs.applying import Applied, apply_pack
from fraud_detection.services.rule_packs.comparing import Difference, differences
from fraud_detection.services.rule_packs.exporting import exported_rules
from fraud_detection.services.rule_packs.pack import Pack, PackRefused
from fraud_detection.services.rule_packs.presets import load_preset, preset, presets
from fraud_detection.services.rule_packs.reading import read_pack

__all__ = [
    "Applied",
    "Difference",
    "Pack",
    "PackRefused",
    "apply_pack",
    "differences",
    "exported_rules",
    "load_preset",
    "preset",
    "presets",
    "read_pack",
]
