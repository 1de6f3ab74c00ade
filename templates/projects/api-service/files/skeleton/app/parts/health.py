"""Is the service there?"""

from fastapi import APIRouter
from pydantic import BaseModel

from app import __version__

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """What a monitor wants to know."""

    status: str
    version: str


@router.get("/health", response_model=Health, summary="Is the service up?")
def health():
    """Answer at once, without touching the database."""
    return Health(status="ok", version=__version__)
