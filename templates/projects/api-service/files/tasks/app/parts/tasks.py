"""Create, read, update and delete one's own tasks."""

from typing import List, Optional

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, Field

from app import tasks
from app.auth import current_user
from app.database import Database, get_database
from app.paging import Page, get_page
from app.users import User

router = APIRouter(prefix="/tasks", tags=["tasks"])


class TaskBody(BaseModel):
    """What the owner decides about a task."""

    title: str = Field(min_length=1, max_length=200)
    notes: str = Field("", max_length=10000)
    done: bool = False


class TaskView(TaskBody):
    """A task as it is stored."""

    id: int


def _view(task: Optional[tasks.Task]) -> TaskView:
    if task is None:
        raise HTTPException(404, "you have no such task")
    return TaskView(id=task.id, title=task.title, notes=task.notes,
                    done=task.done)


@router.post("", response_model=TaskView, status_code=201,
             summary="Add a task")
def add(body: TaskBody, response: Response,
        user: User = Depends(current_user),
        database: Database = Depends(get_database)):
    """Store a task; its address is in the Location header."""
    task = tasks.add_task(database, user.id, body.title, body.notes, body.done)
    response.headers["Location"] = f"/tasks/{task.id}"
    return _view(task)


@router.get("", response_model=List[TaskView], summary="List tasks")
def list_all(done: Optional[bool] = None, page: Page = Depends(get_page),
             user: User = Depends(current_user),
             database: Database = Depends(get_database)):
    """A page of tasks, oldest first; `done` picks done or open ones."""
    found = tasks.list_tasks(database, user.id, page, done)
    return [_view(task) for task in found]


@router.get("/{task_id}", response_model=TaskView, summary="Read a task")
def read(task_id: int, user: User = Depends(current_user),
         database: Database = Depends(get_database)):
    """One task; 404 also when it belongs to somebody else."""
    return _view(tasks.get_task(database, user.id, task_id))


@router.put("/{task_id}", response_model=TaskView, summary="Replace a task")
def replace(task_id: int, body: TaskBody, user: User = Depends(current_user),
            database: Database = Depends(get_database)):
    """Write all fields; what is left out gets its default."""
    task = tasks.Task(task_id, body.title, body.notes, body.done)
    found = tasks.replace_task(database, user.id, task)
    return _view(task if found else None)


@router.delete("/{task_id}", status_code=204, response_class=Response,
               summary="Delete a task")
def delete(task_id: int, user: User = Depends(current_user),
           database: Database = Depends(get_database)):
    """Remove a task for good."""
    if not tasks.delete_task(database, user.id, task_id):
        raise HTTPException(404, "you have no such task")
    return Response(status_code=204)
