"""The show that ships is faultless, with the settings that ship."""

import subprocess
import sys
from pathlib import Path

from installation.catalogue import CATALOGUE
from installation.show.check import Catalogue, check, read
from installation.show.expression import Expression
from installation.show.load import loads

TIDE = Path(__file__).parents[2] / "shows" / "tide"
SETTINGS = Catalogue(
    CATALOGUE.layers, CATALOGUE.voices
)  # whether the model's weights are here is another question


def test_tide_is_faultless():
    show = read(TIDE, SETTINGS)
    assert show.title == "Tide"
    assert show.start == "ebb"
    assert set(show.scenes) == {"ebb", "flood"}
    assert all(scene.prompts["voice"] and scene.layers and scene.meanwhile for scene in show.scenes.values())
    assert isinstance(show.voices["voice"].settings["temperature"], Expression)
    assert check(loads(show.text, TIDE), SETTINGS).scenes.keys() == show.scenes.keys()


def test_checking_needs_neither_torch_nor_pygame():
    script = (
        "import sys; from pathlib import Path; from installation.catalogue import CATALOGUE; "
        "from installation.show.check import Catalogue, read; "
        f"read(Path({str(TIDE)!r}), Catalogue(CATALOGUE.layers, CATALOGUE.voices)); "
        "heavy = {'torch', 'transformers', 'pygame', 'numpy'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=TIDE.parents[1])
