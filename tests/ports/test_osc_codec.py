import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder, build_msg

from installation.errors import DatagramError
from installation.ports.osc_codec import (
    DEEPEST,
    LARGEST_DATAGRAM,
    LONGEST_TEXT,
    MOST_ARGUMENTS,
    MOST_MESSAGES,
    Colour,
    Impulse,
    Message,
    Midi,
    TimeTag,
    decode,
    decode_single,
)


def bundle(*elements, timetag=1):
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(sized(element) for element in elements)


def sized(element):
    return struct.pack(">i", len(element)) + element


text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
byte = st.integers(0, 255)
arguments = st.one_of(
    st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("h"), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("f"), st.floats(width=32, allow_nan=False)),
    st.tuples(st.just("d"), st.floats(allow_nan=False)),
    st.tuples(st.just("s"), text),
    st.tuples(st.just("b"), st.binary(min_size=1, max_size=30)),
    st.tuples(st.just("r"), st.integers(0, 2**32 - 1)),
    st.tuples(st.just("m"), st.tuples(byte, byte, byte, byte)),
    st.tuples(st.just("T"), st.just(True)),
    st.tuples(st.just("F"), st.just(False)),
    st.tuples(st.just("N"), st.none()),
)
arrays = st.recursive(
    arguments, lambda inner: st.tuples(st.just("array"), st.lists(inner, max_size=4)), max_leaves=8
)
addresses = st.text(st.sampled_from("/abz09_-.~"), max_size=40).map(lambda rest: "/" + rest)


def types_of(kind, value):
    return [types_of(*each) for each in value] if kind == "array" else kind


def given_to_python_osc(kind, value):
    return [given_to_python_osc(*each) for each in value] if kind == "array" else value


def expected(kind, value):
    if kind == "array":
        return tuple(expected(*each) for each in value)
    if kind == "r":
        return Colour(*value.to_bytes(4, "big"))
    return Midi(*value) if kind == "m" else value


def built(address, typed):
    builder = OscMessageBuilder(address)
    for each in typed:
        builder.add_arg(given_to_python_osc(*each), types_of(*each))
    return builder.build()


@settings(deadline=None, max_examples=200)
@given(addresses, st.lists(arrays, max_size=8))
def test_what_python_osc_builds_is_read_as_it_was_meant(address, typed):
    (message,) = decode(built(address, typed).dgram)

    wanted = tuple(expected(*each) for each in typed)
    assert message == Message(address, wanted)
    assert repr(message.values) == repr(wanted)  # True is not 1, and -0.0 not 0.0


@settings(deadline=None)
@given(
    st.recursive(
        st.tuples(addresses, st.floats(width=32, allow_nan=False)), lambda one: st.lists(one, max_size=4)
    )
)
def test_bundles_of_python_osc_come_out_flat_and_in_order(tree):
    def build(part):
        if isinstance(part, tuple):
            return built(part[0], [("f", part[1])])
        builder = OscBundleBuilder(IMMEDIATELY)
        for inner in part:
            builder.add_content(build(inner))
        return builder.build()

    def leaves(part):
        return [part] if isinstance(part, tuple) else [leaf for inner in part for leaf in leaves(inner)]

    def depth(part):
        return 0 if isinstance(part, tuple) else 1 + max(map(depth, part), default=0)

    if depth(tree) > DEEPEST:
        return
    timetag = None if isinstance(tree, tuple) else TimeTag(0, 1)
    assert decode(build(tree).dgram) == tuple(Message(a, (v,), timetag) for a, v in leaves(tree))


@pytest.mark.parametrize(
    ("tags", "raw", "value"),
    [
        (b"t", struct.pack(">II", 3_900_000_000, 2**31), TimeTag(3_900_000_000, 2**31)),
        (b"c", struct.pack(">I", ord("x")), "x"),
        (b"S", b"symbol\0\0", "symbol"),
        (b"I", b"", Impulse.IMPULSE),
    ],
)
def test_types_that_python_osc_cannot_build(tags, raw, value):
    assert decode(b"/a\0\0" + (b"," + tags).ljust(4, b"\0") + raw) == (Message("/a", (value,)),)


def test_nan_and_infinity_are_numbers_here():
    ((_, values, _),) = decode(build_msg("/a", [math.nan, math.inf]).dgram)

    assert math.isnan(values[0])
    assert values[1] == math.inf


def test_a_message_without_type_tags_has_no_arguments():
    assert decode(b"/go\0") == (Message("/go", ()),)


def test_a_bundle_may_be_empty():
    assert decode(bundle()) == ()


def test_the_innermost_time_tag_counts_and_nobody_waits_for_it():
    far = (2**32 - 1) << 32  # in the year 2036
    inner = bundle(build_msg("/b", [2]).dgram, timetag=far)

    assert decode(bundle(build_msg("/a", [1]).dgram, inner, timetag=5 << 32)) == (
        Message("/a", (1,), TimeTag(5, 0)),
        Message("/b", (2,), TimeTag(2**32 - 1, 0)),
    )


def test_a_single_number_takes_the_short_way_and_nothing_else_does():
    assert decode_single(build_msg("/a/b", [0.5]).dgram) == ("/a/b", (0.5,))
    assert decode_single(build_msg("/a/b", [-7]).dgram) == ("/a/b", (-7,))
    assert decode_single(build_msg("/a/*", [0.5]).dgram) is None
    assert decode_single(build_msg("/a/b", [0.5, 0.5]).dgram) is None
    assert decode_single(bundle(build_msg("/a/b", [0.5]).dgram)) is None
    assert decode_single(b"") is None


good = build_msg("/good", [1.0]).dgram


def nested(depth):
    packet = good
    for _ in range(depth):
        packet = bundle(packet)
    return packet


@pytest.mark.parametrize(
    "datagram",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"good", id="no address"),
        pytest.param(b"/good", id="address without end"),
        pytest.param(b"/good\0", id="length not a multiple of four"),
        pytest.param(b"/goo\0xyz", id="padding that is not zero"),
        pytest.param(b"/go od\0\0", id="space in the address"),
        pytest.param(b"/\x1b[2J\0\0\0", id="control characters in the address"),
        pytest.param(b"/caf\xc3\xa9\0\0", id="address that is not ASCII"),
        pytest.param(b"/" + b"a" * 256 + b"\0" * 3, id="long address"),
        pytest.param(b"/a\0\0f\0\0\0\0\0\0\0", id="type tags without comma"),
        pytest.param(b"/a\0\0,q\0\0\0\0\0\0", id="unknown type"),
        pytest.param(b"/a\0\0,f\0\0\0\0", id="half a float"),
        pytest.param(b"/a\0\0,f\0\0" + b"\0" * 8, id="bytes left over"),
        pytest.param(b"/a\0\0,T\0\0\0\0\0\0", id="bytes left over after no argument"),
        pytest.param(b"/a\0\0,sf\0abc\0", id="float missing after text"),
        pytest.param(b"/a\0\0,s\0\0abcd", id="text without end"),
        pytest.param(b"/a\0\0,s\0\0a\xff\xfe\0", id="text that is not UTF-8"),
        pytest.param(b"/a\0\0,s\0\0" + b"a" * (LONGEST_TEXT + 3) + b"\0", id="long text"),
        pytest.param(b"/a\0\0,b\0\0" + struct.pack(">i", -1) + b"abcd", id="blob of negative size"),
        pytest.param(b"/a\0\0,b\0\0" + struct.pack(">i", 5) + b"abcd", id="blob past the end"),
        pytest.param(b"/a\0\0,b\0\0" + struct.pack(">i", 2**31 - 1) + b"abcd", id="huge blob"),
        pytest.param(b"/a\0\0,b\0\0" + struct.pack(">i", 3) + b"abcd", id="blob padding that is not zero"),
        pytest.param(b"/a\0\0,b\0\0\0\0", id="half a blob size"),
        pytest.param(b"/a\0\0,c\0\0" + struct.pack(">I", 0xD800), id="half a surrogate pair"),
        pytest.param(b"/a\0\0,c\0\0" + struct.pack(">I", 2**31), id="beyond Unicode"),
        pytest.param(b"/a\0\0,[T\0", id="array without end"),
        pytest.param(b"/a\0\0,T]\0", id="array without beginning"),
        pytest.param(b"/a\0\0," + b"[" * 50 + b"]" * 50 + b"\0" * 3, id="deep arrays"),
        pytest.param(b"/a\0\0," + b"T" * (MOST_ARGUMENTS + 2) + b"\0", id="many arguments"),
        pytest.param(b"#bundle\0" + b"\0" * 7, id="bundle ends in its time tag"),
        pytest.param(b"#bundle\0" + b"\0" * 8 + b"\0\0", id="bundle ends in a size"),
        pytest.param(b"#bundlf\0" + b"\0" * 8, id="not quite a bundle"),
        pytest.param(nested(DEEPEST + 1), id="deep bundles"),
        pytest.param(bundle(*[b"/a\0\0"] * (MOST_MESSAGES + 1)), id="many messages"),
        pytest.param(b"/a\0\0,s\0\0" + b"a" * LARGEST_DATAGRAM, id="long datagram"),
    ],
)
def test_refused(datagram):
    with pytest.raises(DatagramError):
        decode(datagram)


def test_the_limits_themselves_are_allowed():
    assert len(decode(nested(DEEPEST))) == 1
    assert len(decode(build_msg("/a", [True] * MOST_ARGUMENTS).dgram)[0].values) == MOST_ARGUMENTS
    assert len(decode(build_msg("/a", [1] * MOST_ARGUMENTS).dgram)[0].values) == MOST_ARGUMENTS
    assert len(decode(bundle(*[b"/a\0\0"] * MOST_MESSAGES))) == MOST_MESSAGES
    assert decode(build_msg("/a", "x" * LONGEST_TEXT).dgram)[0].values == ("x" * LONGEST_TEXT,)


@pytest.mark.parametrize("bad", [b"/a\0\0,f\0\0", b"junk", b"#bundle\0", b"/a\0\0,q\0\0"])
def test_one_bad_element_refuses_the_whole_bundle(bad):
    with pytest.raises(DatagramError):
        decode(bundle(good, bad, good))
    with pytest.raises(DatagramError):
        decode(bundle(good, bundle(good, bad)))


@pytest.mark.parametrize("size", [-4, -1, 0, -(2**31), 2**31 - 1, 1])
def test_a_bundle_element_of_impossible_size_is_refused(size):
    with pytest.raises(DatagramError):
        decode(b"#bundle\0" + struct.pack(">Qi", 1, size) + good)


def test_a_time_tag_in_the_future_is_not_waited_for():
    in_2036 = bundle(good, timetag=(2**32 - 1) << 32)

    assert decode(in_2036)[0].values == (1.0,)
