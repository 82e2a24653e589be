"""The merchant gateway: the merchant API that existing SDKs speak, on top of `pay`.

A shop's program asks here with the SDK it has; nothing of it changes but the address and the keys.
The API's own words (trade, out_trade_no, auth_no, biz_content) stay inside this room: a *method*
reads its declared fields, asks `pay` in the words of pay, and writes a *node*. Every request is
verified over its exact bytes and every answer is signed over its exact bytes, always with HTTP 200.
"""
