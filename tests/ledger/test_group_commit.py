"""Callers that ask at the same time share a commit, and each has its own answer after it."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from counterfoil.kernel.database import Database
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.ledger import (
    Flags,
    Outcome,
    Posted,
    Refusal,
    Request,
    Transfer,
    TransferRefused,
)
from tests.ledger.given import Village, eur, log_of, meddle, one_commit, pay, village, wait_until


def count_commits(v: Village) -> list[int]:
    commits: list[int] = []
    v.ledger._writer.on_commit.append(lambda _rows: commits.append(v.ledger._writer.state.seq))
    return commits


def test_callers_on_an_event_loop_share_commits(database_url: str) -> None:
    """64 callers, each awaiting its own transfers, have their own answers from few commits."""
    v = village(database_url)
    v.fund(v.alice, 64 * 20)
    commits = count_commits(v)

    async def caller(number: int) -> None:
        for _ in range(20):
            payment = pay(v.alice, v.bob, 1, code=number)
            (posted,) = await v.ledger.post_async(payment)
            assert posted.id == payment.id
            assert commits[-1] >= posted.seq, "it was answered before its commit"
        with pytest.raises(TransferRefused) as refused:
            await v.ledger.post_async(pay(v.bob, v.bob, 1))
        assert refused.value.refusal is Refusal.SAME_ACCOUNT

    async def everyone() -> None:
        await asyncio.gather(*(caller(number) for number in range(64)))

    with v.ledger as ledger:
        asyncio.run(everyone())
        assert ledger.seq == 1 + 64 * 20
        assert len(commits) <= 64 * 20 // 8
        assert ledger.balances(v.bob).balance == eur(64 * 20)


def test_threads_share_commits(database_url: str) -> None:
    """16 threads post single transfers, chains and refusals; each gets what it asked for."""
    v = village(database_url)
    commits = count_commits(v)

    def caller(number: int) -> int:
        for _ in range(15):
            chain = [pay(v.mint, v.alice, number), pay(v.alice, v.bob, number)]
            assert [posted.id for posted in v.ledger.post(*chain)] == [one.id for one in chain]
            with pytest.raises(TransferRefused, match=r"has 0\.00 EUR available"):
                v.ledger.post(pay(v.mint, v.bob, 1), pay(v.alice, v.mint, 10**6))
        return number

    with v.ledger as ledger, ThreadPoolExecutor(16) as threads:
        assert list(threads.map(caller, range(1, 17))) == list(range(1, 17))
        assert ledger.seq == 16 * 15 * 2
        assert len(commits) < 16 * 15
        assert ledger.balances(v.bob).balance == eur(15 * sum(range(1, 17)))
        log = log_of(ledger)
        pairs = log["amount"].reshape(-1, 2)
        assert (pairs[:, 0] == pairs[:, 1]).all(), "a chain was torn apart"


def test_nobody_is_answered_before_the_commit(database_url: str) -> None:
    """While the database is still writing, the caller waits; when it fails, the caller hears it."""
    v = village(database_url)
    arrived, may_go = threading.Event(), threading.Event()

    def fail(database: Database) -> None:
        arrived.set()
        may_go.wait(20)
        raise StoreUnavailable("The disk is gone.")

    payment = pay(v.mint, v.alice, 5)
    with v.ledger as ledger:
        meddle(ledger, fail)
        future = ledger.submit(Request((payment,)))
        assert arrived.wait(20)
        assert not future.done()
        may_go.set()
        with pytest.raises(StoreUnavailable, match="The disk is gone"):
            future.result(20)
        assert (ledger.seq, ledger.balances(v.alice).balance) == (0, eur(0))
        assert ledger.post(payment)[0].seq == 1


def test_an_answer_that_was_lost_is_given_when_asked_again(database_url: str) -> None:
    """When the commit went through and the line died, the retry finds the first result."""
    v = village(database_url)

    def commit_and_die(database: Database) -> None:
        database.commit()
        raise StoreUnavailable("The line is dead.")

    payment = pay(v.mint, v.alice, 5)
    with v.ledger as ledger:
        meddle(ledger, commit_and_die)
        with pytest.raises(StoreUnavailable):
            ledger.post(payment)
        posted = ledger.post(payment)[0]
        assert (posted.seq, posted.replayed) == (1, True)
        assert ledger.balances(v.alice).balance == eur(5)


def test_a_caller_who_gives_up_disturbs_nobody(database_url: str) -> None:
    """Cancelling an awaiting caller leaves the others their answers and the ledger running."""
    v = village(database_url)

    async def story() -> list[list[Posted]]:
        with one_commit(v.ledger):
            tasks = [
                asyncio.create_task(v.ledger.post_async(pay(v.mint, v.alice, minor)))
                for minor in (1, 10, 100)
            ]
            await asyncio.sleep(0)
            tasks[1].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[1], asyncio.CancelledError)
        return [answer for answer in answers if isinstance(answer, list)]

    with v.ledger as ledger:
        answers = asyncio.run(story())
        assert [answer[0].seq for answer in answers] == [1, 3]
        assert ledger.balances(v.alice).balance == eur(111)


def test_an_event_loop_that_ends_disturbs_nobody(database_url: str) -> None:
    """A loop that is closed while its request is under way does not stop the ledger."""
    v = village(database_url)

    async def leave() -> None:
        task = asyncio.create_task(v.ledger.post_async(pay(v.mint, v.alice, 1)))
        await asyncio.sleep(0)
        task.cancel()

    with v.ledger as ledger:
        with one_commit(ledger):
            asyncio.run(leave())
        wait_until(lambda: ledger.seq == 1)
        v.fund(v.alice, 1)


def test_a_submitted_request_cannot_be_taken_back(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It will be done, so its future does not pretend to be cancelled."""
    v = village(database_url)
    with v.ledger as ledger:
        with one_commit(ledger):
            future = ledger.submit(Request((pay(v.mint, v.alice, 1),)))
            assert not future.cancel()
        assert future.result(20)[0].seq == 1
    assert not caplog.messages


def test_closing_answers_who_is_waiting(database_url: str) -> None:
    """Requests that were queued before the ledger closes are made; later ones are refused."""
    v = village(database_url)
    ledger = v.ledger
    closing = threading.Thread(target=ledger.close)
    with one_commit(ledger):
        futures = [ledger.submit(Request((pay(v.mint, v.alice, 1),))) for _ in range(50)]
        closing.start()
        wait_until(lambda: ledger._group._closing)
        with pytest.raises(RuntimeError, match="the ledger is closed"):
            ledger.submit(Request((pay(v.mint, v.alice, 1),)))
    assert [future.result(20)[0].seq for future in futures] == list(range(1, 51))
    closing.join()


def test_a_request_has_a_limit(database_url: str) -> None:
    """What is longer than one commit can take is refused at once, and nothing is made."""
    v = village(database_url)
    long = [pay(v.mint, v.alice, 1) for _ in range(8193)]
    chain = [pay(v.mint, v.alice, 1, flags=Flags.LINKED) for _ in range(8192)]
    with v.ledger as ledger:
        with pytest.raises(ValueError, match="at most 8192"):
            ledger.post(*long)
        with pytest.raises(ValueError, match="a chain has at most 8192"):
            ledger.post_each([pay(v.mint, v.alice, 1), *chain, pay(v.mint, v.alice, 1)])
        assert ledger.seq == 0
        ledger.post_each([*chain[1:], pay(v.mint, v.alice, 1)])
        assert ledger.seq == 8192


def test_numbers_that_do_not_fit_are_refused_to_their_caller_alone(database_url: str) -> None:
    """A code or an account number past 32 bits is an error of its caller; the ledger goes on."""
    v = village(database_url)
    with v.ledger as ledger:
        for wrong in (
            pay(v.mint, v.alice, 1, code=1 << 31),
            pay(v.mint, type(v.mint)(1 << 40), 1),
            pay(v.mint, v.alice, 1, flags=Flags(1 << 33)),
        ):
            with pytest.raises(ValueError, match="does not fit into 32 bits"):
                ledger.post(wrong)
            with pytest.raises(ValueError, match="does not fit into 32 bits"):
                ledger.post_each([wrong])
        v.fund(v.alice, 1)


def is_posted(outcomes: list[Outcome]) -> list[bool]:
    return [isinstance(outcome, Posted) for outcome in outcomes]


def test_chains_are_not_torn_between_two_commits(database_url: str) -> None:
    """However many transfers are posted at once, a chain stands or falls as one."""
    v = village(database_url)
    asked: list[Transfer] = []
    while len(asked) < 16_000:
        asked += [pay(v.mint, v.alice, 1, flags=Flags.LINKED) for _ in range(6)]
        asked += [pay(v.mint if len(asked) % 3 else v.bob, v.alice, 1)]
    with v.ledger as ledger:
        outcomes = is_posted(ledger.post_each(asked))
        chains = [outcomes[k : k + 7] for k in range(0, len(outcomes), 7)]
        assert {tuple(chain) for chain in chains} == {(True,) * 7, (False,) * 7}
        assert ledger.seq == sum(outcomes)


def test_an_open_chain_does_not_reach_into_the_next_request(database_url: str) -> None:
    """A caller who forgets to end a chain is told so, and its neighbor in the commit is not hurt."""
    v = village(database_url)
    with v.ledger as ledger:
        with one_commit(ledger):
            open_chain = ledger.submit(Request((pay(v.mint, v.alice, 1, flags=Flags.LINKED),)))
            good = ledger.submit(Request((pay(v.mint, v.alice, 10),)))
            bad = ledger.submit(Request((pay(v.bob, v.alice, 100),)))
        with pytest.raises(TransferRefused) as refused:
            open_chain.result(20)
        assert refused.value.refusal is Refusal.CHAIN_OPEN
        assert good.result(20)[0].seq == 1
        with pytest.raises(TransferRefused) as refused:
            bad.result(20)
        assert refused.value.refusal is Refusal.EXCEEDS_CREDITS
        assert ledger.balances(v.alice).balance == eur(10)
