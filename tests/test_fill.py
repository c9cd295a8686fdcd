import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import learning

from installation.cli import main
from installation.training.tokenizer import MASK


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A folder with a model that fills in, as far as it is after 60 steps."""
    folder = tmp_path_factory.mktemp("model")
    texts = str(learning.write(folder / "texts.jsonl"))
    asked = [
        "train",
        texts,
        "--objective",
        "masked",
        "--out",
        str(folder / "out"),
        "--state",
        str(folder / "state"),
    ]
    assert main([*asked, "--steps", "60", "--threads", "1", "--device", "cpu"]) == 0
    return folder / "out"


def test_it_loads_as_anybody_would_load_it(model):
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    assert AutoTokenizer.from_pretrained(model).mask_token == MASK
    assert AutoModelForMaskedLM.from_pretrained(model).config.model_type == "bert"


def test_words_come_with_how_probable_they_are_and_the_text_is_filled_in(model, capsys):
    assert main(["fill", str(model), "The <mask> at night", "--json", "--top", "3"]) == 0
    told = json.loads(capsys.readouterr().out)
    (place,) = told["places"]
    shares = [each["probability"] for each in place["words"]]
    assert len(shares) == 3
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1
    assert told["filled"] == f"The {place['words'][0]['word']} at night"
    assert all(each["word"].isalpha() for each in place["words"])


def test_several_places_are_filled_in_turn(model, capsys):
    assert main(["fill", str(model), "<mask> sea <mask> at <mask>."]) == 0
    *places, filled = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in places] == ["1:", "2:", "3:"]
    words = [line.split()[1] for line in places]
    assert filled == f"{words[0]} sea {words[1]} at {words[2]}."


def test_what_cannot_be_filled_in_is_told(model, tmp_path, capsys):
    assert main(["fill", str(model), "The sea"]) == 1
    assert "nothing is missing" in capsys.readouterr().err
    assert main(["fill", str(tmp_path), "The <mask>"]) == 1
    assert "holds no model" in capsys.readouterr().err
    assert main(["fill", str(model), "sea " * 200 + "<mask>"]) == 1
    assert "take a part of it" in capsys.readouterr().err
    with pytest.raises(SystemExit) as end:
        main(["fill", str(model), "The <mask>", "--top", "0"])
    assert end.value.code == 2
