"""The operator's own REST API for merchants: plain JSON over HTTP, described as OpenAPI 3.1.

For what the merchant gateway lacks, and for a shop that starts anew. A *key* is a merchant's and has
*scopes*; it reaches that merchant's rows alone. A *problem* is a refusal as RFC 9457 writes it, with the
code of the room that refused. An *answer* is kept by the request's own key, in the commit of what it
did, so that a request that is sent again is answered again and done once. A *cursor* is where a list goes
on. A *webhook* is an address that is told of events, as Standard Webhooks sign it.

    surface = open_surface(site, origin, clock, guard)

What is promised: no refusal without a problem; nothing done twice by one key; who paid is in no answer.
"""
