"""Drives PyPI `python-alipay-sdk`, unmodified: a JSON object a line in, one a line out.

    {"do": "call", "method": "alipay.trade.query", "content": {…}, "extra": {"notify_url": …}}
    {"do": "verify", "notice": {…}}      whether the SDK believes a notice
    {"do": "page", "method": …, "content": {…}, "extra": {…}}     the address for a browser

The first line is the configuration: gateway, app_id, private_key, gateway_public_key.
"""

import json
import sys
from typing import Any

from alipay import AliPay, DCAliPay  # type: ignore[import-not-found]
from alipay.exceptions import AliPayException  # type: ignore[import-not-found]

NAMED = {
    "alipay.trade.precreate": ("api_alipay_trade_precreate", ("subject", "out_trade_no", "total_amount")),
    "alipay.trade.pay": ("api_alipay_trade_pay", ("out_trade_no", "scene", "auth_code", "subject")),
    "alipay.trade.create": ("api_alipay_trade_create", ("subject", "out_trade_no", "total_amount")),
    "alipay.trade.query": ("api_alipay_trade_query", ()),
    "alipay.trade.refund": ("api_alipay_trade_refund", ("refund_amount",)),
    "alipay.trade.cancel": ("api_alipay_trade_cancel", ()),
    "alipay.trade.close": ("api_alipay_trade_close", ()),
    "alipay.trade.fastpay.refund.query": ("api_alipay_trade_fastpay_refund_query", ("out_request_no",)),
    "alipay.trade.order.settle": (
        "api_alipay_trade_order_settle", ("out_request_no", "trade_no", "royalty_parameters"),
    ),
}  # fmt: skip
"""Methods that the SDK has a function for; the others go through its general one."""
PAGES = {
    "alipay.trade.page.pay": "api_alipay_trade_page_pay",
    "alipay.trade.wap.pay": "api_alipay_trade_wap_pay",
}


def call(sdk: Any, asked: dict[str, Any]) -> Any:
    """Ask by the SDK's own function where it has one that takes these fields."""
    method, content, extra = asked["method"], dict(asked["content"]), asked.get("extra", {})
    name, needed = NAMED.get(method, ("", ()))
    takes_extra = method in {"alipay.trade.precreate", "alipay.trade.pay"} or not extra
    if name and takes_extra and all(field in content for field in needed):
        given = content | extra
        if method == "alipay.trade.create":
            given.setdefault("buyer_id", None)
        return getattr(sdk, name)(**given)
    return sdk.server_api(method, content, **extra)


def answer(sdk: Any, config: dict[str, Any], asked: dict[str, Any]) -> Any:
    """Do what one line asks for."""
    if asked["do"] == "verify":
        notice = dict(asked["notice"])
        return sdk.verify(notice, notice.pop("sign"))
    if asked["do"] == "page":
        content, extra = dict(asked["content"]), asked.get("extra", {})
        name = PAGES.get(asked["method"])
        if name:
            page = getattr(sdk, name)(**content, **extra)
        else:
            page = sdk.client_api(asked["method"], content, **extra)
        return {"verb": "GET", "url": f"{config['gateway']}?{page}", "form": {}}
    return call(sdk, asked)


def main() -> None:
    """Answer until the input ends."""
    config = json.loads(sys.stdin.readline())
    given = {"appid": config["app_id"], "app_private_key_string": config["private_key"]}
    if config.get("mode") == "certificates":
        sdk = DCAliPay(
            **given,
            app_public_key_cert_string=config["app_certificate"],
            alipay_public_key_cert_string=config["gateway_certificate"],
            alipay_root_cert_string=config["root_certificate"],
        )
    else:
        sdk = AliPay(
            **given, app_notify_url=None, alipay_public_key_string=config["gateway_public_key"]
        )
    sdk._gateway = config["gateway"]  # the documented way: there is no argument for it
    for line in sys.stdin:
        try:
            said: dict[str, Any] = {"answer": answer(sdk, config, json.loads(line))}
        except AliPayException as error:
            said = {"error": str(error)}
        except Exception as error:  # noqa: BLE001  # whatever the SDK raises is its answer
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), flush=True)


main()
