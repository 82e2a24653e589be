"""Drives PyPI `alipay-sdk-python`, the official one, unmodified: a JSON object a line in and out.

The protocol is that of `python_alipay_sdk.py`. Requests and models are the SDK's own classes; an
answer has been verified by the SDK and read by its own response class.
"""

import html.parser
import importlib
import json
import sys
from typing import Any

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig  # type: ignore[import-not-found]
from alipay.aop.api.DefaultAlipayClient import (  # type: ignore[import-not-found]
    DefaultAlipayClient,
)
from alipay.aop.api.util.SignatureUtils import (  # type: ignore[import-not-found]
    get_sign_content,
    verify_with_rsa,
)


def class_of(method: str, kind: str, package: str) -> Any:
    """Find the SDK's class for a method."""
    name = "".join(part[0].upper() + part[1:] for part in method.split(".")) + kind
    return getattr(importlib.import_module(f"alipay.aop.api.{package}.{name}"), name)


def request_for(asked: dict[str, Any]) -> Any:
    """Make the SDK's request with the SDK's model."""
    method = asked["method"]
    request = class_of(method, "Request", "request")()
    if asked["content"]:
        model = class_of(method, "Model", "domain").from_alipay_dict(asked["content"])
        request.biz_model = model
    for name, value in asked.get("extra", {}).items():
        if hasattr(request, name):
            setattr(request, name, value)
        else:  # the SDK's own way for what its request class does not know
            request.add_other_text_param(name, value)
    return request


class Form(html.parser.HTMLParser):
    """Reads a form as a browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Keep where the form goes, and its hidden fields."""
        given = dict(attrs)
        if tag == "form":
            self.action = given["action"]
        elif tag == "input" and "name" in given:
            self.fields[given["name"]] = given["value"]


def page(client: Any, asked: dict[str, Any]) -> Any:
    """Make the form that a shop sends to its buyer's browser."""
    form = Form()
    form.feed(client.page_execute(request_for(asked)))
    return {"verb": "POST", "url": form.action, "form": form.fields}


def answer(client: Any, config: Any, asked: dict[str, Any]) -> Any:
    """Do what one line asks for."""
    if asked["do"] == "verify":
        notice = dict(asked["notice"])
        sign = notice.pop("sign")
        notice.pop("sign_type")
        text = get_sign_content(notice).encode("utf-8")
        return bool(verify_with_rsa(config.alipay_public_key, text, sign))
    if asked["do"] == "page":
        return page(client, asked)
    text = client.execute(request_for(asked))
    read = class_of(asked["method"], "Response", "response")()
    read.parse_response_content(text)
    return {**json.loads(text), "is_success": read.is_success()}


def main() -> None:
    """Answer until the input ends."""
    given = json.loads(sys.stdin.readline())
    config = AlipayClientConfig()
    config.server_url = given["gateway"]
    config.app_id = given["app_id"]
    config.app_private_key = given["private_key"]
    config.alipay_public_key = given["gateway_public_key"]
    config.charset = given.get("charset", "utf-8")
    client = DefaultAlipayClient(alipay_client_config=config)
    for line in sys.stdin:
        try:
            said: dict[str, Any] = {"answer": answer(client, config, json.loads(line))}
        except Exception as error:  # noqa: BLE001  # whatever the SDK raises is its answer
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), flush=True)


main()
