"""All kinds that loaders bring and the admin pages edit, by their names."""

from collections.abc import Mapping
from typing import Any, Final

from bot.loading import classes, faq, figures, jobs, stations
from bot.loading.kind import Kind

KINDS: Final[Mapping[str, Kind[Any]]] = {
    kind.name: kind for kind in (faq.KIND, jobs.KIND, classes.KIND, stations.KIND, figures.KIND)
}
