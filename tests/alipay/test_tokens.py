"""Codes of a person's consent: good across restarts and processes, and once, whoever asks how often."""

from concurrent.futures import ThreadPoolExecutor

from counterfoil.alipay.tokens import Grant, Tokens
from counterfoil.kernel.database import single
from tests.alipay.world import SECRET, Shop


def another_process(bakery: Shop) -> Tokens:
    """Open tokens as a process does that was started just now: it remembers nothing."""
    return Tokens(SECRET, bakery.street.bank.town.ledger, bakery.rooms.reading)


def test_a_code_is_exchanged_once_however_many_ask_at_once(bakery: Shop) -> None:
    """Of 16 exchanges at once, in two processes, one is answered; later none, there or elsewhere."""
    grant = Grant(bakery.street.alice, bakery.application.id, "auth_base")
    code = bakery.rooms.tokens.code(grant, bakery.street.now)
    both = [bakery.rooms.tokens, another_process(bakery)]

    def exchange(place: int) -> Grant | None:
        return both[place % 2].redeem(code, grant.application, bakery.street.now)

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(exchange, range(16)))
    assert [one for one in found if one] == [grant]
    assert another_process(bakery).redeem(code, grant.application, bakery.street.now) is None
    node = bakery.ask("alipay.system.oauth.token", {}, grant_type="authorization_code", code=code)
    assert (node["code"], node["sub_code"]) == ("40002", "isv.code-invalid")


def test_a_code_that_was_made_before_a_restart_is_good_after_it(bakery: Shop) -> None:
    """For five minutes; then it is over, and that it was exchanged is forgotten."""
    grant = Grant(bakery.street.alice, bakery.application.id, "auth_base")
    early, late = (bakery.rooms.tokens.code(grant, bakery.street.now) for _ in range(2))
    tokens = another_process(bakery)
    bakery.street.wait(seconds=Tokens.CODE_S - 1)
    assert tokens.redeem(early, grant.application, bakery.street.now) == grant
    assert tokens.forget(bakery.street.now) == 0
    bakery.street.wait(seconds=2)
    assert tokens.redeem(late, grant.application, bakery.street.now) is None
    assert tokens.forget(bakery.street.now) == 1
    with bakery.rooms.reading.lend() as database:
        assert single(database.query("SELECT count(*) AS n FROM redeemed_codes")) == 0
    assert tokens.redeem(early, grant.application, bakery.street.now) is None


def test_a_code_written_otherwise_is_the_same_code(bakery: Shop) -> None:
    """Base64 has several texts for the same bytes; none of them is a second code."""
    grant = Grant(bakery.street.alice, bakery.application.id, "auth_base")
    code = bakery.rooms.tokens.code(grant, bakery.street.now)
    assert bakery.rooms.tokens.redeem(code, grant.application, bakery.street.now) == grant
    padded = code + "=" * (-len(code) % 4)
    endings = [code[:-1] + sign for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"]
    for text in (padded, *endings):
        assert bakery.rooms.tokens.redeem(text, grant.application, bakery.street.now) is None
