"""Stations by distance."""

import pytest

from models.database import Database
from models.station import distance_km, nearest


def test_the_nearest_stations_come_first(database: Database) -> None:
    with database.transaction() as session:
        near = nearest(session, 36.2390, 116.7720)

    assert near[0].station.id == "demo-station-laocheng"
    assert len(near) == 3
    assert [found.km for found in near] == sorted(found.km for found in near)
    assert near[0].km == 0


def test_the_distance_is_that_of_the_globe() -> None:
    beijing_to_shanghai = distance_km(39.9042, 116.4074, 31.2304, 121.4737)

    assert beijing_to_shanghai == pytest.approx(1067, abs=3)


def test_there_are_eight_demonstration_stations_with_numbers_that_cannot_exist(
    database: Database,
) -> None:
    with database.transaction() as session:
        stations = [found.station for found in nearest(session, 36.2, 117.0, limit=99)]

    assert len(stations) == 8
    assert all(station.phone.startswith("0538-0000") and station.is_demo for station in stations)
