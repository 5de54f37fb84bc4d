"""Bars as inline SVG, without a script and without an address of another host."""

import re
import sys
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from scripts.reporting.tables import Table

# For plug-ins that nobody has it hooks into every import, in a way that Python warns of.
sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, pygal.PluginImportFixer)]

_COMMENT: Final = "comment"
_LEFT_OUT: Final = ("script", "desc", "title", _COMMENT)
_WIDTH: Final = 420
_TOP: Final = 40
_BAR: Final = 26
_LABEL: Final = 15
_FONT: Final = '-apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
_STYLE: Final = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#222",
    foreground_strong="#222",
    foreground_subtle="#ddd",
    opacity="1",
    opacity_hover="1",
    transition="none",
    colors=("#0a7d3c", "#b5651d"),
    font_family=_FONT,
    value_font_family=_FONT,
    label_font_size=_LABEL,
    major_label_font_size=_LABEL,
    value_font_size=14,
    legend_font_size=14,
    no_data_font_size=16,
)


def draw(table: Table) -> str:
    """Return the bars of a table, or nothing where there is nothing to draw."""
    # pygal draws from below.
    lines = [line for line in table.lines if any(_height(line.values[n]) for n in table.plotted)]
    lines.reverse()
    if not lines:
        return ""
    chart = pygal.HorizontalBar(
        js=[],
        style=_STYLE,
        width=_WIDTH,
        height=_TOP + (_BAR * len(table.plotted) + 10) * len(lines) + 24 * len(table.plotted),
        show_legend=len(table.plotted) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
        print_values=True,
        print_values_position="top",
        formatter=lambda value: f"{value:.0f}",
        show_x_labels=False,
        show_y_guides=False,
        show_x_guides=False,
        include_x_axis=True,
        margin=4,
        # pygal counts a Chinese character as wide as a Latin one.
        margin_left=4 + int(_LABEL * 0.42 * max(len(line.label) for line in lines)),
        range=(0, 1.15 * max(max(_heights(table, n)) for n in table.plotted)),
    )
    chart.x_labels = [line.label for line in lines]
    for number in table.plotted:
        values = [_height(line.values[number]) or None for line in lines]
        chart.add(table.columns[number], values)
    return _tidy(chart.render_tree(), table)


def _heights(table: Table, number: int) -> Sequence[int]:
    return [_height(line.values[number]) for line in table.lines]


def _height(value: object) -> int:
    """Return how long a bar is; a hidden number has none."""
    return value if isinstance(value, int) else 0


def _tidy(root: ET.Element, table: Table) -> str:
    """Take out scripts, comments and what only a script would show; name it for who listens."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _kind(child) in _LEFT_OUT:
                parent.remove(child)
    name = root.get("id") or ""
    root.set("role", "img")
    root.set("aria-label", f"{table.title}，数字在下面的表里")
    text = ET.tostring(root, encoding="unicode").replace(name, f"plot-{table.key}")
    # Inside a page the names of the vocabularies are known.
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)


def _kind(element: ET.Element) -> str:
    """Return the name of an element; a comment is none, its tag is a function."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else _COMMENT
