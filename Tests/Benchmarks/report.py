"""Figures that were taken side by side, as a table for people and as a file."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

Sides = dict[str, Callable[[], float]]


class Report:
    def __init__(self, rounds: int, warm: bool) -> None:
        self.rounds, self.warm = rounds, warm
        self.rows: list[dict] = []

    def heading(self, part: str) -> None:
        print(f"\n### {part}\n\nAgain: `Tests/Benchmarks/run {part}`\n")
        print("| | A | B | A | B | A : B, median (min to max) | p99, ms, A and B |\n|---|---|---|--:|--:|--:|--:|")

    def compare(self, what: str, unit: str, sides: Sides, pairs: list[tuple[str, str]], p99: Callable[[], float] = lambda: 0) -> None:
        """Measures the sides in turn, in the opposite order every other round, after one round that does not count."""
        values: dict[str, list[float]] = {name: [] for name in sides}
        latencies: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(-1 if self.warm else 0, self.rounds):
            for name in list(sides)[:: -1 if number % 2 else 1]:
                value = sides[name]()
                if number >= 0:
                    values[name].append(value)
                    latencies[name].append(p99())
        for a, b in pairs:
            self.row(what, unit, a, b, values[a], values[b], latencies[a], latencies[b])

    def row(self, what: str, unit: str, a: str, b: str, of_a: list[float], of_b: list[float], *p99: list[float]) -> None:
        ratios = [x / y for x, y in zip(of_a, of_b)]
        middle = [statistics.median(times) for times in p99 if all(times)]
        ratio = f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"
        slowest = " and ".join(f"{time:.2f}" for time in middle) if len(middle) == 2 else ""
        sizes = " | ".join(f"{readable(statistics.median(side))} {unit}" for side in (of_a, of_b))
        print(f"| {what} | {a} | {b} | {sizes} | {ratio} | {slowest} |", flush=True)
        self.rows.append({"what": what, "unit": unit, "a": a, "b": b, "of_a": of_a, "of_b": of_b, "ratios": ratios, "p99_ms": middle})

    def write(self, path: Path, context: dict) -> None:
        path.write_text(json.dumps({"finished": time.strftime("%FT%TZ", time.gmtime()), **context, "rows": self.rows}, indent=1) + "\n")


def readable(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
