"""A model's file: JSON, signed; nothing is read out of one whose signature is not the operator's."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts import ReceiptError, SigningKey, VerifierKey
from counterfoil.receipts.note import parse_signatures
from counterfoil.score.errors import ModelRefused
from counterfoil.score.model import Model, as_json, canonical, from_json

FILE_BYTES_MAX: Final = 1 << 24


def signed(model: Model, key: SigningKey) -> str:
    """Write a model as the text of its file, signed."""
    told = as_json(model)
    # The reader of the file sees lines; what is signed is the canonical form, without any.
    file = {"model": told, "signatures": [str(key.sign(canonical(told)))]}
    return json.dumps(file, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def opened(text: str, keys: Iterable[VerifierKey]) -> Model:
    """Read a model out of the text of its file.

    Raises:
        ModelRefused: it is no model, nobody of these has signed it, or not what stands there.

    """
    try:
        file = json.loads(text)
        told, lines = file["model"], [str(line) for line in file["signatures"]]
        signatures = [one for line in lines for one in parse_signatures(f"{line}\n")]
        text_signed, known = canonical(told), tuple(keys)
    except (ValueError, KeyError, TypeError, RecursionError, ReceiptError) as error:
        raise ModelRefused(
            _("This is no model file; it is JSON with a model and signatures.")
        ) from (error)
    made = [(key, one) for key in known for one in signatures if key.made(one)]
    if not made:
        raise ModelRefused(
            _("Nobody who may sign models here has signed this one; it was not loaded.")
        )
    for key, one in made:
        try:
            key.verify(text_signed, one)
        except ReceiptError as error:
            raise ModelRefused(
                _("This model is not what {name} signed: it was changed afterwards, and was not "
                  "loaded.", name=key.name),
                name=key.name,
            ) from error  # fmt: skip
    return from_json(told)


def write_model(path: Path, model: Model, key: SigningKey) -> None:
    """Write a model's file, whole or not at all.

    Raises:
        ModelRefused: the folder cannot be written.

    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            file.write(signed(model, key))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ModelRefused(
            _("{path} cannot be written: {why}", path=path, why=error.strerror)
        ) from error


def read_model(path: Path, keys: Iterable[VerifierKey]) -> Model:
    """Read a model's file.

    Raises:
        ModelRefused: it cannot be read, or `opened` refuses it.

    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ModelRefused(_("{path} is too large to be a model.", path=path))
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelRefused(_("{path} cannot be read: {why}", path=path, why=error)) from error
    return opened(text, keys)
