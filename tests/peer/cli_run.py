#!/usr/bin/env python3
"""`barnabas run` and `barnabas demo` as processes: delivery over HTTP, the orderly stop, the second start, the progress."""
import contextlib
import json
import signal
import tempfile
import time
from pathlib import Path

from cli_support import Endpoint, Running, barnabas, broker, free_port, run, wait_until
from tap import Tap

NATIVE = """
[[source]]
brokers = ["%(at)s"]
topics = ["t"]
group.id = "native"
auto.offset.reset = "earliest"
heartbeat.interval.ms = 500
session.timeout.ms = 6000

[handler.backend]
type = "remote"
endpoint = "%(url)s"
send_message_count = 10
flush_interval_ms = 200

[run]
shutdown_timeout_ms = 10000
"""

KAFKAMQ = """
[[inputs.kafkamq]]
  addrs = ["%(at)s"]
  group_id = "datakit-group"
  assignor = "range"
  offsets = -2
  [inputs.kafkamq.remote_handle]
    endpoint = "%(url)s"
    topics = ["t"]
    send_message_count = 10
"""


def values(what, count=100):
    return [b"%s %d" % (what, number) for number in range(count)]


def produce(at, lines):
    run("produce", "-b", at, "-t", "t", stdin=b"".join(line + b"\n" for line in lines)).expect(0)


@contextlib.contextmanager
def configured(form, at, url):
    with tempfile.TemporaryDirectory(prefix="barnabas-") as folder:
        file = Path(folder) / "config.toml"
        file.write_text(form % {"at": at, "url": url}, encoding="utf-8")
        yield file


def delivers(tap, name, form):
    with tap.case("run with %s delivers, stops in order, and goes on without a gap or a repetition" % name), \
            broker("-t", "t:3") as server, Endpoint() as endpoint:
        at = server.bootstrap()
        produce(at, values(b"first"))
        with configured(form, at, endpoint.url) as file:
            tap.check(b"no errors" in run("run", "-c", file, "--check").expect(0).out, "--check")
            for what in (b"first", b"second"):
                if what == b"second":
                    produce(at, values(b"second"))
                with Running("run", "-c", file) as runner:
                    endpoint.wait_for(values(what))
                    began = time.monotonic()
                    tap.equal(runner.end(signal.SIGTERM), 0, "exit code")
                    tap.check(time.monotonic() - began < 10, "the stop took too long")
                    tap.check("stopped: delivered 100 records in " in runner.err, "no summary: " + runner.err[-500:])
        tap.equal(sorted(endpoint.values), sorted(values(b"first") + values(b"second")), "what arrived")


def without_a_group(tap):
    with tap.case("run without a group reads everything, each process for itself, and goes on from its file"), \
            broker("-t", "t:3") as server, Endpoint() as endpoint, tempfile.TemporaryDirectory() as folder:
        at = server.bootstrap()
        produce(at, values(b"first"))
        for name, expected in (("one", (100, 200)), ("two", (400,))):
            own = 'offset.store.path = "%s"' % (Path(folder) / name)
            with configured(NATIVE.replace('group.id = "native"', own), at, endpoint.url) as file:
                for count in expected:
                    with Running("run", "-c", file) as runner:
                        wait_until(lambda: len(endpoint.values) >= count, "%d records" % count, 30)
                        tap.equal(runner.end(signal.SIGTERM), 0, "exit code")
                    if count == 100:
                        produce(at, values(b"second"))
        tap.equal(sorted(endpoint.values), sorted(2 * (values(b"first") + values(b"second"))), "what arrived")


def refused_for_a_while(tap):
    with tap.case("while the endpoint refuses nothing is committed, and a stop then loses nothing"), \
            broker("-t", "t:1") as server, Endpoint() as endpoint:
        at = server.bootstrap()
        endpoint.status = 503
        produce(at, values(b"kept"))
        with configured(NATIVE.replace("10000", "2000"), at, endpoint.url) as file:
            with Running("run", "-c", file) as runner:
                wait_until(lambda: endpoint.refused >= 2, "two refused requests", 30)
                began = time.monotonic()
                tap.equal(runner.end(signal.SIGTERM), 0, "exit code")
                tap.check(time.monotonic() - began < 6, "it took %.1f s" % (time.monotonic() - began))
            endpoint.status = 200
            with Running("run", "-c", file, "-q") as runner:
                endpoint.wait_for(values(b"kept"))
                tap.equal(runner.end(), 0, "exit code at SIGINT")
                tap.equal(runner.err, "", "standard error with --quiet")
        tap.equal(endpoint.values, values(b"kept"), "what arrived, in order")


def second_signal(tap):
    with tap.case("a second signal ends it at once"), broker("-t", "t:1") as server, Endpoint() as endpoint:
        endpoint.status = 503
        produce(server.bootstrap(), values(b"x"))
        with configured(NATIVE.replace("10000", "60000"), server.bootstrap(), endpoint.url) as file, \
                Running("run", "-c", file) as runner:
            wait_until(lambda: endpoint.refused >= 1, "a refused request", 30)
            runner.process.send_signal(signal.SIGINT)
            runner.wait_err("a second signal ends at once")
            tap.equal(runner.end(signal.SIGINT, 3), 130, "exit code")


def waits_for_the_broker(tap):
    with tap.case("run that starts before the broker waits, visibly, and then works"), Endpoint() as endpoint:
        port = free_port()
        at = "127.0.0.1:%d" % port
        with configured(NATIVE, at, endpoint.url) as file, Running("run", "-c", file) as runner:
            runner.wait_err("trying again in")
            tap.check(at in runner.err and "refused" in runner.err, runner.err[-500:])
            with barnabas.Process("barnabas", "broker", "--port", port, "-t", "t:1", name="broker", first_line=True):
                produce(at, values(b"late"))
                endpoint.wait_for(values(b"late"))
                tap.equal(runner.end(), 0, "exit code")
    with tap.case("run that waits for a broker ends at SIGTERM"):
        with configured(NATIVE, "127.0.0.1:%d" % free_port(), "http://127.0.0.1:1/") as file, \
                Running("run", "-c", file) as runner:
            runner.wait_err("trying again in")
            tap.equal(runner.end(signal.SIGTERM, 5), 0, "exit code")


def progress_as_json(tap):
    with tap.case("--json prints progress, and nothing else, on standard output"), \
            broker("-t", "t:1") as server, Endpoint() as endpoint:
        produce(server.bootstrap(), values(b"x"))
        with configured(NATIVE, server.bootstrap(), endpoint.url) as file, Running("run", "-c", file, "--json") as runner:
            endpoint.wait_for(values(b"x"))
            runner.wait_out(b"}\n", 15)
            tap.equal(runner.end(), 0, "exit code")
            lines = [json.loads(line) for line in runner.out.splitlines()]
            tap.equal(lines[-1]["delivered"], 100, "delivered at the end")
            tap.equal(sorted(lines[-1]), ["bytes_per_s", "delivered", "dropped", "in_flight", "lag", "partitions",
                                          "records_per_s", "requests", "retries"], "members")


def demo(tap):
    with tap.case("demo ends by itself, in time, with all delivered; --json prints only JSON on standard output"):
        done = run("demo", "--json", "--records", "50000", limit_s=60).expect(0)
        tap.check(done.seconds < 20, "it took %.1f s" % done.seconds)
        summary = [json.loads(line) for line in done.out.splitlines()][-1]
        tap.equal((summary["produced"], summary["missing"], summary["committed"]), (50000, 0, 50000), "summary")
        tap.check(summary["refused"] > 0, "the endpoint never refused")
    with tap.case("demo --keep stays, and ends at SIGINT with its summary"):
        with Running("demo", "--keep", "--records", "20000") as kept:
            kept.wait_err("until Ctrl-C")
            time.sleep(1)
            tap.check(kept.process.poll() is None, "it ended by itself")
            tap.equal(kept.end(), 0, "exit code")
            tap.check(b"Nothing was lost." in kept.out, kept.out.decode())


def main():
    tap = Tap()
    delivers(tap, "the native form", NATIVE)
    delivers(tap, "a kafkamq.conf", KAFKAMQ)
    without_a_group(tap)
    refused_for_a_while(tap)
    second_signal(tap)
    waits_for_the_broker(tap)
    progress_as_json(tap)
    demo(tap)
    tap.done()


if __name__ == "__main__":
    main()
