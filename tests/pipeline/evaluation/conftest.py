"""One fabricated run for all tests of a session: making one takes seconds, most tests only read it."""

from __future__ import annotations

import pytest
from fabricated_runs import Fabricated, fabricate


@pytest.fixture(scope="session")
def usual_run(tmp_path_factory: pytest.TempPathFactory) -> Fabricated:
    """150 patients, one in ten with a second record; not to be changed: copies of the run lie beside it."""
    return fabricate(tmp_path_factory.mktemp("usual"), patients=150, second_records=0.1)
