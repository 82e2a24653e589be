"""No message is sent into the operator's own network, whatever its address is written like."""

import ipaddress

import pytest

from counterfoil.courier import AddressForbidden, AddressInvalid, Guard

PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e")
INSIDE = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::", "2001:db8::1",
    "2001:0:7f00:1::", "fec0::1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused_in_every_notation(address: str) -> None:
    """Loopback, private, link-local, groups, and an IPv4 address hidden in an IPv6 one."""
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressForbidden):
        Guard().check_url(f"http://{literal}:8080/told")
    with pytest.raises(AddressForbidden):
        Guard().check("shop.example", [ipaddress.ip_address(address)])


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_connected_to(address: str) -> None:
    """The guard does not stand in the way of anybody's shop."""
    assert str(Guard().check("shop.example", [ipaddress.ip_address(address)])) == address


def test_a_name_for_a_public_and_a_private_address_is_refused() -> None:
    """Whoever answers with both hopes that the second is taken."""
    found = [ipaddress.ip_address(one) for one in (PUBLIC[0], "10.0.0.1")]
    with pytest.raises(AddressForbidden):
        Guard().check("shop.example", found)
    with pytest.raises(AddressForbidden):
        Guard().check("shop.example", [])


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "shop.localhost", "db.internal"])
def test_a_local_name_is_refused_before_it_is_looked_up(host: str) -> None:
    """The merchant is told at once, when the order is made."""
    with pytest.raises(AddressForbidden):
        Guard().check_url(f"http://{host}/told")


@pytest.mark.parametrize(
    "url",
    ["", "told", "ftp://shop.example/", "file:///etc/passwd", "http://", "http:///told",
     "http://user:word@shop.example/", "http://shop.example:0/", "http://shop.example:99999/",
     "http://sh op.example/", "http://[::1", "http://shop.example/\r\nHost: a", "http://茶.example/",
     "http://shop.example/" + "a" * 1024, "gopher://shop.example/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    """Only http and https, without a password, in printable ASCII."""
    with pytest.raises(AddressInvalid):
        Guard().check_url(url)


def test_the_operator_opens_hosts_and_networks_by_name() -> None:
    """A shop in the same building is the operator's decision."""
    guard = Guard.opened(["tills.internal", "10.1.0.0/16", "::1"])
    assert guard.check_url("http://Tills.Internal/told") == "tills.internal"
    assert guard.check_url("http://10.1.2.3/told") == "10.1.2.3"
    assert guard.check_url("http://[::1]/told") == "::1"
    guard.check("tills.internal", [ipaddress.ip_address("192.168.1.1")])
    with pytest.raises(AddressForbidden):
        guard.check_url("http://10.2.0.1/told")
