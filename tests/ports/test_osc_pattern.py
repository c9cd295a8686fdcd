import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from installation.errors import DatagramError
from installation.ports.osc_pattern import Addresses

ROOM = Addresses(
    ["/room/1/presence", "/room/2/presence", "/room/12/presence", "/room/1/touch", "/wall", "/wall-a"]
)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("/room/?/presence", ["/room/1/presence", "/room/2/presence"]),
        ("/room/*/presence", ["/room/1/presence", "/room/2/presence", "/room/12/presence"]),
        ("/room/1*/*", ["/room/1/presence", "/room/12/presence", "/room/1/touch"]),
        ("/room/[13-9]/touch", ["/room/1/touch"]),
        ("/room/[!1]/presence", ["/room/2/presence"]),
        ("/room/{2,12}/presence", ["/room/2/presence", "/room/12/presence"]),
        ("/{room/1,wall}*", ["/wall", "/wall-a"]),
        ("/wall{,-a}", ["/wall", "/wall-a"]),
        ("/wall[a-]a", ["/wall-a"]),
        ("/wall", ["/wall"]),
        ("/*", ["/wall", "/wall-a"]),
        ("*", []),
        ("/wall?", []),
        ("/room*", []),
        ("/room/1[/]touch", []),
        ("/[]", []),
        ("/****************************************************************x", []),
    ],
)
def test_patterns(pattern, wanted):
    assert list(ROOM.matching(pattern)) == wanted


@pytest.mark.parametrize("pattern", ["/ro[om", "/ro{om,", "/[", "/{"])
def test_an_open_bracket_is_refused(pattern):
    with pytest.raises(DatagramError):
        ROOM.matching(pattern)


def test_no_addresses_no_meaning():
    assert Addresses([]).matching("/*") == ()


def test_the_same_address_twice_is_one():
    assert Addresses(["/a", "/a"]).matching("/?") == ("/a",)


def slowly(pattern, address):
    """The same by definition: every way is tried."""
    if not pattern:
        return not address
    head, rest = pattern[0], pattern[1:]
    free = bool(address) and address[0] != "/"
    if head == "*":
        return slowly(rest, address) or (free and slowly(pattern, address[1:]))
    if head == "?":
        return free and slowly(rest, address[1:])
    if head == "[":
        inside, _, rest = rest.partition("]")
        listed = set(inside.removeprefix("!"))
        return free and (address[0] in listed) != inside.startswith("!") and slowly(rest, address[1:])
    if head == "{":
        inside, _, rest = rest.partition("}")
        return any(address.startswith(w) and slowly(rest, address[len(w) :]) for w in inside.split(","))
    return address.startswith(head) and slowly(rest, address[1:])


elements = st.sampled_from(["a", "b", "/", "*", "?", "[a]", "[!a]", "[ab]", "{a,ab}", "{,b}", "{b,ba,a}"])


@settings(deadline=None, max_examples=300)
@given(
    st.lists(elements, max_size=8).map(lambda rest: "/" + "".join(rest)),
    st.lists(st.text("ab/", max_size=7).map(lambda rest: "/" + rest), max_size=12, unique=True),
)
def test_all_at_once_is_the_same_as_one_by_one(pattern, addresses):
    assert list(Addresses(addresses).matching(pattern)) == [a for a in addresses if slowly(pattern, a)]
