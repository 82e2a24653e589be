"""Every way a message is not sent on.

CourierError
├── AddressInvalid       it is no http or https address that a message can be sent to
├── AddressForbidden     it leads into a network that the operator has not opened
└── DeliveryNotFound     there is no such delivery
"""

from counterfoil.kernel.errors import CounterfoilError


class CourierError(CounterfoilError):
    """A message is not sent on."""

    code = "courier.error"


class AddressInvalid(CourierError):
    """An address is not one that a message can be sent to."""

    code = "courier.address-invalid"


class AddressForbidden(CourierError):
    """An address leads to this machine or into a private network."""

    code = "courier.address-forbidden"


class DeliveryNotFound(CourierError):
    """There is no delivery with this id."""

    code = "courier.delivery-not-found"
