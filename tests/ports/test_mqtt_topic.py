"""What MQTT messages say, without a broker."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.filter import Filter
from installation.messages import Signal
from installation.ports.mqtt_outbox import MOST, STALE, Letter, Outbox
from installation.ports.mqtt_store import MOST as MOST_SIGNALS
from installation.ports.mqtt_store import Store
from installation.ports.mqtt_topic import Heard, Refused, Subscription, Topics, payload_of, read, sound

CLEAN = Filter().clean


def values(payload, path=None, kind=""):
    return read(
        payload.encode() if isinstance(payload, str) else payload, Subscription("t", path, kind), CLEAN
    )[0]


@pytest.mark.parametrize(
    ("payload", "kind", "expected"),
    [
        ("3.5", "", (3.5,)),
        (" -1e3\n", "value", (-1000.0,)),
        ("7", "event", (7.0,)),
        ("true", "", (True,)),
        ("False", "value", (False,)),
        ('[1, 2.5, true, "sea"]', "", (1.0, 2.5, True, "sea")),
        ("OFF", "event", ("OFF",)),
        ("", "", ()),
        ("  ", "text", ()),
        ("a whisper", "", ("a whisper",)),
        ("42", "text", ("42",)),
        ("nan", "text", ("nan",)),
        ("[sighs] {so}", "text", ("[sighs] {so}",)),
        ('"in \\"quotes\\""', "text", ('in "quotes"',)),
        ('"', "text", ('"',)),
        ("3", "name", ("3",)),
        ("1_000", "", ("1_000",)),
        ("z\u0336a\u200bl\u202eg o", "text", ("zalg o",)),
    ],
)
def test_a_payload_is_read(payload, kind, expected):
    found = values(payload, kind=kind)
    assert [type(v) for v in found] == [type(v) for v in expected] or "z\u0336" in payload
    assert [str(v).replace("\u0336", "") for v in found] == [str(v) for v in expected]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("level.now", (2.5,)),
        ("rows.1.x", (4.0,)),
        ("on", (True,)),
        ("who", ("the sea",)),
        ("pair", (1.0, 2.0)),
    ],
)
def test_a_path_reaches_into_json(path, expected):
    document = {
        "level": {"now": 2.5},
        "rows": [{"x": 3}, {"x": 4}],
        "on": True,
        "who": "the sea",
        "pair": [1, 2],
    }
    assert values(json.dumps(document), path) == expected


@pytest.mark.parametrize(
    ("payload", "path", "kind", "why"),
    [
        ("x" * 1_000_000, None, "", "too long"),
        (b"\xff\xfe\x00", None, "text", "not text"),
        ("nan", None, "", "not a number"),
        ("-Infinity", None, "value", "not a number"),
        ("1e999", None, "", "not a number"),
        ("[NaN]", None, "", "not a number"),
        ('{"a": Infinity}', "a", "", "not a number"),
        ('{"a": ' + "9" * 400 + "}", "a", "", "not a number"),
        ('{"a": ' + "9" * 5000 + "}", "a", "", "malformed"),
        ("[" * 60_000, None, "", "malformed"),
        ('{"a":' * 10_000, "a", "", "malformed"),
        ('"' + "[" * 30_000 + '"x', None, "", "malformed"),
        ("{bad", "a", "", "malformed"),
        ('{"a": 1}', None, "", "malformed"),
        ('{"a": null}', "a", "", "malformed"),
        ("[[1]]", None, "", "malformed"),
        (json.dumps(list(range(65))), None, "", "malformed"),
        ('{"a": 1}', "b", "", "no such path"),
        ("[1, 2]", "2", "", "no such path"),
        ("[1, 2]", "9" * 5000, "", "no such path"),
        ("", "a", "", "malformed"),
        ("fuck this", None, "text", "text"),
        ("\u200b", None, "text", "text"),
    ],
)
def test_a_hostile_payload_is_refused_by_kind(payload, path, kind, why):
    with pytest.raises(Refused) as refused:
        values(payload, path, kind)
    assert refused.value.kind == why
    assert len(str(refused.value)) < 6000 if path and len(path) > 100 else len(str(refused.value)) < 200


@given(
    st.binary(max_size=200),
    st.sampled_from([None, "a", "a.0"]),
    st.sampled_from(["", "value", "event", "text"]),
)
def test_any_bytes_give_sound_values_or_our_own_error(payload, path, kind):
    try:
        found = values(payload, path, kind)
    except Refused:
        return
    assert all(isinstance(v, (str, bool)) or math.isfinite(v) for v in found)


def hear(topics, topic, payload, retained=False):
    heard, refused = topics.hear(topic, payload.encode(), retained, 1.5, "broker", CLEAN)
    return [h.signal for h in heard], [h.latest for h in heard], [r.kind for r in refused]


def test_one_message_feeds_every_signal_that_reads_its_topic():
    topics = Topics(
        "north", [("harbour/tide", "level.now"), ("harbour/tide", "unit", "text"), ("harbour/tide", "x")]
    )
    signals, latest, refused = hear(topics, "harbour/tide", '{"level": {"now": 3}, "unit": "m"}', True)
    assert signals == [
        Signal(1.5, "mqtt", "harbour/tide level.now", (3.0,), "broker", True),
        Signal(1.5, "mqtt", "harbour/tide unit", ("m",), "broker", True, True),
    ]
    assert latest == [True, False]
    assert refused == ["no such path"]


@pytest.mark.parametrize(
    ("topic", "payload", "address", "expected", "private"),
    [
        ("go", "", "/installation/go", (), False),
        ("go", "0", "/installation/go", (0.0,), False),
        ("panic", "1", "/installation/panic", (1.0,), False),
        ("scene", "flood", "/installation/scene", ("flood",), False),
        ("cue", "3", "/installation/cue", ("3",), False),
        ("mark", '"keep"', "/installation/mark", ("keep",), False),
        ("release", "", "/installation/release", (), False),
        ("layer/ghosts/rise", "2", "/installation/layer/ghosts/rise", (2.0,), False),
        ("voice/voice/say", "hello you", "/installation/voice/voice/say", ("hello you",), True),
        ("voice/anna/interrupt", "", "/installation/voice/anna/interrupt", (), False),
        ("voice/anna/rewind", "12", "/installation/voice/anna/rewind", (12.0,), False),
        ("voice/anna/fork", "true", "/installation/voice/anna/fork", (True,), False),
        ("applause", "0.7", "/installation/applause", (0.7,), False),
    ],
)
def test_commands_have_the_addresses_of_osc(topic, payload, address, expected, private):
    signals, _, refused = hear(Topics("north"), f"installation/north/{topic}", payload)
    assert signals == [Signal(1.5, "mqtt", address, expected, "broker", False, private)]
    assert refused == []


@pytest.mark.parametrize(
    "topic",
    [
        "installation/south/go",
        "installation/north/online",
        "installation/north/status",
        "installation/north",
        "go",
    ],
)
def test_other_topics_command_nothing(topic):
    assert hear(Topics("north"), topic, "1") == ([], [], [])


def test_only_plain_values_may_be_overtaken():
    topics = Topics("north", [("v", None, "value"), ("e", None, "event"), ("t", None, "text"), ("any", None)])
    assert [hear(topics, topic, "1")[1] for topic in ("v", "e", "t", "any")] == [
        [True],
        [False],
        [False],
        [True],
    ]
    assert hear(topics, "any", "word")[1] == [False]
    assert hear(topics, "installation/north/go", "1")[1] == [False]
    assert hear(topics, "installation/north/layer/a/b", "1")[1] == [True]
    assert topics.filters["v"] == 0
    assert topics.filters["e"] == 1
    assert topics.filters["installation/north/layer/#"] == 1


def test_wildcards_are_no_topics():
    for topic in ("a/+", "#", "", "a\0b", "x" * 2000):
        assert not sound(topic)
        with pytest.raises(ValueError, match="no topic to listen to"):
            Topics("north", [(topic, None)])


@pytest.mark.parametrize(
    ("sent", "payload"),
    [
        ((0.5,), b"0.5"),
        (0.5, b"0.5"),
        ((True,), b"true"),
        (("the sea",), b"the sea"),
        (("sea", 1.0), b'["sea",1.0]'),
        ((), b""),
        (None, b""),
        (b"\x00raw", b"\x00raw"),
        ({"scene": "ebb", "für": 1}, '{"scene":"ebb","für":1}'.encode()),
    ],
)
def test_values_become_payloads(sent, payload):
    assert payload_of(sent) == payload


def test_an_unreal_number_is_not_sent():
    with pytest.raises(ValueError, match="JSON"):
        payload_of((math.nan,))


def heard(address, value, latest=True, retained=False):
    return Heard(Signal(0.0, "mqtt", address, (value,), retained=retained), latest)


def test_the_store_keeps_the_latest_value_and_every_event_in_order():
    store = Store()
    for each in (heard("a", 1), heard("go", 1, False), heard("b", 1), heard("a", 2), heard("go", 2, False)):
        assert store.put(each)
    assert store.put(heard("a", 0, retained=True))
    assert [(s.address, s.values[0]) for s in store.take()] == [
        ("go", 1),
        ("b", 1),
        ("a", 2),
        ("go", 2),
        ("a", 0),
    ]
    assert store.take() == []


def test_the_store_is_bounded():
    store = Store()
    took = [store.put(heard("go", n, False)) for n in range(MOST_SIGNALS + 10)]
    assert took.count(False) == 10
    assert [s.values[0] for s in store.take()] == list(range(MOST_SIGNALS))


def test_the_outbox_drops_the_oldest_and_the_stale_and_says_so():
    import asyncio

    async def play():
        dropped = []
        outbox = Outbox(lambda kind, sentence: dropped.append((kind, sentence)))
        for n in range(MOST + 3):
            outbox.put(Letter(0.0, f"t/{n}", b"", False, 0))
        assert len(dropped) == 3
        assert "t/2" in dropped[2][1]
        assert (await outbox.next(lambda: STALE)).topic == "t/3"
        outbox.put(Letter(9.0, "status", b"now", True, 0))
        assert (await outbox.next(lambda: 99.0)).topic == "status"  # all others came too late
        assert len(dropped) == 3 + MOST - 1
        outbox.put(Letter(9.0, "status", b"later", True, 0))
        await outbox.next(lambda: 99.0)
        outbox.begin()
        assert (await outbox.next(lambda: 99.0)).payload == b"later"
        waiting = asyncio.create_task(outbox.next(lambda: 99.0))
        await outbox.emptied()
        waiting.cancel()

    asyncio.run(play())


def test_a_second_going_back_does_not_take_the_place_of_the_first():
    heard, _ = Topics("north").hear(
        "installation/north/voice/anna/rewind", b"3", False, 1.0, "broker", lambda text: text
    )
    assert [one.latest for one in heard] == [False]
