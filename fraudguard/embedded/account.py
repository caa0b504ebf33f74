"""Who runs the embedded services: PostgreSQL refuses root, so root drops to an unprivileged account."""

import os
import pwd
import stat
from pathlib import Path
from typing import NamedTuple

from fraudguard.problem import StartProblem


class Account(NamedTuple):
    name: str
    uid: int
    gid: int

    def popen(self) -> dict:
        """Arguments for `subprocess` that make the child run as this account."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path, mode: int) -> None:
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)
        os.chmod(path, mode)


def service_account(data: Path) -> Account:
    """Ourselves, or below root: the owner of the existing data, else FRAUDGUARD_SERVICE_USER, else nobody."""
    if os.geteuid() != 0:
        _check_owner(data)
        return Account(_name(os.geteuid()), os.geteuid(), os.getegid())
    if data.exists() and data.stat().st_uid != 0:
        return _account(data.stat().st_uid)
    name = os.environ.get("FRAUDGUARD_SERVICE_USER", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise StartProblem(
            f"Embedded services need an unprivileged account below root, and {name!r} does not exist."
            " Name another one in FRAUDGUARD_SERVICE_USER."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def reachable(path: Path, account: Account) -> bool:
    """Whether `account` may enter every existing directory on the way to `path`."""
    if account.uid == os.geteuid():
        return True
    path = path.resolve()
    return all(_enters(part.stat(), account) for part in (path, *path.parents) if part.exists())


def _enters(facts: os.stat_result, account: Account) -> bool:
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def _check_owner(data: Path) -> None:
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        return
    except PermissionError:
        raise StartProblem(
            f"No permission to enter {data.parent}. Start as its owner or change its mode."
        ) from None
    if owner != os.geteuid():
        raise StartProblem(
            f"{data} belongs to {_name(owner)}, you are {_name(os.geteuid())}."
            " Start as that user (or root), or remove the directory to begin with an empty database."
        )


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise StartProblem(
            f"The embedded data belongs to uid {uid}, which is no account of this machine."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
