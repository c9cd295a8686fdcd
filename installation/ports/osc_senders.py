"""Who may send to the port, and how fast. Pure: `now` is given."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from installation.errors import PortError

MOST_HOSTS = 256  # whose allowance is kept apart; those beyond share one
MOST_SENDERS = 1_024  # hosts with their port numbers, remembered to be quick
SHARE = 512  # bytes of a packet that cost one of the packets allowed a second


class Allowance:
    """A bucket that refills at `rate` packets a second and holds one second's worth."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = self._left = rate
        self._last = now

    def spend(self, packets: int, now: float) -> bool:
        """Whether that many packets may pass; then they are taken off."""
        self._left = min(self._rate, self._left + (now - self._last) * self._rate)
        self._last = now
        if self._left < packets:
            return False
        self._left -= packets
        return True

    def rested(self, now: float) -> bool:
        """Whether it is full again, so that forgetting it changes nothing."""
        return self._left + (now - self._last) * self._rate >= self._rate


class Sender:
    """One host and port. `allowance` is None where there is no limit."""

    __slots__ = ("allowance", "allowed", "name")

    def __init__(self, name: str, allowed: bool, allowance: Allowance | None) -> None:
        self.name = name
        self.allowed = allowed
        self.allowance = allowance


class Senders:
    """All who have sent of late. `allow`: addresses and networks (`10.0.0.7`, `192.168.1.0/24`); none
    means everybody. `rate`: packets a second for each host, a packet counting once for each 512 bytes
    begun. This machine itself is always allowed and without limit.

    Memory stays bounded whoever sends. Raises PortError where `allow` names no address."""

    def __init__(self, allow: Iterable[str], rate: float) -> None:
        try:
            self._allow = tuple(ip_network(text, strict=False) for text in allow)
        except ValueError as error:
            raise PortError(
                f"venue: allow: {error}; write addresses such as 192.168.1.20 or 192.168.1.0/24"
            ) from None
        self._rate = rate
        self._known: dict[tuple[object, ...], Sender] = {}
        self._hosts: dict[str, Allowance] = {}
        self._others = Allowance(rate, 0.0)

    @staticmethod
    def is_ours(host: str) -> bool:
        """Whether only this machine itself can be there."""
        return ip_address(host).is_loopback

    def find(self, where: tuple[object, ...], now: float) -> Sender:
        """The sender at a socket's address (host, port, ...)."""
        sender = self._known.get(where)
        if sender is None:
            if len(self._known) >= MOST_SENDERS:
                self._known.clear()
            sender = self._known[where] = self._meet(str(where[0]), where[1], now)
        return sender

    def _meet(self, host: str, port: object, now: float) -> Sender:
        address = ip_address(host)
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        name = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
        if address.is_loopback:
            return Sender(name, True, None)
        allowed = not self._allow or any(address in network for network in self._allow)
        return Sender(name, allowed, self._allowance(str(address), now))

    def _allowance(self, host: str, now: float) -> Allowance:
        kept = self._hosts.get(host)
        if kept is None and len(self._hosts) >= MOST_HOSTS:
            self._hosts = {name: each for name, each in self._hosts.items() if not each.rested(now)}
            self._known.clear()
        if kept is None and len(self._hosts) >= MOST_HOSTS:
            return self._others
        return self._hosts.setdefault(host, kept or Allowance(self._rate, now))
