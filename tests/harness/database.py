"""The database as it lies on the disk."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

# Tables are STRICT.
if sqlite3.sqlite_version_info < (3, 37):
    raise SystemExit(f"Python's SQLite must be 3.37 or later, and is {sqlite3.sqlite_version}")


@dataclass(frozen=True)
class StoredTurn:
    """What is stored of a turn."""

    last_seq: int
    finish_reason: Optional[str]


@dataclass
class Snapshot:
    """What a copy of the database holds, and what is wrong with it."""

    problems: list[str] = field(default_factory=list)
    turns: dict[str, StoredTurn] = field(default_factory=dict)
    conversations: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)


def inspect(database: Path) -> Snapshot:
    """Looks at a copy. No process may write meanwhile."""
    with tempfile.TemporaryDirectory(dir=database.parent.parent) as directory:
        copy = Path(directory) / "copy.db"
        for suffix in ("", "-wal"):
            part = Path(f"{database}{suffix}")
            if part.exists():
                shutil.copyfile(part, f"{copy}{suffix}")
        if not copy.exists():
            return Snapshot()
        with closing(sqlite3.connect(copy)) as connection:
            return _read(connection)


def _read(connection: sqlite3.Connection) -> Snapshot:
    snapshot = Snapshot()
    verdict = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    if verdict != ["ok"]:
        snapshot.problems.append(f"integrity_check says {verdict[:3]}")
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    if ("turn_batches",) not in tables:
        if tables:
            snapshot.problems.append(f"half a schema: {tables}")
        return snapshot
    strays = connection.execute("PRAGMA foreign_key_check").fetchall()
    if strays:
        snapshot.problems.append(f"foreign_key_check says {strays[:3]}")
    for table in ("conversations", "messages", "turns", "turn_batches", "holders"):
        snapshot.rows[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    snapshot.conversations = {row[0] for row in connection.execute("SELECT id FROM conversations")}
    _read_logs(connection, snapshot)
    return snapshot


def _read_logs(connection: sqlite3.Connection, snapshot: Snapshot) -> None:
    """Follows the chain of each turn's rows: from event 1 to the last, without gaps."""
    chains: dict[int, tuple[Optional[int], int]] = {}
    rows = connection.execute("SELECT pk, turn, previous, first_seq, last_seq FROM turn_batches ORDER BY pk")
    for pk, turn, previous, first_seq, last_seq in rows:
        if chains.get(turn, (None, 0)) != (previous, first_seq - 1):
            snapshot.problems.append(f"row {pk} does not follow {chains.get(turn)}")
        chains[turn] = (pk, last_seq)
    turns = connection.execute("SELECT message, id, finish_reason, last_batch, last_seq FROM turns")
    for message, turn, reason, last_batch, last_seq in turns:
        if chains.pop(message, (None, 0)) != (last_batch, last_seq):
            snapshot.problems.append(f"turn {turn} has another end than its rows")
        snapshot.turns[turn] = StoredTurn(last_seq, reason)
    if chains:
        snapshot.problems.append(f"{len(chains)} logs belong to no turn")


def stored_seq(database: Path, turn: str) -> int:
    """The number of the last stored event, while servers run: what another process would see."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        row = connection.execute("SELECT last_seq FROM turns WHERE id = ?", (turn,)).fetchone()
    return row[0] if row else 0
