"""The same request twice: its work is done once, and both get the same answer."""

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.requests import Request

from muster.accounts import users
from muster.accounts.room import AccountsRoom
from muster.db.database import Connection, Database
from muster.errors import Conflict, InputError, Unavailable
from muster.ids import UserId
from muster.web.idempotency import LEASE, Answer, Idempotency, Keyed, fingerprint, key_of
from tests.support.clock import SettableClock

KEEP = timedelta(hours=24)
SECRET = b'{"session_token":"sess_secret_of_the_answer"}'
ANSWER = Answer(200, SECRET)
KEY = "order-4711-of-the-client"
Work = Callable[[Callable[[Connection, Answer], None]], Answer]


@dataclasses.dataclass
class Worker:
    """Work that writes nothing but its answer, and counts how often it ran to its end."""

    database: Database
    answer: Answer = ANSWER
    runs: int = 0
    counting: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    def __call__(self, remember: Callable[[Connection, Answer], None]) -> Answer:
        with self.database.begin() as connection:
            remember(connection, self.answer)
        with self.counting:
            self.runs += 1
        return self.answer


@pytest.fixture
def remembered(database: Database, clock: SettableClock) -> Idempotency:
    return Idempotency(database, clock, KEEP)


@pytest.fixture
def ana(database: Database) -> UserId:
    return users.create(AccountsRoom(db=database), "ana@example.com").id


@pytest.fixture
def bob(database: Database, ana: UserId) -> UserId:
    return users.create(AccountsRoom(db=database), "bob@example.com").id


@pytest.fixture
def work(database: Database) -> Worker:
    return Worker(database)


def keyed(user: UserId, key: str = KEY, request: str = "a" * 64) -> Keyed:
    return Keyed(user, key, request)


def stored(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM idempotency_keys"))]


def test_the_same_request_again_gets_the_stored_answer(
    remembered: Idempotency, ana: UserId, work: Worker
) -> None:
    first = remembered.once(keyed(ana), work)
    second = remembered.once(keyed(ana), work)
    assert (first.status, first.body, first.replayed) == (200, SECRET, False)
    assert (second.status, second.body, second.replayed) == (200, SECRET, True)
    assert work.runs == 1


def test_without_a_key_every_request_is_worked_on(
    remembered: Idempotency, work: Worker, database: Database
) -> None:
    for _ in range(2):
        assert remembered.once(None, lambda _: work.answer).replayed is False
    assert stored(database) == []


def test_a_key_used_for_another_request_is_refused_even_while_the_first_runs(
    remembered: Idempotency, ana: UserId, work: Worker
) -> None:
    def nested(remember: Callable[[Connection, Answer], None]) -> Answer:
        with pytest.raises(Conflict) as refused:
            remembered.once(keyed(ana, request="b" * 64), work)
        assert refused.value.error_code == "idempotency_key_reused"
        return work(remember)

    remembered.once(keyed(ana), nested)
    with pytest.raises(Conflict) as refused:
        remembered.once(keyed(ana, request="b" * 64), work)
    assert refused.value.error_code == "idempotency_key_reused"
    assert work.runs == 1


def test_while_the_first_runs_the_second_is_told_to_come_back(
    remembered: Idempotency, ana: UserId, work: Worker
) -> None:
    def nested(remember: Callable[[Connection, Answer], None]) -> Answer:
        with pytest.raises(Conflict) as refused:
            remembered.once(keyed(ana), work)
        assert refused.value.error_code == "idempotency_key_in_use"
        assert refused.value.retry_after_seconds == 1
        return work(remember)

    remembered.once(keyed(ana), nested)
    assert work.runs == 1


@pytest.mark.parametrize(
    "failure", [InputError("no"), Unavailable("no"), ValueError("a bug"), KeyboardInterrupt()]
)
def test_a_failure_releases_the_key(
    remembered: Idempotency, ana: UserId, work: Worker, database: Database, failure: BaseException
) -> None:
    def failing(remember: Callable[[Connection, Answer], None]) -> Answer:
        with database.begin() as connection:
            remember(connection, Answer(200, SECRET))
            raise failure

    with pytest.raises(type(failure)):
        remembered.once(keyed(ana), failing)
    assert stored(database) == []
    # Even with another body: nothing was done under this key.
    assert remembered.once(keyed(ana, request="b" * 64), work).replayed is False


def test_an_answer_that_was_committed_is_kept_though_the_request_failed_behind_it(
    remembered: Idempotency, ana: UserId, work: Worker
) -> None:
    def failing(remember: Callable[[Connection, Answer], None]) -> Answer:
        work(remember)
        raise ValueError("after the commit")

    with pytest.raises(ValueError, match="after the commit"):
        remembered.once(keyed(ana), failing)
    assert remembered.once(keyed(ana), work).replayed is True
    assert work.runs == 1


def test_a_hundred_at_once_do_the_work_once(remembered: Idempotency, ana: UserId, work: Worker) -> None:
    together = threading.Barrier(100, timeout=60)

    def send(_: int) -> str:
        together.wait()
        try:
            answer = remembered.once(keyed(ana), work)
        except Conflict as error:
            return error.error_code
        assert answer.body == SECRET
        return "replayed" if answer.replayed else "worked"

    with ThreadPoolExecutor(100) as pool:
        said = list(pool.map(send, range(100)))
    assert said.count("worked") == work.runs == 1
    assert set(said) <= {"worked", "replayed", "idempotency_key_in_use"}
    assert remembered.once(keyed(ana), work).replayed is True


def test_a_key_is_forgotten_after_its_time_and_not_before(
    remembered: Idempotency, ana: UserId, work: Worker, clock: SettableClock
) -> None:
    remembered.once(keyed(ana), work)
    clock.advance(KEEP.total_seconds())
    assert remembered.once(keyed(ana), work).replayed is True
    clock.advance(1)
    assert remembered.once(keyed(ana, request="b" * 64), work).replayed is False
    assert work.runs == 2


def claimed_by_a_dead_process(remembered: Idempotency, claim: Keyed, at: SettableClock) -> None:
    assert remembered._claim(claim, at()) is None


def test_the_claim_of_a_dead_process_ends_with_its_lease(
    remembered: Idempotency, ana: UserId, work: Worker, clock: SettableClock
) -> None:
    claimed_by_a_dead_process(remembered, keyed(ana), clock)
    clock.advance(LEASE.total_seconds())
    with pytest.raises(Conflict, match="still running"):
        remembered.once(keyed(ana), work)
    clock.advance(1)
    assert remembered.once(keyed(ana), work).replayed is False


def test_a_process_that_slept_through_its_lease_does_not_do_the_work_again(
    remembered: Idempotency, ana: UserId, work: Worker, clock: SettableClock, database: Database
) -> None:
    def sleeping(remember: Callable[[Connection, Answer], None]) -> Answer:
        clock.advance(LEASE.total_seconds() + 1)
        assert remembered.once(keyed(ana), work).replayed is False
        with database.begin() as connection:
            connection.execute(text("UPDATE users SET role = 'owner'"))  # its work, which must not count
            remember(connection, Answer(200, b"late"))
        return Answer(200, b"late")

    with pytest.raises(Conflict, match="still running"):
        remembered.once(keyed(ana), sleeping)
    assert remembered.once(keyed(ana), work).body == SECRET
    assert work.runs == 1


@pytest.mark.parametrize("was_finished", [True, False], ids=["expired answer", "dead claim"])
def test_many_who_take_over_at_once_do_the_work_once(
    remembered: Idempotency,
    ana: UserId,
    work: Worker,
    clock: SettableClock,
    database: Database,
    was_finished: bool,
) -> None:
    for number in range(5):
        claim = keyed(ana, key=f"key {number}")
        old = Answer(200, b"old")
        if was_finished:
            remembered.once(claim, Worker(database, old))
        else:
            claimed_by_a_dead_process(remembered, claim, clock)
        clock.advance(KEEP.total_seconds() + 1)
        before = work.runs
        together = threading.Barrier(12, timeout=60)

        def send(_: int, together: threading.Barrier = together, claim: Keyed = claim) -> bytes:
            together.wait()
            try:
                return remembered.once(claim, work).body
            except Conflict:
                return b"conflict"

        with ThreadPoolExecutor(12) as pool:
            said = set(pool.map(send, range(12)))
        assert work.runs == before + 1
        assert said <= {SECRET, b"conflict"}, "nobody gets the answer that ran out"


def test_a_sweep_forgets_what_is_old_and_nothing_else(
    remembered: Idempotency, ana: UserId, work: Worker, clock: SettableClock, database: Database
) -> None:
    remembered.once(keyed(ana, key="old"), work)
    claimed_by_a_dead_process(remembered, keyed(ana, key="died"), clock)
    clock.advance(LEASE.total_seconds() + 1)
    claimed_by_a_dead_process(remembered, keyed(ana, key="running"), clock)
    assert remembered.sweep(alone=False) == 1
    assert len(stored(database)) == 2
    clock.advance(1)
    assert remembered.sweep(alone=True) == 1
    clock.advance(KEEP.total_seconds())
    assert remembered.sweep(alone=False) == 1
    assert stored(database) == []


def test_answers_survive_a_restart(
    remembered: Idempotency, ana: UserId, work: Worker, clock: SettableClock, database: Database
) -> None:
    remembered.once(keyed(ana), work)
    reopened = Database(database.url.render_as_string(hide_password=False))
    try:
        answer = Idempotency(reopened, clock, KEEP).once(keyed(ana), work)
    finally:
        reopened.close()
    assert (answer.body, answer.replayed) == (SECRET, True)


def test_the_table_holds_neither_the_key_nor_the_answer(
    remembered: Idempotency, ana: UserId, work: Worker, database: Database
) -> None:
    remembered.once(keyed(ana), work)
    [row] = stored(database)
    everything = b"|".join(
        value
        if isinstance(value, bytes)
        else bytes(value)
        if isinstance(value, memoryview)
        else str(value).encode()
        for value in row
    )
    assert len(everything) > 200  # the sealed answer is there
    for secret in (KEY.encode(), b"sess_secret_of_the_answer", b"session_token"):
        assert secret not in everything
    assert KEY not in repr(keyed(ana))


def test_the_same_key_of_another_user_is_another_key(
    remembered: Idempotency, ana: UserId, bob: UserId, work: Worker, database: Database
) -> None:
    remembered.once(keyed(ana), work)
    other = Worker(database, Answer(201, b"bob's"))
    assert remembered.once(keyed(bob, request="b" * 64), other).body == b"bob's"
    assert remembered.once(keyed(ana), work).body == SECRET


def request_with(**headers: str) -> Request:
    return Request(
        {
            "type": "http",
            "method": "POST",
            "path": "/p",
            "query_string": b"q=1",
            "headers": [
                (name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()
            ],
            "server": ("localhost", 80),
            "scheme": "http",
        }
    )


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("abc", "abc"),
        ('"abc"', "abc"),
        ("  abc  ", "abc"),
        ("a b", "a b"),
        ('"', '"'),
        ("x" * 255, "x" * 255),
        ('"' + "x" * 255 + '"', "x" * 255),
        ("~!", "~!"),
    ],
)
def test_a_key_is_taken_bare_or_quoted(header: str, key: str) -> None:
    assert key_of(request_with(idempotency_key=header)) == key


def test_no_header_is_no_key() -> None:
    assert key_of(request_with()) is None


@pytest.mark.parametrize(
    "header", ["", " ", '""', '" "', "x" * 256, "a\tb", "ä", "a\x7f", '"' + "x" * 256 + '"']
)
def test_an_unusable_key_is_refused(header: str) -> None:
    with pytest.raises(InputError) as refused:
        key_of(request_with(idempotency_key=header))
    assert refused.value.error_code == "idempotency_key_invalid"


def test_what_makes_two_requests_the_same_is_method_path_query_and_body() -> None:
    request = request_with()
    same = fingerprint(request, b"body")
    assert fingerprint(request_with(user_agent="other"), b"body") == same
    assert fingerprint(request, b"bod") != same
    for change in ({"method": "PUT"}, {"path": "/q"}, {"query_string": b"q=2"}, {"query_string": b""}):
        assert fingerprint(Request({**request.scope, **change}), b"body") != same
