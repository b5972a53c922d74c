"""What only a server can do: be out of reach, and hang up."""

from collections.abc import Callable
from typing import Any

import pytest

from grader.core.errors import ProgressError, UsageError
from grader.progress import ProgressStore


def test_a_server_out_of_reach_is_explained_without_the_password(postgres_url: str) -> None:
    url = "postgresql://ann:s3cret@127.0.0.1:1/study?password=s3cret&connect_timeout=2"
    with pytest.raises(ProgressError) as caught:
        ProgressStore.open(url)
    assert caught.value.message.startswith(
        "The progress log postgresql://ann@127.0.0.1:1/study cannot be used: connection "
    )
    assert "s3cret" not in caught.value.message
    assert caught.value.hint == "check that the server runs and the URL is right, then: study doctor"


def test_a_url_that_cannot_be_read_is_the_users_mistake(postgres_url: str) -> None:
    with pytest.raises(UsageError) as caught:
        ProgressStore.open("postgresql://[::1/study")
    assert caught.value.message == "This is no URL of a PostgreSQL database: Invalid IPv6 URL"


def test_a_lost_connection_is_explained_and_made_anew_for_the_next_record(
    postgres_location: str, connection_of: Callable[[ProgressStore], Any]
) -> None:
    import psycopg

    with ProgressStore.open(postgres_location) as store:
        store.record_start("e01")
        pid = connection_of(store).info.backend_pid
        with psycopg.connect(postgres_location, autocommit=True) as administrator:
            administrator.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        with pytest.raises(ProgressError, match="cannot be used: terminating connection"):
            store.record_start("e02")
        store.record_start("e03")
        assert sorted(store.load_progress().exercises) == ["e01", "e03"]


def test_a_lock_held_for_too_long_is_explained(postgres_location: str) -> None:
    import psycopg

    with (
        ProgressStore.open(postgres_location, busy_timeout_s=0.05) as store,
        psycopg.connect(postgres_location) as administrator,
    ):
        administrator.execute("LOCK TABLE starts IN EXCLUSIVE MODE")
        with pytest.raises(ProgressError, match="lock timeout"):
            store.record_start("e01")
        administrator.rollback()
        store.record_start("e02")
        assert store.load_progress().last_started == "e02"


def test_the_short_spelling_of_the_url_is_taken_too(postgres_location: str) -> None:
    with ProgressStore.open(postgres_location.replace("postgresql://", "postgres://")) as store:
        store.record_start("e01")
    with ProgressStore.open(postgres_location) as store:
        assert store.load_progress().last_started == "e01"
