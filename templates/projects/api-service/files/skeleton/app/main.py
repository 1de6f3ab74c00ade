"""The application: every module of app.parts, put together.

A part may define `router`, an APIRouter that is included, and `setup(app)`,
which is called once.  Adding a part is adding a file.
"""

import pkgutil
from importlib import import_module
from typing import Optional

from fastapi import FastAPI

from app import __version__, parts
from app.settings import Settings, from_environment


def create_app(settings: Optional[Settings] = None) -> FastAPI:
    """Build the application; uvicorn calls this with --factory."""
    app = FastAPI(title="{{title}}", version=__version__)
    app.state.settings = settings or from_environment()
    for found in sorted(pkgutil.iter_modules(parts.__path__),
                        key=lambda module: module.name):
        part = import_module(parts.__name__ + "." + found.name)
        if hasattr(part, "setup"):
            part.setup(app)
        if hasattr(part, "router"):
            app.include_router(part.router)
    return app
