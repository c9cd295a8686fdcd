"""Who may know whom: the star of rooms, and the libraries that each may see."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import installation

HOUSE = Path(installation.__file__).parent
TOP = [
    "app",
    "applause",
    "attendance",
    "catalogue",
    "cli",
    "conductor",
    "control",
    "dialogue",
    "doctor",
    "earshot",
    "examination",
    "evening",
    "fill",
    "judge",
    "judging",
    "ledger",
    "listen",
    "lockstep",
    "new",
    "part",
    "passages",
    "prefer",
    "promptbook",
    "pupil",
    "records",
    "replay",
    "resume",
    "send",
    "switchboard",
    "train",
    "tune",
    "tutor",
    "wiring",
]
TOP += ["__main__"]
LEVEL = {"messages": 0, "clock": 0, "errors": 0, "filter": 0, "show": 1, "worker": 1}
LEVEL |= dict.fromkeys(["ports", "score", "voice", "stage", "archive", "training"], 2)
LEVEL |= dict.fromkeys(TOP, 3)
ONLY = {
    "pygame": ("stage/",),
    "aiomqtt": ("ports/mqtt_connection.py", "ports/mqtt_guest.py"),
    "av": ("stage/film.py",),
    "moderngl": ("stage/",),
}
HEAVY = {"torch", "transformers"}


def imports(path: Path, *, outside_functions: bool = False):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set()
    if outside_functions:
        for node in ast.walk(tree):
            guarded = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            if guarded or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                skipped |= {id(child) for child in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_file_keeps_to_its_place(path):
    inside = path.relative_to(HOUSE)
    here = inside.parts[0].removesuffix(".py")
    for name in imports(path):
        top = name.split(".")[0]
        if top in ONLY:
            assert inside.as_posix().startswith(ONLY[top]), f"{inside} imports {top}"
        if top == "installation" and here != "__init__" and room(name) not in {here, "__version__"}:
            assert LEVEL[room(name)] < LEVEL[here] or LEVEL[here] == 3, f"{inside} imports {name}"
    if here in {"voice", "training"}:
        assert not HEAVY & {name.split(".")[0] for name in imports(path, outside_functions=True)}, inside
    else:
        assert not HEAVY & {name.split(".")[0] for name in imports(path)}, inside


def test_the_show_process_never_loads_torch():
    rooms = [
        "app",
        "cli",
        "control",
        "conductor",
        "replay",
        "voice.process",
        "voice.speech",
        "voice.catalogue",
    ]
    code = f"import sys; {'; '.join(f'import installation.{name}' for name in rooms)}; "
    code += "print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip().splitlines()[-1] == "[]"
