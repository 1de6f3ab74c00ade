"""SQLite: one connection, one lock, tables from app/tables/*.sql.

Requests run in several threads; the lock makes each transaction one piece.
"""

import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path

from fastapi import Request

TABLES = Path(__file__).parent / "tables"


class Database:
    """A database file, with the tables the application needs."""

    def __init__(self, path: str):
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False,
                                           isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        for file in sorted(TABLES.glob("*.sql")):
            self._connection.executescript(file.read_text("utf-8"))

    @contextmanager
    def transaction(self):
        """All statements within take effect, or none does."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def run(self, statement: str, *values) -> sqlite3.Cursor:
        """Execute one statement that changes something."""
        with self.transaction() as connection:
            return connection.execute(statement, values)

    def rows(self, query: str, *values) -> list:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, *values):
        """The first row of a query, or None."""
        found = self.rows(query, *values)
        return found[0] if found else None

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()


def get_database(request: Request) -> Database:
    """The application's database, for Depends()."""
    return request.app.state.database
