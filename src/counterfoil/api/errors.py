"""Every way the REST API itself says no; what the rooms below say is in `problems`.

APIError
├── KeyRefused
│   ├── KeyMissing             no key was given
│   ├── KeyUnknown             no such key, or it was revoked
│   └── ScopeMissing           the key may not do this
├── IdempotencyRefused
│   ├── IdempotencyKeyMissing  this request moves or makes something: give it a key of its own
│   ├── IdempotencyKeyInvalid  it is no key
│   ├── IdempotencyKeyReused   it has been used for another request
│   └── IdempotencyKeyBusy     the first request with it is not answered yet
├── FieldsInvalid              a field, parameter or the body cannot be read
├── CursorInvalid              it is none that was handed out for this list
├── NotHere                    there is nothing at this address
│   ├── WebhookNotFound
│   ├── DeliveryNotFound
│   └── APIKeyNotFound
├── MethodWrong                nothing is done so at this address
├── TooLarge                   more than a request may have
├── TooManyWebhooks            a merchant has no more than so many
├── TooManyRequests            the key asks too fast
└── Unexpected                 something failed that nobody thought of
"""

from counterfoil.kernel.errors import CounterfoilError


class APIError(CounterfoilError):
    """A request of the REST API was refused; nothing was changed."""

    code = "api.error"


class KeyRefused(APIError):
    """Whoever asks may not."""

    code = "api.key-refused"


class KeyMissing(KeyRefused):
    """No key was given."""

    code = "api.key-missing"


class KeyUnknown(KeyRefused):
    """There is no such key, or it was revoked."""

    code = "api.key-unknown"


class ScopeMissing(KeyRefused):
    """The key may not do this."""

    code = "api.scope-missing"


class IdempotencyRefused(APIError):
    """A request's key for asking once cannot be used."""

    code = "api.idempotency-refused"


class IdempotencyKeyMissing(IdempotencyRefused):
    """A request that moves or makes something has no key of its own."""

    code = "api.idempotency-key-missing"


class IdempotencyKeyInvalid(IdempotencyRefused):
    """The key is empty, too long, or not plain."""

    code = "api.idempotency-key-invalid"


class IdempotencyKeyReused(IdempotencyRefused):
    """The key has been used for another request."""

    code = "api.idempotency-key-reused"


class IdempotencyKeyBusy(IdempotencyRefused):
    """The first request with this key is not answered yet."""

    code = "api.idempotency-key-busy"
    is_transient = True


class FieldsInvalid(APIError):
    """A field, a parameter or the body cannot be read."""

    code = "api.fields-invalid"


class CursorInvalid(APIError):
    """It is no cursor that was handed out for this list."""

    code = "api.cursor-invalid"


class NotHere(APIError):
    """There is nothing at this address."""

    code = "api.not-found"


class WebhookNotFound(NotHere):
    """The merchant has no such webhook."""

    code = "api.webhook-not-found"


class DeliveryNotFound(NotHere):
    """The merchant was told nothing by this id."""

    code = "api.delivery-not-found"


class APIKeyNotFound(NotHere):
    """The merchant has no such key."""

    code = "api.key-not-found"


class MethodWrong(APIError):
    """Nothing is done by this method at this address."""

    code = "api.method-not-allowed"


class TooLarge(APIError):
    """The request is larger than any may be."""

    code = "api.too-large"


class TooManyWebhooks(APIError):
    """A merchant has no more webhooks than so many."""

    code = "api.too-many-webhooks"


class TooManyRequests(APIError):
    """The key asks more often than a key may."""

    code = "api.too-many-requests"
    is_transient = True


class SecretUnusable(APIError):
    """The file with the API's secret cannot be used."""

    code = "api.secret-unusable"


class Unexpected(APIError):
    """Something failed that nobody thought of; whether it was done is not known."""

    code = "api.unexpected"
    is_transient = True
