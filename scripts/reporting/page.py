"""The report as one HTML file: it needs no network, reads on a phone and prints on paper."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from scripts.reporting.period import Period
from scripts.reporting.plot import draw
from scripts.reporting.tables import Line, Table

_STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-width: 44rem; background: #fff; color: #222;
  font: 17px/1.6 -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
h1 { margin: 0; font-size: 1.4rem; }
h2 { margin: 0 0 4px; font-size: 1.15rem; }
p { margin: 4px 0; }
.note { color: #595959; font-size: .9rem; }
section { margin-top: 28px; padding-top: 16px; border-top: 1px solid #ccc; }
svg { display: block; width: 100%; max-width: 30rem; height: auto; margin: 8px 0; }
svg .text-overlay text { text-anchor: start !important; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 0 6px 12px; border-bottom: 1px solid #e5e5e5; font-weight: normal; }
th { text-align: left; vertical-align: bottom; }
th:first-child, tr > :first-child { padding-left: 0; }
td, thead th:not(:first-child) { text-align: right; }
thead th { color: #595959; font-size: .85rem; }
tfoot th, tfoot td { border-bottom: 0; font-weight: bold; }
@media print {
  @page { margin: 16mm; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  section { break-inside: avoid; }
  svg { max-width: 110mm; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def to_html(tables: Sequence[Table], period: Period, *, now: datetime) -> str:
    """Return the whole file."""
    sections = "\n".join(_section(table) for table in tables)
    made = f"{now.astimezone(period.zone):%Y-%m-%d %H:%M}"
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>矿友互助 {escape(period.name)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>矿友互助 周报</h1>
<p>{escape(period.name)}</p>
<p class="note">生成于 {made}。这里没有人名、电话和谁说的话。“&lt;5”是不到五个人，
“*”也藏起来了，免得用合计减出“&lt;5”是几。时间按{_say_zone(period.zone)}。</p>
</header>
<main>
{sections}
</main>
</body>
</html>
"""


def _say_zone(zone: ZoneInfo) -> str:
    return "北京时间" if zone.key == "Asia/Shanghai" else f" {zone.key}"


def _section(table: Table) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    return f"""<section aria-labelledby="part-{table.key}">
<h2 id="part-{table.key}">{escape(table.title)}</h2>
<p class="note">{escape(table.note)}</p>
{_body(table, heads)}
</section>"""


def _body(table: Table, heads: str) -> str:
    """Return plot and table; a part in which nothing happened is one sentence."""
    lines = [line for line in table.lines if any(value != 0 for value in line.values)]
    if not lines:
        return "<p>这段时间没有。</p>"
    rows = "\n".join(map(_row, lines))
    return f"""{draw(table)}
<table>
<thead><tr><th scope="col">项目</th>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
<tfoot>{_row(table.total)}</tfoot>
</table>"""


def _row(line: Line) -> str:
    cells = "".join(f"<td>{escape(str(value))}</td>" for value in line.values)
    return f'<tr><th scope="row">{escape(line.label)}</th>{cells}</tr>'
