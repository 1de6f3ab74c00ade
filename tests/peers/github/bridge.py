#!/usr/bin/env python3
"""Keeps a bare repository and emulate, which has no git protocol, at one.

bridge.py <api> <owner/name>          as post-receive hook: what was pushed
bridge.py --pull <api> <owner/name>   as before-fetch hook: what was merged

It computes the ids git does, for commits in UTC without signature.  Branches
and tags pass, in the order they moved, and only after they have: what a hook
refuses must not be known there.  git-http.py sees to it that nothing is pulled
while a push is received: what that is about to tell would be taken back.
"""
import base64
import datetime
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

PULL = sys.argv[1] == "--pull"
API, NAME = sys.argv[-2:]
NONE = "0" * 40


def ask(method, path, body=None, absent=()):
    """The answer as JSON; None for a status in absent."""
    request = urllib.request.Request(
        API + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer test_token_admin",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        if error.code in absent:
            return None
        said = error.read()[:300]
        raise SystemExit(f"{method} {path}: {error.code} {said!r}")
    return json.loads(text) if text else None


def git(*args, data=None, env=None):
    """What git prints, without the last line's end."""
    done = subprocess.run(
        ["git", *args],
        input=data,
        env=dict(os.environ, **(env or {})),
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def same(kind, here, there):
    """An id that differs means that nothing after it can be trusted."""
    if here != there:
        raise SystemExit(f"{kind} {here} is {there} on the other side")


def is_here(oid):
    """Is the object in this repository?"""
    command = ["git", "cat-file", "-e", oid]
    return not subprocess.run(
        command, stderr=subprocess.DEVNULL, check=False
    ).returncode


class Away:
    """Sends objects there, each once."""

    def __init__(self, repository):
        self.base = f"/repos/{repository}/git"
        self.sent = set()

    def blob(self, oid):
        """The bytes of a file."""
        if oid in self.sent:
            return
        body = base64.b64encode(git("cat-file", "blob", oid)).decode()
        made = ask(
            "POST",
            self.base + "/blobs",
            {"content": body, "encoding": "base64"},
        )
        same("blob", oid, made["sha"])
        self.sent.add(oid)

    def tree(self, oid):
        """A folder, what is in it first."""
        if oid in self.sent:
            return
        rows = []
        for row in git("ls-tree", "-z", oid).split(b"\0"):
            if not row:
                continue
            meta, path = row.split(b"\t", 1)
            mode, kind, child = meta.decode().split()
            getattr(self, kind)(child)
            rows.append(
                {
                    "path": path.decode(),
                    "mode": mode,
                    "type": kind,
                    "sha": child,
                }
            )
        made = ask("POST", self.base + "/trees", {"tree": rows})
        same("tree", oid, made["sha"])
        self.sent.add(oid)

    def commit(self, oid):
        """One commit; its parents are there."""
        head, _, text = git("cat-file", "commit", oid).partition(b"\n\n")
        fields = [line.split(" ", 1) for line in head.decode().split("\n")]
        tree = dict(fields)["tree"]
        self.tree(tree)
        body = {
            "tree": tree,
            "parents": [value for key, value in fields if key == "parent"],
            "message": text.decode(),
        }
        for who in ("author", "committer"):
            name, mail, when = re.fullmatch(
                r"(.*) <(.*)> (\d+) \+0000", dict(fields)[who]
            ).groups()
            date = datetime.datetime.fromtimestamp(
                int(when), datetime.timezone.utc
            )
            body[who] = {
                "name": name,
                "email": mail,
                "date": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        same("commit", oid, ask("POST", self.base + "/commits", body)["sha"])

    def history(self, tip):
        """All commits up to tip that are not there yet."""
        missing, todo = [], [tip]
        while todo:
            oid = todo.pop()
            if oid in missing:
                continue
            if ask("GET", f"{self.base}/commits/{oid}", None, (404, 409)):
                continue
            missing.append(oid)
            shown = git("rev-list", "--parents", "-n1", oid).decode().split()
            todo += shown[1:]
        order = ["rev-list", "--reverse", "--topo-order", tip]
        for oid in git(*order).decode().split():
            if oid in missing:
                self.commit(oid)

    def move(self, ref, new):
        """Makes, moves or deletes a ref."""
        short = ref[len("refs/"):]
        if new == NONE:
            ask("DELETE", f"{self.base}/refs/{short}", None, (404, 422))
            return
        self.history(new)
        if ask("GET", f"{self.base}/ref/{short}", None, (404, 409)):
            body = {"sha": new, "force": True}
            ask("PATCH", f"{self.base}/refs/{short}", body)
        else:
            ask("POST", self.base + "/refs", {"ref": ref, "sha": new})


class Home:
    """Fetches objects from there."""

    def __init__(self, repository):
        self.repository = repository
        self.base = f"/repos/{repository}/git"

    def tree(self, oid):
        """A folder and what is in it."""
        if is_here(oid):
            return
        rows = []
        for row in ask("GET", f"{self.base}/trees/{oid}")["tree"]:
            if row["type"] == "tree":
                self.tree(row["sha"])
            elif not is_here(row["sha"]):
                blob = ask("GET", f"{self.base}/blobs/{row['sha']}")
                data = base64.b64decode(blob["content"])
                made = git("hash-object", "-w", "--stdin", data=data)
                same("blob", row["sha"], made.decode().strip())
            rows.append(
                f"{row['mode']} {row['type']} {row['sha']}\t{row['path']}\0"
            )
        git("mktree", "-z", data="".join(rows).encode())

    def commit(self, oid):
        """A commit, its parents first."""
        if is_here(oid):
            return
        said = ask("GET", f"{self.base}/commits/{oid}")
        args, env = ["commit-tree", said["tree"]["sha"]], {}
        for parent in said["parents"]:
            self.commit(parent["sha"])
            args += ["-p", parent["sha"]]
        self.tree(said["tree"]["sha"])
        for who in ("author", "committer"):
            date = said[who]["date"].replace("Z", "+00:00")
            when = int(datetime.datetime.fromisoformat(date).timestamp())
            env[f"GIT_{who.upper()}_NAME"] = said[who]["name"]
            env[f"GIT_{who.upper()}_EMAIL"] = said[who]["email"]
            env[f"GIT_{who.upper()}_DATE"] = f"@{when} +0000"
        text, made = said["message"].rstrip("\n"), ""
        for end in ("", "\n"):
            data = (text + end).encode()
            made = git(*args, data=data, env=env).decode().strip()
            if made == oid:
                return
        same("commit", oid, made)

    def branches(self):
        """Moves what differs, and deletes what is gone there."""
        path = f"/repos/{self.repository}/branches?per_page=100"
        there = {
            f"refs/heads/{row['name']}": row["commit"]["sha"]
            for row in ask("GET", path, None, (404,)) or []
        }
        form = "--format=%(refname) %(objectname)"
        shown = git("for-each-ref", form, "refs/heads").decode().split("\n")
        here = dict(line.split(" ") for line in shown if line)
        for ref, oid in there.items():
            if here.get(ref) != oid:
                self.commit(oid)
                git("update-ref", ref, oid)
        for ref, oid in here.items():
            if ref not in there:
                git("update-ref", "-d", ref, oid)


def push(repository):
    """What a push moved."""
    away = Away(repository)
    for line in sys.stdin.read().split("\n"):
        if not line:
            continue
        _, new, ref = line.split(" ")
        if ref.startswith(("refs/heads/", "refs/tags/")):
            away.move(ref, new)


if PULL:
    Home(NAME).branches()
else:
    push(NAME)
