import threading
from datetime import UTC, datetime

import pytest
from small_servers import Chat, answers, breaks_off, endless, refuses, serving

from installation.voice.event_stream import Broken, Ended, Event, Line, Question, Refused, wait_of
from installation.voice.near import is_near

NOW = datetime(2026, 3, 21, 20, 0, tzinfo=UTC)


@pytest.fixture
def line():
    lines = []

    def begin(url, **more):
        lines.append(Line(url, **more))
        return lines[-1]

    yield begin
    for it in lines:
        it.close()


def whole(stream):
    heard = []
    while not heard or isinstance(heard[-1], Event):
        one = stream.take(10)
        assert one is not None, heard
        heard.append(one)
    return heard


def test_an_answer_is_heard_to_its_end(line):
    with serving(answers(Chat, "The tide.")) as server:
        heard = whole(line(server.root).ask(Question(server.root + "/v1/x", {"a": "ö"})))
        assert heard[-1] == Ended()
        assert heard[-2] == Event("message", "[DONE]")
        assert server.asked[0].body == {"a": "ö"}


def test_a_connection_is_kept_for_the_next_question(line):
    with serving(answers(Chat, "The tide.")) as server:
        it = line(server.root)
        ports = set()
        for _ in range(3):
            whole(it.ask(Question(server.root, {})))
            ports.add(server.asked[-1].headers["Host"])
        assert len(server.asked) == 3


def test_what_went_wrong_is_told(line):
    def said(play, **more):
        with serving(play) as server:
            return whole(line(server.root, **more).ask(Question(server.root, {})))[-1]

    assert said(refuses(429, "later", {"retry-after": "3"})) == Refused(429, "later", 3.0)
    assert len(said(refuses(500, "x" * 10**6)).text) <= 1 << 14
    assert said(breaks_off(Chat, "half")).how.startswith("broke off")
    assert said(lambda asker: asker.send([b"data: " + b"x" * (3 << 20)])).how.startswith("answered with")
    assert "no event stream" in said(answers_a_page).how
    silent = threading.Event()
    assert said(lambda _: silent.wait(10), patience=0.1).how.startswith("has fallen silent")
    silent.set()
    closed = Question("http://127.0.0.1:9", {})
    assert whole(line(closed.url).ask(closed))[-1].how.startswith("cannot be reached")
    wrong = Question("http://[::1", {})
    assert isinstance(whole(line("http://127.0.0.1").ask(wrong))[-1], Broken)


def answers_a_page(asker):
    asker.send([b"<html>"], "text/html")
    asker.finish()


def test_an_answer_that_nobody_takes_is_left_alone_and_then_given_up(line):
    with serving(endless(Chat)) as server:
        stream = line(server.root, unread=0.1, held=8).ask(Question(server.root, {}))
        assert server_of(server).hung_up.wait(10)
        heard = whole(stream)
        assert heard[-1] == Ended(unread=True)
        assert len(heard) == 9


def server_of(server):
    with server.came:
        assert server.came.wait_for(lambda: server.asked, 10)
    return server.asked[0]


def test_an_answer_that_is_taken_slowly_is_not_given_up(line):
    with serving(endless(Chat)) as server:
        stream = line(server.root, unread=20, held=8).ask(Question(server.root, {}))
        for _ in range(500):
            assert isinstance(stream.take(10), Event)
        stream.cancel()
        assert server.asked[0].hung_up.wait(10)


def test_a_key_is_never_shown():
    assert "secret" not in repr(Question("http://x", {}, {"Authorization": "Bearer secret"}))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "-7"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1e99"}, 86400.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sat, 21 Mar 2026 20:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Mar 2026 19:00:00 GMT"}, 0.0),
    ],
)
def test_how_long_a_server_asks_to_wait(headers, wait):
    assert wait_of(headers, NOW) == wait


def test_which_servers_are_near():
    near = [
        "http://localhost:1/v1",
        "http://127.0.0.1",
        "http://[::1]:80",
        "http://192.168.1.4",
        "http://gpu.local",
    ]
    assert all(map(is_near, near))
    far = ["https://api.openai.com/v1", "https://8.8.8.8", "https://localhost.example.org", "https://x"]
    assert not any(map(is_near, far))
