"""Tasks in the database, each owner's apart."""

import pytest

from app.database import Database
from app.paging import Page
from app.tasks import (Task, add_task, delete_task, get_task, list_tasks,
                       replace_task)

ANN, BOB = 1, 2


@pytest.fixture
def database(tmp_path):
    opened = Database(str(tmp_path / "test.db"))
    yield opened
    opened.close()


def test_a_task_can_be_found_again(database):
    task = add_task(database, ANN, "buy milk", "two litres")
    assert get_task(database, ANN, task.id) == task
    assert task == Task(task.id, "buy milk", "two litres", False)


def test_owners_do_not_see_each_other(database):
    task = add_task(database, ANN, "buy milk")
    assert get_task(database, BOB, task.id) is None
    assert list_tasks(database, BOB, Page()) == []
    assert not replace_task(database, BOB, task)
    assert not delete_task(database, BOB, task.id)
    assert get_task(database, ANN, task.id) == task


def test_lists_are_cut_into_pages(database):
    tasks = [add_task(database, ANN, f"task {n}") for n in range(5)]
    assert list_tasks(database, ANN, Page(2, 0)) == tasks[:2]
    assert list_tasks(database, ANN, Page(2, 4)) == tasks[4:]
    assert list_tasks(database, ANN, Page(2, 5)) == []


def test_open_and_done_tasks_can_be_told_apart(database):
    todo = add_task(database, ANN, "to do")
    done = add_task(database, ANN, "done", done=True)
    assert list_tasks(database, ANN, Page(), done=False) == [todo]
    assert list_tasks(database, ANN, Page(), done=True) == [done]
    assert list_tasks(database, ANN, Page()) == [todo, done]


def test_a_task_can_be_replaced_and_deleted(database):
    task = add_task(database, ANN, "buy milk")
    changed = Task(task.id, "buy oat milk", "one litre", True)
    assert replace_task(database, ANN, changed)
    assert get_task(database, ANN, task.id) == changed
    assert delete_task(database, ANN, task.id)
    assert get_task(database, ANN, task.id) is None
    assert not delete_task(database, ANN, task.id)


def test_text_is_never_taken_for_sql(database):
    title = "'); DROP TABLE tasks; --"
    task = add_task(database, ANN, title)
    assert get_task(database, ANN, task.id).title == title
