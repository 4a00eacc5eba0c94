"""One-time links and sessions."""

from __future__ import annotations

from desk_people import Clock

from review_ui.sessions import Identity, SessionBook

ASHA, BINA = Identity(1, "Asha"), Identity(2, "Bina")


def test_a_link_opens_one_session_once() -> None:
    book = SessionBook()
    link = book.issue_link(ASHA)
    session_id = book.redeem(link)
    assert session_id is not None
    found = book.find(session_id)
    assert found is not None
    assert found.identity == ASHA
    assert book.redeem(link) is None
    assert book.issued_to(link) == ASHA


def test_secrets_differ_and_are_long() -> None:
    book = SessionBook()
    secrets = {book.issue_link(ASHA) for _ in range(50)}
    assert len(secrets) == 50
    assert min(map(len, secrets)) >= 43


def test_an_unknown_link_or_session_opens_nothing() -> None:
    book = SessionBook()
    book.issue_link(ASHA)
    assert book.redeem("guess") is None
    assert book.issued_to("guess") is None
    assert book.find("guess") is None
    assert book.find("") is None
    assert book.find(None) is None
    assert book.find("\udcff") is None


def test_a_link_is_no_session_and_a_session_no_link() -> None:
    book = SessionBook()
    link = book.issue_link(ASHA)
    assert book.find(link) is None
    session_id = book.redeem(link)
    assert session_id is not None
    assert book.redeem(session_id) is None


def test_a_session_ends_after_its_time() -> None:
    clock = Clock()
    book = SessionBook(clock=clock, max_age_s=60)
    session_id = book.redeem(book.issue_link(ASHA))
    clock.wait(59)
    assert book.find(session_id) is not None
    clock.wait(1)
    assert book.find(session_id) is None


def test_links_of_several_people_are_kept_apart() -> None:
    book = SessionBook()
    first, second = book.redeem(book.issue_link(ASHA)), book.redeem(book.issue_link(BINA))
    found = [book.find(first), book.find(second)]
    assert [one.identity.name for one in found if one] == ["Asha", "Bina"]


def test_a_waiting_link_is_known_until_it_is_opened() -> None:
    book = SessionBook()
    assert not book.has_unused_link(ASHA)
    link = book.issue_link(ASHA)
    assert book.has_unused_link(ASHA)
    assert not book.has_unused_link(BINA)
    book.redeem(link)
    assert not book.has_unused_link(ASHA)
