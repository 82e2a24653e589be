"""Keys to sign with, made once: a key of 2,048 bits takes a while."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


@cache
def shop_key() -> RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def unknown_key() -> RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)
