"""What a process holds, as /proc tells."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MIB = 1 << 20
ESTABLISHED = "01"


@dataclass(frozen=True)
class Held:
    """What one process holds at one moment."""

    resident_bytes: int
    threads: int
    # Without those of connections to the model, which are kept for the next call.
    files: int
    upstream_connections: int

    def __str__(self) -> str:
        return (
            f"{self.resident_bytes / MIB:.1f} MiB, {self.files} files, {self.threads} threads, "
            f"{self.upstream_connections} to the model"
        )


def held_by(pid: int, upstream_port: int) -> Held:
    """Looks at a process."""
    process = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    links = []
    for entry in os.scandir(process / "fd"):
        try:
            links.append(os.readlink(entry.path))
        except FileNotFoundError:
            # Closed meanwhile.
            pass
    ours = _sockets_to(process, upstream_port)
    upstream = sum(link in ours for link in links)
    return Held(
        resident_bytes=int(status["VmRSS"].split()[0]) * 1024,
        threads=int(status["Threads"]),
        files=len(links) - upstream,
        upstream_connections=upstream,
    )


def _sockets_to(process: Path, port: int) -> set[str]:
    """The open connections of this machine to a port, by the names that descriptors have."""
    found = set()
    for line in (process / "net/tcp").read_text().splitlines()[1:]:
        _, _, remote, state, *_, inode = line.split()[:10]
        if state == ESTABLISHED and int(remote.rpartition(":")[2], 16) == port:
            found.add(f"socket:[{inode}]")
    return found


def size(path: Path) -> int:
    """The size of a file, 0 where it is missing."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@dataclass(frozen=True)
class Sample:
    """One look at the server and its files."""

    held: Held
    wal_bytes: int
    database_bytes: int


def thirds(values: list[int]) -> tuple[float, float]:
    """The medians of the middle third and of the last one."""
    third = len(values) // 3
    return median(values[third : 2 * third]), median(values[2 * third :])
