"""The house model behind `transformers serve`, really running; a hosted voice speaks through it."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import urllib.request

import pytest

from installation.messages import Steering, Token
from installation.voice.catalogue import HOUSE
from installation.voice.openai_api import OpenAIVoice
from installation.voice.settings import VoiceSettings

MISSING = [
    name for name in ("fastapi", "uvicorn", "accelerate", "openai") if importlib.util.find_spec(name) is None
]
pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"transformers serve needs {', '.join(MISSING)}"),
    pytest.mark.skipif(not HOUSE.is_dir(), reason="the house model is not here"),
]


@pytest.fixture(scope="module")
def server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(HOUSE)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    quiet = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            told = []
            while "Uvicorn running" not in (line := process.stdout.readline()):
                told.append(line)
                assert line, "".join(told)
            yield f"http://127.0.0.1:{port}/v1", str(HOUSE)
        finally:
            process.kill()
            process.stdout.close()


@pytest.mark.parametrize("api", ["completions", "chat", "responses"])
def test_a_hosted_voice_speaks_through_it(server, api, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url, model = server
    voice = OpenAIVoice(VoiceSettings(model=f"openai:{model}", url=url, api=api).model_dump(), "v", tmp_path)
    voice.load()
    voice.begin("The sea was calm. ", 5)
    voice.steer(Steering("v", 1, 99, prompt="The harbour at night."))
    tokens, news = [], []
    while len(tokens) < 40 and not any(one.state == "lost" for one in news):
        given = voice.next()
        if isinstance(given, Token):
            tokens.append(given)
        elif given is not None:
            news.append(given)
        if len(tokens) == 20 and given is tokens[-1]:
            voice.steer(Steering("v", 2, 99, prompt="A lamp.", take=1, keep=25, say="Who is there?"))
    voice.close()
    assert [token.n for token in tokens] == list(range(5, 45))
    assert "Who is there?" in "".join(token.text for token in tokens)
    assert {token.take for token in tokens[20:]} == {1}
    assert all(one.state == "ready" for one in news)
    assert json.loads(urllib.request.urlopen(url.removesuffix("/v1") + "/health").read())  # noqa: S310  ours


def test_a_chat_with_it_is_plain_text(server):
    url, model = server
    turns = [{"role": "system", "content": "[storm]"}, {"role": "user", "content": "the sea at night"}]
    asked = json.dumps({"model": model, "messages": turns, "max_tokens": 24}).encode()
    request = urllib.request.Request(f"{url}/chat/completions", asked, {"Content-Type": "application/json"})  # noqa: S310  ours
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  ours
        said = json.load(answer)["choices"][0]["message"]["content"]
    assert len(said.split()) > 8
    assert not set(said) & set("<>{}")
