"""The README names every request and every setting."""

import dataclasses
import re
from pathlib import Path

from app.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_every_request_is_listed(client):
    paths = client.get("/openapi.json").json()["paths"]
    known = {f"{method.upper()} {path}"
             for path, item in paths.items() for method in item}
    listed = set(re.findall(r"^\| `([A-Z]+ /\S*)`", README, re.MULTILINE))
    assert listed == known


def test_every_setting_is_listed():
    known = {"APP_" + field.name.upper()
             for field in dataclasses.fields(Settings)}
    assert set(re.findall(r"^\| `(APP_[A-Z_]+)`", README, re.M)) == known
