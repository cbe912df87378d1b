"""Figures that were taken side by side, as a table for people and as a file."""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Side = Callable[[], float]


class Report:
    def __init__(self, rounds: int, smoke: bool, full: bool = False) -> None:
        self.rounds, self.smoke, self.full = rounds, smoke, full
        self.rows: list[dict] = []

    def heading(self, part: str) -> None:
        print(f"\n### {part}\n\nAgain: `Tests/Benchmarks/run {part}`\n")
        print("| what | A | B | of A | of B | A : B, median (min to max) | p99, ms, A and B |")
        print("|---|---|---|--:|--:|--:|--:|")

    def compare(
        self, what: str, unit: str, sides: dict[str, Side], pairs: list[tuple[str, str]], p99: Side | None = None
    ) -> None:
        """Measures in turn, in the opposite order every other round, after a round that does not count."""
        values: dict[str, list[float]] = {name: [] for name in sides}
        latencies: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(0 if self.smoke else -1, self.rounds):
            for name in list(sides)[:: -1 if number % 2 else 1]:
                value = sides[name]()
                if number >= 0:
                    values[name].append(value)
                    latencies[name].append(p99() if p99 else 0)
        for a, b in pairs:
            slowest = [statistics.median(latencies[side]) for side in (a, b)] if p99 else []
            self.row(what, unit, (a, values[a]), (b, values[b]), slowest)

    def row(
        self, what: str, unit: str, a: tuple[str, list[float]], b: tuple[str, list[float]], p99: Sequence[float] = ()
    ) -> None:
        ratios = [x / y for x, y in zip(a[1], b[1])]
        medians = " | ".join(f"{readable(statistics.median(side[1]))} {unit}" for side in (a, b))
        ratio = f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"| {what} | {a[0]} | {b[0]} | {medians} | {ratio} | {' and '.join(map(readable, p99))} |", flush=True)
        self.rows.append({"what": what, "unit": unit, "a": a, "b": b, "ratios": ratios, "p99_ms": list(p99)})

    def write(self, path: Path, context: dict) -> None:
        content = {"finished": time.strftime("%FT%TZ", time.gmtime()), **context, "rows": self.rows}
        path.write_text(json.dumps(content, indent=1) + "\n")


def readable(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
