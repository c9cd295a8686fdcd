import pytest

from installation.errors import PortError
from installation.ports.osc_senders import MOST_HOSTS, MOST_SENDERS, Allowance, Senders


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_always_allowed_and_without_limit(host):
    sender = Senders(["10.0.0.7"], 1).find((host, 5), 0)

    assert sender.allowed
    assert sender.allowance is None


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("10.0.0.7", True),
        ("10.0.0.8", False),
        ("192.168.1.99", True),
        ("::ffff:10.0.0.7", True),
        ("fe80::1%2", True),
        ("2001:db8::1", False),
    ],
)
def test_addresses_and_networks_are_allowed(host, allowed):
    assert Senders(["10.0.0.7", "192.168.1.1/24", "fe80::/10"], 1).find((host, 5), 0).allowed is allowed


def test_without_a_list_everybody_is_allowed():
    assert Senders([], 1).find(("8.8.8.8", 5), 0).allowed


def test_a_name_instead_of_an_address_is_told():
    with pytest.raises(PortError, match=r"allow: .*'max-machine'.*192\.168\.1\.20"):
        Senders(["max-machine"], 1)


def test_names_are_as_people_write_them():
    senders = Senders([], 1)

    assert senders.find(("10.0.0.7", 5), 0).name == "10.0.0.7:5"
    assert senders.find(("::ffff:10.0.0.7", 5, 0, 0), 0).name == "10.0.0.7:5"
    assert senders.find(("2001:db8::1", 5, 0, 0), 0).name == "[2001:db8::1]:5"


def test_a_second_holds_the_rate_and_a_pause_fills_it_again():
    allowance = Allowance(100, now=0)

    assert sum(allowance.spend(1, 0) for _ in range(300)) == 100
    assert sum(allowance.spend(1, 0.5) for _ in range(300)) == 50
    assert sum(allowance.spend(1, 60) for _ in range(300)) == 100


def test_one_host_has_one_allowance_whatever_port_it_sends_from():
    senders = Senders([], 10)

    passed = sum(senders.find(("10.0.0.7", port), 0).allowance.spend(1, 0) for port in range(100))

    assert passed == 10
    assert senders.find(("10.0.0.8", 1), 0).allowance.spend(1, 0)


def test_memory_is_bounded_and_strangers_share():
    senders = Senders([], 10)
    passed = 0
    for k in range(5_000):
        passed += senders.find((f"10.0.{k // 250}.{k % 250}", 5), 0).allowance.spend(10, 0)

    assert passed == MOST_HOSTS + 1
    assert len(senders._hosts) <= MOST_HOSTS
    assert len(senders._known) <= MOST_SENDERS


def test_rested_hosts_make_room():
    senders = Senders([], 10)
    for k in range(MOST_HOSTS):
        senders.find((f"10.0.{k // 250}.{k % 250}", 5), 0).allowance.spend(10, 0)

    newcomers = [senders.find((f"10.9.9.{k}", 5), 60).allowance for k in range(3)]

    assert len(set(map(id, newcomers))) == 3
