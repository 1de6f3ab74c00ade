"""Tasks in the database.  Every function sees one owner's tasks only."""

from dataclasses import dataclass
from typing import List, Optional

from app.database import Database
from app.paging import Page


@dataclass(frozen=True)
class Task:
    """Something somebody wants to get done."""

    id: int
    title: str
    notes: str
    done: bool


def _task(row) -> Task:
    return Task(row["id"], row["title"], row["notes"], bool(row["done"]))


def add_task(database: Database, owner: int, title: str,
             notes: str = "", done: bool = False) -> Task:
    """Store a new task."""
    cursor = database.run(
        "INSERT INTO tasks (owner, title, notes, done) VALUES (?, ?, ?, ?)",
        owner, title, notes, done)
    return Task(cursor.lastrowid, title, notes, done)


def get_task(database: Database, owner: int, task_id: int) -> Optional[Task]:
    """The task with this id, or None when the owner has no such task."""
    row = database.row("SELECT * FROM tasks WHERE owner = ? AND id = ?",
                       owner, task_id)
    return _task(row) if row else None


def list_tasks(database: Database, owner: int, page: Page,
               done: Optional[bool] = None) -> List[Task]:
    """A page of tasks, oldest first; done or open ones when asked for."""
    rows = database.rows(
        "SELECT * FROM tasks WHERE owner = ? AND (? IS NULL OR done = ?)"
        " ORDER BY id LIMIT ? OFFSET ?",
        owner, done, done, page.limit, page.offset)
    return [_task(row) for row in rows]


def replace_task(database: Database, owner: int, task: Task) -> bool:
    """Write all fields of a task; False when the owner has no such task."""
    cursor = database.run(
        "UPDATE tasks SET title = ?, notes = ?, done = ?"
        " WHERE owner = ? AND id = ?",
        task.title, task.notes, task.done, owner, task.id)
    return cursor.rowcount == 1


def delete_task(database: Database, owner: int, task_id: int) -> bool:
    """Remove a task; False when the owner has no such task."""
    cursor = database.run("DELETE FROM tasks WHERE owner = ? AND id = ?",
                          owner, task_id)
    return cursor.rowcount == 1
