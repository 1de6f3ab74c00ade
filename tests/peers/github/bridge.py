#!/usr/bin/env python3
"""Passes what was pushed on to emulate, which has no git of its own.

A post-receive hook: bridge.py <api> <owner/name>.  It runs in the bare
repository after the refs have moved, and for each branch and tag makes the
objects that are new, which get the ids they have here, and moves the ref.
Commits have to be in UTC and unsigned.
"""
import base64
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

API, NAME = sys.argv[1:3]
ZERO = "0" * 40
SENT = "bridge-sent"


def git(*args):
    """What git prints."""
    return subprocess.run(["git", *args], check=True,
                          capture_output=True).stdout


def ask(method, path, body=None):
    """The answer's status and value."""
    request = urllib.request.Request(
        f"{API}/repos/{NAME}/{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer test_token_admin",
                 "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def make(kind, oid, body):
    """An object has the id it has here, or something is wrong."""
    status, value = ask("POST", f"git/{kind}", body)
    if status != 201 or value["sha"] != oid:
        sys.exit(f"bridge: {kind} {oid}: {status} {value}")


def send_blob(oid):
    """A file."""
    text = base64.b64encode(git("cat-file", "blob", oid)).decode()
    make("blobs", oid, {"content": text, "encoding": "base64"})


def send_tree(oid):
    """A folder, whose parts are there."""
    rows = []
    for line in git("ls-tree", "-z", oid).decode().split("\0")[:-1]:
        head, path = line.split("\t", 1)
        mode, kind, part = head.split()
        rows.append({"mode": mode, "type": kind, "sha": part, "path": path})
    make("trees", oid, {"tree": rows})


def person(text):
    """Of a commit's line: "Name <mail> seconds +0000"."""
    name, rest = text.split(" <", 1)
    mail, when = rest.split("> ", 1)
    stamp = subprocess.run(
        ["date", "-u", "-d", "@" + when.split()[0], "+%Y-%m-%dT%H:%M:%SZ"],
        check=True, capture_output=True, text=True).stdout.strip()
    return {"name": name, "email": mail, "date": stamp}


def send_commit(oid):
    """A commit, whose tree and parents are there."""
    head, message = git("cat-file", "commit", oid).decode().split("\n\n", 1)
    body = {"message": message, "parents": []}
    for line in head.split("\n"):
        key, text = line.split(" ", 1)
        if key == "parent":
            body["parents"].append(text)
        elif key in ("author", "committer"):
            body[key] = person(text)
        else:
            body[key] = text
    make("commits", oid, body)


def send_objects(oid, sent):
    """All that it leads to, parts first."""
    objects = git("rev-list", "--objects", "--reverse", "--topo-order",
                  oid).decode().split("\n")[:-1]
    order = {"blob": 0, "tree": 1, "commit": 2}
    todo = {kind: [] for kind in order}
    for line in objects:
        name = line.split(" ")[0]
        if name not in sent:
            todo[git("cat-file", "-t", name).decode().strip()].append(name)
    for name in todo["blob"]:
        send_blob(name)
    # A tree may stand before one that is a part of it: the other way round.
    waiting = todo["tree"]
    while waiting:
        later = []
        for name in waiting:
            parts = git("ls-tree", name).decode().split("\n")[:-1]
            if any(part.split()[2] in waiting for part in parts):
                later.append(name)
            else:
                send_tree(name)
        waiting = later
    for name in todo["commit"]:
        send_commit(name)
    sent.update(name for names in todo.values() for name in names)


def move(ref, new):
    """To where it stands here."""
    name = ref[len("refs/"):]
    if new == ZERO:
        status, value = ask("DELETE", f"git/refs/{name}")
    else:
        body = {"sha": new, "force": True}
        status, value = ask("PATCH", f"git/refs/{name}", body)
        if status in (404, 422):
            status, value = ask("POST", "git/refs", {"ref": ref, "sha": new})
    if status // 100 != 2:
        sys.exit(f"bridge: {ref}: {status} {value}")


def main():
    """Branches and tags that moved."""
    sent = set()
    if os.path.exists(SENT):
        with open(SENT, encoding="ascii") as file:
            sent.update(file.read().split())
    for line in sys.stdin:
        _, new, ref = line.split()
        if not ref.startswith(("refs/heads/", "refs/tags/")):
            continue
        if new != ZERO:
            send_objects(new, sent)
        move(ref, new)
    with open(SENT, "w", encoding="ascii") as file:
        file.write("\n".join(sorted(sent)))


main()
