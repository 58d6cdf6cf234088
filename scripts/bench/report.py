"""What is printed: one table a kind of work, in Markdown, each number with its spread over the rounds, and the ratios."""
import os
import platform
from pathlib import Path


def machine():
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    return "%s, %d CPUs, load %.1f; %s" % (model, os.cpu_count(), os.getloadavg()[0], platform.platform())


def span(values, digits=0):
    low, high = ("%.*f" % (digits, value) for value in (min(values), max(values)))
    return low if low == high else "%s–%s" % (low, high)


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def bold(name):
    return "**%s**" % name if name == "barnabas" else name


def heading(work, detail):
    print("\n### %s: %s\n\n%s\n" % (work.name, work.title, detail))


def optional(value, digits=1):
    return "–" if value is None else "%.*f" % (digits, value)


class Ratios:
    """Goals, each as a ratio of best rounds within this run, collected for the end."""

    def __init__(self):
        self.rows = []

    def add(self, work, what, ratio, goal=None, lower_is_better=True):
        met = None if goal is None else (ratio <= goal if lower_is_better else ratio >= goal)
        self.rows.append((work, what, ratio, goal, met))

    def show(self):
        print("\n### Ratios of the best rounds\n")
        row("work", "ratio", "is", "goal", "")
        print("|---|---|---|---|---|")
        for work, what, ratio, goal, met in self.rows:
            row(work, what, "%.2f" % ratio, "–" if goal is None else "≤ %.2f" % goal,
                "" if met is None else "met" if met else "**missed**")


def consumption(work, results, extras):
    heading(work, "%d records, %.0f MB of values" % (work.records, work.bytes / 1e6))
    row("client", "CPU ns a record", "wall ns a record", "peak RSS MB", "system calls a MiB", "allocations a MiB")
    print("|---|---|---|---|---|---|")
    for name, rows in results.items():
        calls, heap = extras.get(name, (None, None))
        row(bold(name), span([r.cpu_ns for r in rows]), span([r.wall_ns for r in rows]),
            "%.0f" % max(r.rss_mb for r in rows), optional(calls), optional(heap))


def best(results):
    return {name: min(r.cpu_ns for r in rows) for name, rows in results.items()}


def peer(costs, peers):
    """The cheapest peer and its cost, or None."""
    known = {name: cost for name, cost in costs.items() if name in peers}
    name = min(known, key=known.get, default=None)
    return (name, known[name]) if name else None


FLOOR_GOALS = {"small": 1.4, "kilobyte": 1.2, "lz4": 1.15, "zstd": 1.15, "snappy": 1.15, "gzip": 1.0}
PEER_GOALS = {"small": 0.25, "kilobyte": 0.55, "lz4": 1.0, "zstd": 1.0, "snappy": 1.0, "gzip": 1.0}


def consumption_ratios(work, results, peers, ratios, small):
    costs = best(results)
    if "barnabas" not in costs:
        return
    ours = costs["barnabas"]
    if "floor" in costs:
        ratios.add(work.name, "to the floor", ours / costs["floor"], FLOOR_GOALS.get(work.name))
    cheapest = peer(costs, peers)
    if cheapest:
        ratios.add(work.name, "to the best peer (%s)" % cheapest[0], ours / cheapest[1], PEER_GOALS.get(work.name))
    if small and work.name in ("small16", "small1000"):
        ratios.add(work.name, "to one partition", ours / small, 1.3)
    if small and work.name == "headers":
        ratios.add(work.name, "more than without headers, ns", ours - small, 5)


def numbers(work, detail, titles, results, digits):
    """A table of clients by a few numbers each, given as rows of tuples."""
    heading(work, detail)
    row("client", *titles)
    print("|---|" + "---|" * len(titles))
    for name, rows in results.items():
        cells = []
        for values in zip(*rows):
            known = [value for value in values if value is not None]
            cells.append(span(known, digits) if known else "–")
        row(bold(name), *cells)


def number_ratios(work, titles, results, peers, ratios, goals):
    for index, (title, goal) in enumerate(zip(titles, goals)):
        lowest = {name: min(values) for name, rows in results.items()
                  if (values := [each[index] for each in rows if each[index] is not None])}
        cheapest = peer(lowest, peers)
        if goal is not None and cheapest and "barnabas" in lowest and cheapest[1] > 0:
            ratios.add(work.name, "%s, to the best peer (%s)" % (title, cheapest[0]), lowest["barnabas"] / cheapest[1],
                       goal)
