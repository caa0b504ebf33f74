"""How much of the machine the embedded services take."""

import shutil
from pathlib import Path

import psutil

MIB, GIB = 1024**2, 1024**3
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory() -> int:
    """Bytes this machine, or the container around us, may use."""
    limits = [psutil.virtual_memory().total]
    for path in CGROUP_LIMITS:
        try:
            limits.append(int(Path(path).read_text()))
        except (OSError, ValueError):  # no such controller, or "max"
            continue
    return min(limits)


def postgres_settings(home: Path, total: int, durable: bool) -> dict[str, str]:
    """postgresql.conf for a machine of `total` bytes; not `durable`: for tests, which throw the data away."""
    disk = shutil.disk_usage(home).free
    settings = {
        "shared_buffers": _mb(total // 4, 64 * MIB, 2 * GIB if durable else 128 * MIB),
        "effective_cache_size": _mb(total // 2, 128 * MIB, 64 * GIB),
        "maintenance_work_mem": _mb(total // 16, 32 * MIB, 512 * MIB),
        "work_mem": _mb(total // 256, 4 * MIB, 32 * MIB),
        "max_wal_size": _mb(disk // 4, 256 * MIB, 8 * GIB),
        "checkpoint_timeout": "15min",
        "max_connections": "100",
        "max_locks_per_transaction": "256",
        "random_page_cost": "1.1",
    }
    if not durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
        }
    shared = Path("/dev/shm")  # only its size is asked  # nosec B108
    if shutil.disk_usage(shared).free < 256 * MIB if shared.exists() else True:
        settings["dynamic_shared_memory_type"] = "mmap"  # containers often have a tiny /dev/shm
    return settings


def valkey_memory(total: int) -> int:
    return max(64 * MIB, total // 8)


def _mb(value: int, low: int, high: int) -> str:
    return f"{min(max(value, low), high) // MIB}MB"
