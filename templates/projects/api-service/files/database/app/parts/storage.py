"""Open the database with the application, close it with the service."""

from fastapi import FastAPI

from app.database import Database


def setup(app: FastAPI) -> None:
    """The database is there before the first request."""
    app.state.database = Database(app.state.settings.database)
    app.router.add_event_handler("shutdown", app.state.database.close)
