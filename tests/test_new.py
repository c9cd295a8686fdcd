"""A show that is written for somebody to start from is right, and plays."""

import pytest
from evening import Program, free_port, tell

from installation import cli
from installation.catalogue import CATALOGUE
from installation.errors import InstallationError
from installation.new import write
from installation.show import check


def test_it_passes_its_check(tmp_path):
    show = check.read(write("night-sea", tmp_path), CATALOGUE)
    assert show.title == "Night sea"
    assert set(show.scenes) == {"calm", "storm"}
    assert show.signals["wind"].sources[0].address == "/night-sea/wind"


def test_it_plays(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "harbour"]) == 0
    assert "shows/harbour/show.yaml is written" in capsys.readouterr().out
    folder = tmp_path / "shows" / "harbour"
    show = folder / "show.yaml"
    show.write_text(show.read_text().replace("model: house ", "model: script:texts/calm.txt "))
    port = free_port()
    (folder / "venue.yaml").write_text(f"listen: 127.0.0.1:{port}\n")
    with Program(tmp_path, "rehearse", "shows/harbour", "--headless") as program:
        program.until("voice voice: ready", "err")
        tell(port, "/harbour/say", "a gull")
        program.until("someone says: a gull")
        tell(port, "/installation/go")
        program.until(r"\[dark\]")
        assert program.end() == 0


@pytest.mark.parametrize(
    "name", ["", "Harbour", "1st", "../up", "a/b", "a b", "härbour", "-x", "a\n", "a.b", "x" * 300]
)
def test_a_name_that_is_none_is_refused(name, tmp_path):
    with pytest.raises(InstallationError, match=r"cannot (name a show|write)"):
        write(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_never_written_over(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "show.yaml").write_text("mine")
    assert cli.main(["new", "mine", "--into", str(tmp_path)]) == 1
    assert "exists already; nothing was written" in capsys.readouterr().err
    assert (tmp_path / "mine" / "show.yaml").read_text() == "mine"


def test_where_nothing_can_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallationError, match="cannot write"):
        write("mine", tmp_path / "file")
