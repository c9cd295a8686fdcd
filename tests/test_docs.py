"""What the documentation shows is tried: every show file, every command, every address, every link."""

import argparse
import importlib.util
import re
import shlex
import socket
import subprocess
from pathlib import Path

import pytest

from installation.catalogue import CATALOGUE
from installation.cli import parser
from installation.errors import ShowErrors
from installation.ports.osc_codec import decode
from installation.show.breaks import BREAKS
from installation.show.check import Catalogue, read
from installation.show.parameter import is_live
from installation.switchboard import CONTROLS

TOP = Path(__file__).parents[1]
PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FRAME = {
    "title": "title: Example",
    "signals": """\
signals:
  presence: {from: osc /room/presence, range: [0, 4]}
  tide: {from: [mqtt harbour/tide, mouse y], range: [0, 4.2]}
  whisper: {from: [osc /audience/say, keys], kind: text}
  touch: {from: [osc /wall/touch, mouse click], kind: event}""",
    "scenes": """\
scenes:
  ebb: {prompt: the sea, layers: [palimpsest, ghosts]}
  flood: {prompt: the flood, layers: [palimpsest, ghosts]}""",
}
"""The show that show-file.md says its parts can stand in."""


def resolve(model: str, folder: Path) -> tuple[str, str]:
    """The house model may not be trained yet; every other name must be one."""
    return ("transformers", model) if model == "house" else CATALOGUE.resolve(model, folder)


SETTINGS = Catalogue(CATALOGUE.layers, CATALOGUE.voices, resolve)


def blocks(language):
    """(page and number, text, what stands behind it) of each block of code in this language."""
    for name, text in TEXTS.items():
        for n, found in enumerate(FENCE.finditer(text), 1):
            if found[1] == language:
                yield pytest.param(found[2], text[found.end() :], id=f"{name}-{n}")


def code(text):
    """Everything that is set as code: blocks and spans."""
    for found in FENCE.finditer(text):
        yield from found[2].splitlines()
    yield from SPAN.findall(FENCE.sub("", text))


def completed(text):
    """A part of a show file with the rest of the show around it; a whole one as it is."""
    if text.startswith("title:"):
        return text
    missing = [part for key, part in FRAME.items() if not re.search(rf"^{key}:", text, re.MULTILINE)]
    return "\n".join([*missing, text])


def written(folder, text):
    """The show on the disk, with the texts and adapters that it names."""
    venue = text.startswith("# venue.yaml")
    (folder / "show.yaml").write_text(completed("" if venue else text), encoding="utf-8")
    if venue:
        (folder / "venue.yaml").write_text(text, encoding="utf-8")
    for name in re.findall(r"\btexts/[\w-]+\.(?:txt|md)\b", text):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"the sea in {name}", encoding="utf-8")
    for name in re.findall(r"\badapters/[\w-]+", text):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 4, "lora_alpha": 8}')
        (folder / name / "adapter_model.safetensors").touch()
    return folder / "show.yaml"


@pytest.mark.parametrize(("text", "behind"), [*blocks("yaml")])
def test_every_show_file_is_right_or_fails_as_told(text, behind, tmp_path):
    told = re.match(r"\n\n```text\n(show\.yaml:.*?)^```$", behind, re.MULTILINE | re.DOTALL)
    show = written(tmp_path, text)
    if told is None:
        read(show, SETTINGS)
        return
    with pytest.raises(ShowErrors) as errors:
        read(show, SETTINGS)
    assert str(errors.value).replace(f"{tmp_path}/", "") == told[1].strip()


def commands():
    return next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_and_option_exists(name):
    known = commands()
    for line in code(TEXTS[name]):
        found = re.search(r"(?:^|[\s/\\])installation +([a-z-]\S*)(.*)", line)
        if not found or found[1] == "--version":
            continue
        assert found[1] in known, line
        options = {option for action in known[found[1]]._actions for option in action.option_strings}
        for option in re.findall(r"(?<!\S)--[a-z-]+", found[2]):
            assert option in options, line


@pytest.mark.parametrize("name", TEXTS)
def test_every_address_of_ours_exists(name):
    """`/installation/layer/ghosts/rise`: a layer that exists (or NAME), a parameter that is live."""
    models = dict(CATALOGUE.layers) | {"voice": next(iter(CATALOGUE.voices.values()))}
    for address in re.findall(r"/installation/[\w*/]+", "\n".join(code(TEXTS[name]))):
        verb, *rest = address.removeprefix("/installation/").strip("/").split("/")
        if verb in {"layer", "voice"} and len(rest) == 2 and rest[0] in models and rest[1].islower():
            breaks = verb == "voice" and rest[1] in BREAKS
            assert breaks or is_live(models[rest[0]].model_fields[rest[1]]), address
        elif verb == "state":
            assert rest in (["scene"], ["standby"]), address
        elif verb not in {"layer", "voice"}:
            assert verb in CONTROLS, address
            assert not rest, address


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name):
    """Pictures excepted: some are drawn by the machine that has the model."""
    page = next(page for page in PAGES if page.name == name)
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)\)", FENCE.sub("", TEXTS[name])):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_tables_of_parameters_are_what_the_code_declares():
    spec = importlib.util.spec_from_file_location("generate", TOP / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert TEXTS["parameters.md"] == generate.renewed(TEXTS["parameters.md"]), "run: python docs/generate.py"


def test_every_oscsend_line_sends_what_we_read(program):
    oscsend = program("oscsend")
    lines = [line for text in TEXTS.values() for line in code(text) if line.startswith("oscsend ")]
    assert lines, "the documentation shows how a shell sends"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        for line in dict.fromkeys(lines):
            _, host, port, address, *rest = shlex.split(line.partition(" #")[0])
            assert (host, port) == ("localhost", "57250"), line
            subprocess.run(
                [oscsend, "127.0.0.1", str(listening.getsockname()[1]), address, *rest], check=True
            )
            (message,) = decode(listening.recv(65_507))
            assert message.address == address, line
            assert len(message.values) == len(rest[0] if rest else ""), line
