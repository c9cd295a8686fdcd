"""What a cue may say of interrupt, rewind and fork."""

import pytest

from installation.errors import ShowErrors
from installation.show.load import load

HEAD = "title: A\nformat: 1\nscenes:\n  a: {layers: [page]}\n"
ONE = HEAD + "cues:\n  - {cue: c, %s}\n"
TWO = HEAD + "voices:\n  anna: {}\n  ben: {}\ncues:\n  - {cue: c, %s}\n"


def breaks(folder, text):
    file = folder / "show.yaml"
    file.write_text(text)
    return load(file).cues[0].breaks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ONE % "interrupt: true", (("interrupt", "voice", 0),)),
        (ONE % "rewind: 12", (("rewind", "voice", 12),)),
        (ONE % "rewind: true", (("rewind", "voice", 0),)),
        (ONE % "fork: yes, mark: keep", (("fork", "voice", 0),)),
        (ONE % "fork: false, rewind: no, mark: keep", ()),
        (TWO % "rewind: 3", (("rewind", "anna", 3), ("rewind", "ben", 3))),
        (TWO % "rewind: {ben: 3}, interrupt: {anna: true}", (("interrupt", "anna", 0), ("rewind", "ben", 3))),
    ],
)
def test_it_is_read(tmp_path, text, found):
    assert breaks(tmp_path, text) == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ONE % "rewind: 0", "cues.c.rewind: 0 is out of range; from 1 to 100 is possible"),
        (
            ONE % "rewind: 2.5",
            "cues.c.rewind: '2.5' is no number of words; write a whole one, or true: to the",
        ),
        (ONE % "rewind: far", "cues.c.rewind: 'far' is not a plain number"),
        (ONE % "interrupt: 3", "cues.c.interrupt: '3' is neither yes nor no; write true or false"),
        (TWO % "rewind: {bem: 3}", "cues.c.rewind.bem: there is no voice 'bem'; did you mean 'ben'?"),
    ],
)
def test_its_faults_are_told(tmp_path, text, fault):
    with pytest.raises(ShowErrors) as wrong:
        breaks(tmp_path, text)
    assert fault in str(wrong.value)
