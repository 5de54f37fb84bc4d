"""Places where anybody may sit down, warm up a meal, or ask somebody."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, select

EARTH_RADIUS_KM = 6371.0


class Station(SQLModel, table=True):
    """A station with its services, at WGS-84 or GCJ-02 coordinates (some hundred metres apart)."""

    __tablename__ = "station"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=80)
    address: str = Field(max_length=200)
    lat: float
    lon: float
    hours: str = Field(default="", max_length=80)
    phone: str = Field(default="", max_length=40)
    services: list[str] = Field(default_factory=list, sa_type=JSON)
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class NearStation:
    """A station and how far it is as the crow flies."""

    station: Station
    km: float


def nearest(session: Session, lat: float, lon: float, limit: int = 3) -> list[NearStation]:
    """Return the stations nearest to a point, nearest first."""
    near = [
        NearStation(station, distance_km(lat, lon, station.lat, station.lon))
        for station in session.exec(select(Station))
    ]
    return sorted(near, key=lambda found: (found.km, found.station.id))[:limit]


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance between two points."""
    north, east = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    chord = sin(north) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))
