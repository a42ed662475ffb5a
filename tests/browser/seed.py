"""Writes turns into a conversation of the SQLite store, where asking a thousand times takes too long.

    seed.py DATABASE CONVERSATION TURNS

It follows crates/store/src/sqlite/migrations: a question and an answer each, in a chain, and a turn
that has ended. The logs of the turns are left out; nothing reads them for an answer that has ended.
"""

import json
import sqlite3
import sys
import time
import uuid


def main(path, conversation_id, turns):
    """Writes the rows in one transaction, beside the running service."""
    database = sqlite3.connect(path, timeout=10)
    (conversation,) = database.execute("SELECT pk FROM conversations WHERE id = ?", [conversation_id]).fetchone()
    began = int(time.time() * 1000) - turns * 1000
    parent = None
    with database:
        for number in range(1, turns + 1):
            created = began + number * 1000
            for role in ("user", "assistant"):
                text = f"number {number} of many"
                parts = json.dumps([{"type": "text", "text": text}])
                parent = database.execute(
                    "INSERT INTO messages (id, conversation, parent, role, parts, created_at) VALUES (?, ?, ?, ?, ?, ?)",
                    [str(uuid.uuid4()), conversation, parent, role, parts, created],
                ).lastrowid
            database.execute(
                "INSERT INTO turns (message, id, conversation, model, epoch, finish_reason, created_at)"
                " VALUES (?, ?, ?, 'echo', 1, 'stop', ?)",
                [parent, str(uuid.uuid4()), conversation, created],
            )
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
