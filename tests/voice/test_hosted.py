"""Hosted voices against small servers that really speak each interface, well and badly."""

import asyncio
import itertools
import json
import re
import threading
import time
from dataclasses import replace
from datetime import date

import pytest
from small_servers import (
    SPEAKERS,
    Chat,
    Completions,
    Messages,
    Responses,
    answers,
    breaks_off,
    endless,
    refuses,
    serving,
    sse,
)

from installation.errors import VoiceError
from installation.messages import Steering, Token, VoiceNews
from installation.voice import hosted, inquiry
from installation.voice.anthropic_api import AnthropicVoice
from installation.voice.dialect import withheld
from installation.voice.openai_api import OpenAIVoice
from installation.voice.process import VoiceProcess
from installation.voice.settings import VoiceSettings

TIDE = "The tide comes in, slowly. The harbour waits for nobody at all."
each = pytest.mark.parametrize("speaker", SPEAKERS.values(), ids=list(SPEAKERS))


@pytest.fixture(autouse=True)
def _quick(monkeypatch, tmp_path):
    """Short waits; a folder of our own for what was spent; no keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(inquiry, "WAITS", (0.1, 0.2))
    monkeypatch.setattr(inquiry, "MENDED", 0.1)
    monkeypatch.setattr(inquiry, "SPACING", 0.0)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "INSTALLATION_KEY_127_0_0_1"):
        monkeypatch.delenv(name, raising=False)


class Talk:
    """A voice and whatever it gave."""

    def __init__(self, server, speaker, folder, first=0, history="", steering=None, **more):
        clock = {name: more.pop(name) for name in ("now", "today") if name in more}
        settings = VoiceSettings(url=server.url(speaker), **speaker.settings, **more).model_dump()
        kind = AnthropicVoice if speaker is Messages else OpenAIVoice
        self.voice = kind(settings, "voice", folder, **clock)
        self.loaded = self.voice.load()
        self.steering = steering or Steering("voice", 1, 1000, prompt="A text about the sea.", first=first)
        self.voice.begin(history, first)
        self.voice.steer(self.steering)
        self.tokens, self.news = [], []

    def steer(self, **changes):
        self.steering = replace(self.steering, serial=self.steering.serial + 1, **changes)
        self.voice.steer(self.steering)

    def until(self, true, seconds=30):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, (self.text, self.news)
            given = self.voice.next()
            if isinstance(given, Token):
                self.tokens.append(given)
            elif given is not None:
                self.news.append(given)

    def speak(self, count):
        self.until(lambda: len(self.tokens) >= count)
        return self.tokens[:count]

    def says(self, text):
        self.until(lambda: text in self.text)

    @property
    def text(self):
        return "".join(token.text for token in self.tokens)

    @property
    def lost(self):
        return [news.detail for news in self.news if news.state == "lost"]


@pytest.fixture
def talk(tmp_path):
    talks = []

    def begin(server, speaker, **more):
        talks.append(Talk(server, speaker, tmp_path, **more))
        return talks[-1]

    yield begin
    for it in talks:
        it.voice.close()


@each
def test_it_speaks_word_by_word_and_begins_anew_after_an_end(speaker, talk):
    with serving(answers(speaker, TIDE), answers(speaker, " A lamp is lit.")) as server:
        it = talk(server, speaker, first=7)
        it.says("lamp is lit.\n\n")
        assert it.text.startswith(TIDE + "\n\nA lamp is lit.\n\n")
        assert [token.n for token in it.tokens] == list(range(7, 7 + len(it.tokens)))
        assert {token.id for token in it.tokens} == {-1}
        assert {token.steered_by for token in it.tokens} == {1}
        assert all(len(token.text.split()) <= 1 for token in it.tokens)
        assert next(token for token in it.tokens if token.text == "\n\n").end
        assert it.lost == []
        first, second = server.asked[:2]
        assert first.path == speaker.path
        assert first.body["model"] == "tiny"
        assert first.body["stream"] is True
        assert "A text about the sea." in json.dumps(first.body)
        assert "The tide" not in speaker.text_of(first.body)
        assert "The harbour waits for nobody at all." in speaker.text_of(second.body)
        assert "The tide comes in" not in speaker.text_of(second.body)
    assert it.loaded.state == "ready"
    assert it.loaded.can[0] == "sentence"


@each
def test_an_answer_at_its_length_is_gone_on_with(speaker, talk):
    plays = (
        answers(speaker, "The tide comes in over the sto", "length"),
        answers(speaker, "stones and the sand. "),
    )
    if speaker is Completions:
        plays = plays[0], answers(speaker, "nes and the sand. ")
    with serving(*plays) as server:
        it = talk(server, speaker)
        it.says("sand.")
        assert it.text.startswith("The tide comes in over the stones and the sand.")
        behind = "over the sto" if speaker is Completions else "over the\n"
        assert behind in speaker.text_of(server.asked[1].body)
        assert it.lost == []


@each
def test_a_stream_that_breaks_off_in_mid_word_is_gone_on_with(speaker, talk):
    goes_on = "er is deep." if speaker is Completions else "water is deep."
    with serving(breaks_off(speaker, "The tide. The wat"), answers(speaker, goes_on)) as server:
        it = talk(server, speaker)
        it.says("deep.")
        assert it.text.startswith("The tide. The water is deep.")
        assert len(server.asked) >= 2


@each
def test_a_new_take_hangs_up_and_goes_on_from_what_was_kept(speaker, talk):
    with serving(endless(speaker), answers(speaker, "A lamp.")) as server:
        it = talk(server, speaker)
        said = it.speak(6)
        it.tokens = said[:4]
        it.steer(take=1, keep=4, prompt="A lamp.")
        assert it.voice.n == 4
        it.says("lamp.")
        assert [token.n for token in it.tokens] == list(range(len(it.tokens)))
        assert {token.take for token in it.tokens[4:]} == {1}
        assert server.asked[0].hung_up.wait(10)
        so_far = "".join(token.text for token in said[:4])
        so_far = so_far.rstrip()
        assert so_far in speaker.text_of(server.asked[1].body)
        assert so_far + said[4].text not in speaker.text_of(server.asked[1].body)


@each
def test_what_was_taken_back_is_not_asked_about(speaker, talk):
    with serving(answers(speaker, TIDE), answers(speaker, " A lamp is lit.")) as server:
        it = talk(server, speaker)
        it.says("harbour waits")
        ends = list(itertools.accumulate(len(token.text) for token in it.tokens))
        to = next(n for n, end in enumerate(ends) if end > it.text.index("harbour"))
        at = len(it.tokens)
        it.steer(take=1, keep=at, back=((at, to, -1),))
        it.says("lamp")
        assert [token.n for token in it.tokens] == list(range(len(it.tokens)))
        asked = speaker.text_of(server.asked[-1].body)
        assert "The tide comes in, slowly. The" in asked
        assert "waits" not in asked


@each
def test_what_is_to_be_said_is_said_and_the_answer_follows_it(speaker, talk):
    with serving(answers(speaker, "It rains. ", "length"), answers(speaker, " and it rains on.")) as server:
        steering = Steering("voice", 1, 1000, prompt="p", say="Who is there, Anna?", say_private=True)
        it = talk(server, speaker, history="The door. ", steering=steering)
        it.says("rains")
        assert it.text.startswith("Who is there, Anna?")
        forced = [token for token in it.tokens if token.forced]
        assert [token.text for token in forced] == ["Who", " is", " there,", " Anna?"]
        assert all(token.private for token in forced)
        assert not any(token.private for token in it.tokens[4:])
        assert "The door. Who is there, Anna?" in speaker.text_of(server.asked[-1].body)


@each
def test_what_others_said_is_asked_about_and_not_spoken(speaker, talk):
    with serving(answers(speaker, "No, it does not. ", "length"), answers(speaker, " Go home.")) as server:
        heard = {"heard": "It rains, Anna.", "heard_private": True}
        it = talk(
            server, speaker, history="The door.", steering=Steering("voice", 1, 1000, prompt="p", **heard)
        )
        it.says("home")
        taken = [token for token in it.tokens if token.heard]
        assert "".join(token.heard for token in taken) == "\n\nIt rains, Anna.\n\n"
        assert it.tokens[: len(taken)] == taken
        assert all(token.forced and token.private and not token.text for token in taken)
        assert not any(token.private for token in it.tokens[len(taken) :])
        assert "The door.\n\nIt rains, Anna." in speaker.text_of(server.asked[0].body)


@pytest.mark.parametrize("speaker", [Completions, Chat, Responses])
def test_numbers_are_heard_between_sentences(speaker, talk):
    with serving(endless(speaker, "One two three. ")) as server:
        it = talk(server, speaker)
        it.speak(1)
        it.steer(temperature=1.25)
        it.until(lambda: it.tokens[-1].steered_by == 2)
        before = next(token for token in it.tokens if token.steered_by == 2).n
        assert it.tokens[before - 1].text == " three."
        assert server.asked[0].body["temperature"] == 0.8
        assert server.asked[1].body["temperature"] == 1.25


def test_a_number_that_never_rests_does_not_silence_it(talk):
    with serving(endless(Chat, "One two three. ")) as server:
        it = talk(server, Chat)
        for step in range(60):
            it.speak(step // 4 + 1)
            it.steer(temperature=step / 100)
        assert len(it.tokens) >= 15
        assert len(server.asked) < 20


@each
def test_trouble_is_told_in_a_sentence_and_passes(speaker, talk):
    play = answers(speaker, TIDE)
    error = json.dumps({"error": {"type": "rate_limit_error", "message": "Too many requests."}})

    def garbage(asker):
        asker.send([b"data: {]\n\n"])

    def page(asker):
        asker.send([b"<html>Welcome</html>"], "text/html")
        asker.finish()

    def fails(asker):
        asker.send([*speaker.opening(), *speaker.error("Overloaded")])

    def nothing(asker):
        asker.send([*speaker.opening(), *speaker.closing()])
        asker.finish()

    def noise(asker):
        asker.send([b"\xff\xfe\x00data:\n\n: \n\ndata: [1, 2]\n\n"])

    plays = [
        (refuses(429, error, {"Retry-After": "0.1"}), "refuses (429: Too many requests.)"),
        (refuses(500, "<h1>Internal Server Error</h1>"), "refuses (500: Internal Server Error)"),
        (refuses(529, ""), "refuses (529: without a word)"),
        (garbage, "no event of its interface"),
        (page, "no event stream"),
        (fails, "says: Overloaded" if speaker is not Messages else "says: overloaded_error: Overloaded"),
        (nothing, "answered with nothing"),
        (noise, "no event of its interface"),
        (breaks_off(speaker, "half"), "broke off"),
    ]
    for bad, sentence in plays:
        with serving(bad, play) as server:
            it = talk(server, speaker)
            it.says("nobody at all.")
            if bad is not plays[-1][0] or speaker is not Completions:
                assert it.text.startswith(TIDE), sentence
            told = [state for state, _ in itertools.groupby(it.news, lambda news: news.state)]
            assert told == ["lost", "ready"], (sentence, it.news)
            assert sentence in it.lost[0]
            assert "it is asked again in" in it.lost[0]


def test_nobody_is_asked_in_a_loop(talk, monkeypatch):
    monkeypatch.setattr(inquiry, "WAITS", (1.0, 60.0))
    monkeypatch.setattr(hosted, "PAUSE", 0.001)
    clock = [0.0]
    with serving(refuses(503, "busy")) as server:
        it = talk(server, Chat, now=lambda: clock[0])
        asked_at = []
        for _ in range(400):
            seen = len(server.asked)
            for _ in range(20):
                if (given := it.voice.next()) is not None:
                    it.news.append(given)
                    break
                if it.voice._inquiry.stream is None and clock[0] < it.voice._inquiry.not_before:
                    break
                time.sleep(0.001)
            if len(server.asked) > seen:
                asked_at.append(clock[0])
            clock[0] += 1.0
        waits = [b - a for a, b in itertools.pairwise(asked_at)]
        assert 8 <= len(asked_at) <= 14, asked_at
        assert waits[-1] >= 45
        assert len(it.lost) >= 8


def test_a_server_that_is_not_there_and_one_that_never_answers(talk, monkeypatch):
    monkeypatch.setattr(inquiry, "SILENT", 0.2)
    silent = threading.Event()
    with serving(lambda _: silent.wait(20), answers(Chat, TIDE)) as server:
        it = talk(server, Chat)
        it.says("nobody at all.")
        assert "has fallen silent" in it.lost[0]
        silent.set()
    it = talk(server, Chat)  # which is closed now
    it.until(lambda: it.lost)
    assert "cannot be reached" in it.lost[0]


def test_a_server_that_sends_no_word_is_given_up(talk, monkeypatch):
    monkeypatch.setattr(inquiry, "WORDLESS", 0.2)

    def pings(asker):
        while True:
            asker.send([sse({"type": "ping"}, "ping"), b": keep alive\n\n"])

    with serving(pings, answers(Messages, TIDE)) as server:
        it = talk(server, Messages)
        it.says("nobody at all.")
        assert "has sent no word" in it.lost[0]
        assert server.asked[0].hung_up.wait(10)


def test_a_slow_server_is_waited_for_without_waiting(talk):
    go_on = threading.Event()

    def slow(asker):
        asker.send([*Chat.opening(), *Chat.piece("The tide com")])
        go_on.wait(20)
        asker.send([*Chat.piece("es in."), *Chat.closing()])
        asker.finish()

    with serving(slow, answers(Chat, TIDE)) as server:
        it = talk(server, Chat)
        it.speak(2)
        assert [it.voice.next() for _ in range(3)] == [None, None, None]
        go_on.set()
        it.says("The tide comes in.")
        assert it.lost == []


def test_what_a_server_does_not_take_is_not_asked_for_again(talk):
    known = {"model", "messages", "stream", "max_tokens", "temperature", "seed"}

    def strict(asker):
        unknown = set(asker.body) - known
        if unknown:
            asker.refuse(422, json.dumps({"detail": f"Unexpected fields in the request: {unknown}"}))
        else:
            answers(Chat, TIDE)(asker)

    with serving(strict) as server:
        it = talk(server, Chat)
        assert {"temperature", "top_p", "top_k", "logprobs"} <= set(it.loaded.can)
        it.says("nobody at all.")
        assert it.text.startswith(TIDE)
        assert it.lost == []
        assert it.news[-1].can == ("sentence", "prompt", "temperature", "seed")
        assert "does without" in it.news[-1].detail
        assert len(server.asked) < 15


def test_claude_is_asked_not_to_think_and_may_not_be_able_to(talk):
    refused = [
        '"thinking.type.disabled" is not supported for this model. Use "thinking.type.between_tools" and '
        '"output_config.effort" to control thinking behavior.',
        "This model does not support the effort parameter.",
    ]
    errors = [
        {"type": "error", "error": {"type": "invalid_request_error", "message": text}} for text in refused
    ]
    plays = [refuses(400, json.dumps(error)) for error in errors]
    with serving(*plays, answers(Messages, TIDE)) as server:
        it = talk(server, Messages)
        it.says("nobody at all.")
        bodies = [asker.body for asker in server.asked[:3]]
        assert [body.get("thinking", {}).get("type") for body in bodies] == [
            "disabled",
            "between_tools",
            "between_tools",
        ]
        assert [body.get("output_config") for body in bodies] == [{"effort": "low"}] * 2 + [None]
        assert server.asked[0].headers["anthropic-version"] == "2026-10-21"
        assert not {"temperature", "top_p", "top_k", "seed"} & set(bodies[0])


@pytest.mark.parametrize("status", [422, 400, 500])
def test_what_a_server_repeats_of_the_text_is_not_told(talk, status):
    """Those built on FastAPI put what they were sent into their complaint, and news is recorded."""
    said = "Someone says: I am Zebedee and I live by the harbour."
    complaint = f"Input should be valid, logprobs is not, 'input': {{'prompt': '{said[:-3]}"
    with serving(refuses(status, complaint), answers(Chat, TIDE)) as server:
        it = talk(server, Chat, history=said)
        it.says("nobody at all.")
        assert "Zebedee" in Chat.text_of(server.asked[0].body)
        told = " ".join(news.detail for news in it.news)
        assert "Input should be valid" in told
        assert not {"Zebedee", "Someone", "harbo"} & set(re.findall(r"\w+", told)), told


@pytest.mark.parametrize(
    ("said", "sent", "left"),
    [
        ("no such model", "", "no such model"),
        ("no such model", "I am Ada", "no such model"),
        ("wrong value: 'i am ada, hel", "Yes. I am Ada. Hello!", "wrong …"),
        ("a b c d e f g", "x c d e y", "a … g"),
        ("c d e", "c d e", "…"),
    ],
)
def test_an_echo_is_left_out(said, sent, left):
    assert withheld(said, sent) == left


@pytest.mark.parametrize("speaker", [Chat, Responses, Messages])
def test_a_model_that_declines_does_not_see_the_same_text_again(speaker, talk):
    plays = answers(speaker, "It ", "content_filter"), answers(speaker, TIDE)
    with serving(*plays) as server:
        it = talk(server, speaker, history="Something unspeakable. ")
        it.says("nobody at all.")
        assert "declines to go on" in it.lost[0]
        assert "unspeakable" in speaker.text_of(server.asked[0].body)
        assert "unspeakable" not in speaker.text_of(server.asked[1].body)


def test_what_the_model_knew_comes_with_each_token(talk):
    def chat(asker):
        tops = [{"token": " sea", "logprob": -1.0}, {"token": " tide", "logprob": -0.5}]
        entries = [
            {"token": "The", "logprob": -2.0, "top_logprobs": []},
            {"token": " tide", "logprob": -0.5, "top_logprobs": tops},
        ]
        choice = {"index": 0, "delta": {"content": "The tide"}, "logprobs": {"content": entries}}
        asker.send([sse({"choices": [choice]}), *Chat.closing()])
        asker.finish()

    def completions(asker):
        inner = {
            "tokens": [" ti", "de"],
            "token_logprobs": [-0.5, -0.25],
            "top_logprobs": [{" ti": -0.5, " sea": -1.0}, None],
        }
        choice = {"index": 0, "text": " tide", "logprobs": inner, "finish_reason": None}
        asker.send([sse({"choices": [choice]}), *Completions.closing()])
        asker.finish()

    with serving(chat) as server:
        the, tide = talk(server, Chat).speak(2)
        assert the.text + tide.text == "The tide"
        assert tide.inner.surprise == pytest.approx(0.5 / 0.693147, abs=1e-3)
        assert [rival.text for rival in tide.inner.rivals] == [" tide", " sea"]
        assert tide.inner.rivals[0].probability == pytest.approx(0.6065, abs=1e-3)
        assert tide.inner.entropy is None
    with serving(completions) as server:
        ti, de = talk(server, Completions, history="The").speak(2)
        assert (ti.text, de.text) == (" ti", "de")
        assert [rival.text for rival in ti.inner.rivals] == [" ti", " sea"]
        assert de.inner.rivals is None


def test_a_spent_budget_silences_it_until_tomorrow(talk, tmp_path):
    today = [date(2026, 3, 21)]
    with serving(answers(Chat, TIDE, usage=(400, 200))) as server:
        it = talk(server, Chat, budget=1000, today=lambda: today[0])
        it.until(lambda: it.lost)
        assert "today's budget of 1000 tokens is spent" in it.lost[0]
        book = tmp_path / "state" / f"{tmp_path.name}.voice.spent.json"
        assert 600 <= json.loads(book.read_text())["spent"] <= 1200
        asked = len(server.asked)
        again = talk(server, Chat, budget=1000, today=lambda: today[0])
        again.until(lambda: again.lost)
        assert len(server.asked) == asked
        today[0] = date(2026, 3, 22)
        again.says("nobody at all.")
        assert again.news[-1].state == "ready"


def test_a_key_goes_only_where_it_belongs(monkeypatch, tmp_path, talk):
    def load(speaker=Chat, **more):
        kind = AnthropicVoice if speaker is Messages else OpenAIVoice
        voice = kind(VoiceSettings(**speaker.settings, **more).model_dump(), "voice", tmp_path)
        news = voice.load()
        voice.close()
        return news

    with pytest.raises(VoiceError, match=r"api\.openai\.com wants a key: set OPENAI_API_KEY"):
        load(budget=9)
    with pytest.raises(VoiceError, match=r"api\.anthropic\.com wants a key: set ANTHROPIC_API_KEY"):
        load(Messages, budget=9)
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with pytest.raises(VoiceError, match="needs a budget"):
        load()
    assert "9 tokens a day" in load(budget=9).detail
    with pytest.raises(VoiceError, match="set INSTALLATION_KEY_EXAMPLE_ORG in"):
        load(budget=9, url="https://example.org/v1")
    with pytest.raises(VoiceError, match="not the address of a server"):
        load(url="example.org")
    with serving(answers(Chat, TIDE)) as server:
        talk(server, Chat).speak(1)
        assert "Authorization" not in server.asked[0].headers
        monkeypatch.setenv("INSTALLATION_KEY_127_0_0_1", "near")
        talk(server, Chat).speak(1)
        assert server.asked[-1].headers["Authorization"] == "Bearer near"


def test_forbidden_words_are_asked_not_to_be_used(talk):
    with serving(answers(Chat, TIDE)) as server:
        talk(server, Chat, steering=Steering("voice", 1, 9, forbidden=("sea", "salt"))).speak(1)
        assert "Never use these words: sea, salt." in server.asked[0].body["messages"][0]["content"]


def test_the_news_is_a_voice_s_own(talk):
    with serving(refuses(401, '{"error": {"message": "Incorrect API key"}}')) as server:
        it = talk(server, Chat)
        it.until(lambda: it.lost)
        assert it.news[0] == VoiceNews("voice", "lost", it.lost[0])
        assert it.lost[0].startswith(f"openai:tiny at {server.root[7:]} refuses (401: Incorrect API key)")


@pytest.fixture
def process(tmp_path):
    """A scene over a voice in a process of its own: each thing it sends, until the scene has seen enough."""

    def play(url, seen, **more):
        async def evening():
            heard, enough = [], asyncio.Event()

            def hear(message):
                heard.append((message, it.pid))
                if seen([message for message, _ in heard]):
                    enough.set()

            settings = {**Chat.settings, "url": url}
            it = VoiceProcess({"voice": settings}, tmp_path, on_message=hear, **more)
            it.start()
            it.steer(Steering("voice", 1, 40, prompt="The sea.", turn=1))
            try:
                async with asyncio.timeout(30):
                    await enough.wait()
            finally:
                await it.stop()
            return heard

        return asyncio.run(evening())

    return play


BEGINNING = "The tide comes in, slowly. The harbour"


def spoken(messages):
    """The text; how it comes in pieces is the network's affair."""
    return "".join(message.text for message in messages if isinstance(message, Token))


def test_in_its_own_process_it_waits_as_long_as_it_is_told_and_lives(process):
    """The server asks for 2.5 s, twice as long as a silent process is trusted."""
    with serving(refuses(429, "", {"retry-after": "2.5"}), answers(Chat, TIDE)) as server:
        heard = process(server.url(Chat), lambda seen: len(spoken(seen)) > len(BEGINNING), patience=1.2)
        states = [message.state for message, _ in heard if isinstance(message, VoiceNews)]
        assert [state for state in states if state != "loading"][:3] == ["ready", "lost", "ready"]
        assert len({pid for message, pid in heard if isinstance(message, Token)}) == 1
        assert spoken([message for message, _ in heard]).startswith(BEGINNING)
        assert next(message.can for message, _ in heard if message.can)[:2] == ("sentence", "prompt")


def test_a_key_that_is_missing_is_told_by_its_process(process):
    heard = process("https://host.example.org", lambda seen: any(m.state == "error" for m in seen))
    assert "INSTALLATION_KEY_HOST_EXAMPLE_ORG" in heard[-1][0].detail
