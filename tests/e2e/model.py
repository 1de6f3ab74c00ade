#!/usr/bin/env python3
"""A model that is a program: model.py <folder> <name>.

It reads the prompt, looks for the last line "Stage: <stage>", and answers
with <folder>/<stage>.<n>.json for the n-th time it is asked for that stage,
else <folder>/<stage>.json, else what is built in here.  Each question is kept
as <folder>/asked/<stage>.<n>.<name>.  With <folder>/meet a brainstorm waits for
the other one: two that are not asked at the same time end with an error.  With
<folder>/<stage>.die it kills who asks; with <folder>/<stage>.wait it takes long.
"""
import json
import os
import re
import signal
import sys
import time

folder, name = sys.argv[1:3]
prompt = sys.stdin.read()
stage = re.findall(r"^Stage: (\S+)", prompt, re.M)[-1]
asked = os.path.join(folder, "asked")
os.makedirs(asked, exist_ok=True)


def take_number():
    n = 1
    while True:
        try:
            os.close(os.open(f"{asked}/.{stage}.{n}", os.O_CREAT | os.O_EXCL))
            return n
        except FileExistsError:
            n += 1


number = take_number()
with open(f"{asked}/{stage}.{number}.{name}", "w") as file:
    file.write(prompt)


def meet():
    for _ in range(200):
        if len([f for f in os.listdir(asked) if f.startswith("brain")]) == 2:
            return
        time.sleep(0.05)
    sys.exit("nobody else was asked")


def phase(id, file, depends_on=(), **more):
    made = {
        "id": id, "title": f"Build {id}", "summary": f"It makes {file}.",
        "depends_on": list(depends_on), "priority": 2, "agent": "developer",
        "why_agent": "it writes such code",
        "objectives": [f"{file} is there"],
        "files": {"create": [file], "modify": [], "delete": []},
        "tests": ["it is read"], "acceptance": [f"{file} says {id}"],
        "checks": [], "commit": {"type": "feat", "scope": id},
        "complexity": 2, "tokens": 1000,
    }
    made.update(more)
    return made


FEATURES = [
    {"id": "store", "title": "Keep tasks", "priority": "must"},
    {"id": "list", "title": "List tasks", "priority": "should"},
]
ANSWERS = {
    "brainstorm": {
        "approach": "Begin small.",
        "ideas": [{"title": "One file", "detail": "Tasks are lines:\none each."}],
        "features": [{"title": "A list", "why": "to see it"}],
        "risks": [{"title": "Loss", "mitigation": "write, then rename"}],
        "questions": [{"question": "Which format?", "assumed": "text"}],
    },
    "synthesis": {
        "id": "todo", "title": "A list of tasks", "overview": "Small steps.",
        "features": FEATURES,
        "decisions": [{"title": "Format", "choice": "Lines", "why": "simple"}],
        "risks": [{"title": "Loss", "mitigation": "write, then rename"}],
        "standards": ["Every behaviour has a test"],
        "dropped": [{"title": "A server", "why": "nobody asked"}],
    },
    "architecture": {
        "overview": "A library and a command.",
        "technology_stack": [{"name": "language", "choice": "C", "why": "is there"}],
        "components": [{"name": "store", "type": "library",
                        "responsibilities": ["keep tasks"], "files": ["src/"]}],
        "interfaces": [{"name": "load", "between": "store to command",
                        "contract": "load(path) gives lines"}],
        "decisions": [{"title": "Locks", "choice": "None", "why": "one user"}],
        "testing": "Each module by itself.",
        "layout": [{"path": "src/store.c", "purpose": "the store"}],
    },
    "compare": {
        "candidates": [{"number": n, "strengths": [f"strong {n}"],
                        "weaknesses": [f"weak {n}"]} for n in (1, 2, 3)],
        "choice": 2, "why": "It is the smallest.",
    },
    "review": {"approved": True, "issues": [], "notes": []},
    "workflow": {"features": [
        {"id": "store", "mode": "micro", "why": "it is large"},
        {"id": "list", "mode": "single", "why": "it is small"}]},
    "phases": {"phases": [
        phase("model", "src/model.c"),
        phase("store", "src/store.c", ["model"]),
        phase("list", "src/list.c", ["model"]),
        phase("docs", "docs/todo.md", ["store", "list"])]},
    "phases-review": {"approved": True, "issues": [], "notes": ["Well cut."]},
    "replan": {"phases": [phase("colour", "src/colour.c", ["a"])],
               "skip": [{"id": "c", "reason": "colours do it"}],
               "why": "Colours were asked for."},
}

if os.path.exists(f"{folder}/{stage}.die"):
    os.kill(os.getppid(), signal.SIGKILL)
if os.path.exists(f"{folder}/{stage}.wait"):
    time.sleep(60)
if os.path.exists(f"{folder}/meet") and stage == "brainstorm":
    meet()
for path in (f"{folder}/{stage}.{number}.json", f"{folder}/{stage}.json"):
    if os.path.exists(path):
        with open(path) as file:
            print(file.read())
        break
else:
    answer = ANSWERS[stage]
    if stage == "phases" and "exactly one phase; it does all" in prompt:
        answer = {"phases": [phase("all", "src/all.c")]}
    # No two are the same, or the second would come from the store.
    if number > 1 and stage == "architecture":
        answer["overview"] += f" Version {number}."
    if number > 1 and stage == "phases":
        answer["phases"][0]["summary"] += f" Version {number}."
    print(json.dumps(answer))
