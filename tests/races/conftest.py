"""What the races share: one crew for all of them."""

from collections.abc import Iterator

import pytest

from tests.races.crew import Crew


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    with Crew() as crew:
        yield crew
