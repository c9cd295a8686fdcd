"""Where a server stands."""

from __future__ import annotations


def is_near(url: str) -> bool:
    """Whether a server stands on this machine or in the house's own network."""
    import ipaddress
    from urllib.parse import urlsplit

    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".lan", ".internal"))
