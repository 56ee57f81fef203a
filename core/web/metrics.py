"""Figures for the operator in Prometheus' text format: by route and status, never by tenant."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class Latency:
    """How long one route took, all in all and by bucket."""

    total: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


@dataclass(slots=True)
class Metrics:
    """What this process has served since it started. Each process answers for itself."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    latencies: dict[str, Latency] = field(default_factory=dict)
    open_requests: int = 0

    def note(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.requests[route, status] += 1
        latency = self.latencies.get(route)
        if latency is None:
            latency = self.latencies[route] = Latency()
        latency.total += seconds
        latency.buckets[bisect_left(BUCKETS, seconds)] += 1

    def text(self, gauges: Mapping[str, tuple[str, Iterable[tuple[str, float]]]]) -> str:
        """Return everything as text. ``gauges``: name → (help, (labels, value)…)."""
        lines = [
            "# HELP contingent_requests_total Requests answered, by route and status.",
            "# TYPE contingent_requests_total counter",
        ]
        for (route, status), count in sorted(self.requests.items()):
            lines.append(f'contingent_requests_total{{route="{_quoted(route)}",status="{status}"}} {count}')
        lines += [
            "# HELP contingent_request_seconds How long requests took.",
            "# TYPE contingent_request_seconds histogram",
        ]
        for route, latency in sorted(self.latencies.items()):
            lines += _histogram(_quoted(route), latency)
        shown = {"contingent_open_requests": ("Requests being answered now.", [("", float(self.open_requests))])} | {
            name: (meaning, list(values)) for name, (meaning, values) in gauges.items()
        }
        for name, (meaning, values) in shown.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
            lines += [f"{name}{labels} {value:g}" for labels, value in values]
        return "\n".join(lines) + "\n"


def _histogram(route: str, latency: Latency) -> Iterable[str]:
    seen = 0
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), latency.buckets, strict=True):
        seen += count
        yield f'contingent_request_seconds_bucket{{route="{route}",le="{bound}"}} {seen}'
    yield f'contingent_request_seconds_sum{{route="{route}"}} {latency.total:.6f}'
    yield f'contingent_request_seconds_count{{route="{route}"}} {seen}'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
