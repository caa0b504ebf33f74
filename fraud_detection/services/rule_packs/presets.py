"""Packs that ship beside the rules in force, by domain; loading one makes drafts, nothing decides by it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fraud_detection.models import Rule
from fraud_detection.services.rule_packs.applying import Applied, apply_pack
from fraud_detection.services.rule_packs.pack import Pack
from fraud_detection.services.rule_packs.reading import read_pack
from users.models import User

FOLDER = Path(__file__).resolve().parents[2] / "rule_presets"


@dataclass(frozen=True)
class Preset:
    """A shipped pack; `there` are the codes that its engine has already, in whatever stage."""

    name: str
    pack: Pack
    there: frozenset[str]

    @property
    def is_loaded(self) -> bool:
        return all(rule.code in self.there for rule in self.pack.rules)


class NoSuchPreset(LookupError):
    """The message names the presets there are."""


def presets() -> list[Preset]:
    """Every shipped pack, by engine and name; PackRefused where one does not hold here."""
    packs = {name: read_pack(_content(name)) for name in names()}
    codes: dict[str, set[str]] = {}
    for engine, code in Rule.objects.values_list("engine", "code"):
        codes.setdefault(engine, set()).add(code)
    found = [
        Preset(name, pack, frozenset(codes.get(pack.engine, ())) & {rule.code for rule in pack.rules})
        for name, pack in packs.items()
    ]
    return sorted(found, key=lambda each: (each.pack.engine, each.name))


def preset(name: str) -> Preset:
    """Raises NoSuchPreset."""
    if name not in names():
        raise NoSuchPreset(f"there is no pack '{name[:60]}'; there are {', '.join(names())}")
    return next(each for each in presets() if each.name == name)


def load_preset(name: str, *, acting_user: User, request_id: str = "") -> Applied:
    """Draft the rules of a pack that the engine does not have yet, and make the lists they read."""
    found = preset(name)
    rules = tuple(rule for rule in found.pack.rules if rule.code not in found.there)
    fresh = Pack(found.pack.engine, rules, found.pack.lists)
    return apply_pack(fresh, acting_user=acting_user, submit=False, request_id=request_id)


@cache
def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def _content(name: str) -> bytes:
    return (FOLDER / f"{name}.yaml").read_bytes()
