"""How each client is asked to write lines to a topic or to read them from its beginning, with one shape for all."""
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import barnabas
from kafka import Unavailable, tool
from tap import Failed, Skip

JAVA_VERSION = "4.3.1"
WAIT_S = 30.0


def text(lines):
    return "\n".join(lines) + "\n"


# ---- barnabas -------------------------------------------------------------------------------------------------------

def barnabas_produce(bootstrap, topic, lines, codec="none", *more):
    barnabas.run("barnabas", "produce", "-b", bootstrap, "-t", topic, "-z", codec, "-q", *more, stdin=text(lines))


def barnabas_consume(bootstrap, topic, *more):
    """Values from the beginning to the end of the topic."""
    return barnabas.run("barnabas", "consume", "-b", bootstrap, "-t", topic, "-o", "beginning", "-e", "-q",
                        *more).splitlines()


def barnabas_group(bootstrap, group, topic):
    """Reads as a member of a group from its commits (without any: the beginning) to the end, commits, leaves."""
    return barnabas.run("barnabas", "consume", "-b", bootstrap, "-G", group, "-t", topic, "-X", "auto.offset.reset=earliest",
                        "-e", "-q").splitlines()


# ---- kcat -----------------------------------------------------------------------------------------------------------

def kcat_produce(bootstrap, topic, lines, codec="none", partition=None):
    where = [] if partition is None else ["-p", str(partition)]
    barnabas.run("kcat", "-P", "-b", bootstrap, "-t", topic, "-z", codec, *where, stdin=text(lines))


def kcat_consume(bootstrap, topic, *more):
    return barnabas.run("kcat", "-C", "-b", bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-X",
                        "check.crcs=true", *more).splitlines()


def kcat_group(bootstrap, group, topic, count):
    """Joins a group, reads `count` records, commits, leaves."""
    return barnabas.run("kcat", "-b", bootstrap, "-G", group, "-c", count, "-q", "-X", "auto.offset.reset=earliest",
                        "-X", "session.timeout.ms=6000", topic).splitlines()


class Member:
    """A kcat that stays in a group, its records in a file."""

    def __init__(self, bootstrap, group, topic):
        self.output = tempfile.NamedTemporaryFile("r", prefix="barnabas-kcat-", encoding="utf-8")
        self.errors = tempfile.NamedTemporaryFile("r", prefix="barnabas-kcat-", encoding="utf-8")
        self.process = subprocess.Popen(["kcat", "-u", "-b", bootstrap, "-G", group, "-X", "auto.offset.reset=earliest",
                                         "-X", "session.timeout.ms=6000", topic],
                                        stdout=open(self.output.name, "wb"), stderr=open(self.errors.name, "wb"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def wait_assigned(self):
        deadline = time.monotonic() + WAIT_S
        while "assigned" not in Path(self.errors.name).read_text(encoding="utf-8"):
            if time.monotonic() > deadline:
                raise Failed("kcat got no assignment in %.0f s" % WAIT_S)
            time.sleep(0.1)

    def lines(self):
        return Path(self.output.name).read_text(encoding="utf-8").splitlines()


def kcat_member(bootstrap, group, topic):
    return Member(bootstrap, group, topic)


def wait_for_lines(members, count):
    """Each member's lines, when together they have `count` of them."""
    deadline = time.monotonic() + WAIT_S
    while True:
        lines = [member.lines() for member in members]
        if sum(len(each) for each in lines) >= count:
            return lines
        if time.monotonic() > deadline:
            raise Failed("after %.0f s only %s of %d lines" % (WAIT_S, [len(each) for each in lines], count))
        time.sleep(0.1)


# ---- Java -----------------------------------------------------------------------------------------------------------

def java_consume(bootstrap, topic, count, group=None):
    """Kafka's own console consumer."""
    members = ["--group", group] if group else []
    try:
        done = tool(JAVA_VERSION, "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", bootstrap,
                    "--topic", topic, "--from-beginning", "--max-messages", str(count), "--timeout-ms", "20000", *members)
    except Unavailable as reason:
        raise Skip(reason) from None
    if done.returncode != 0:
        raise Failed("exit code %d: %s" % (done.returncode, done.stderr.decode(errors="replace")[-2000:]))
    return done.stdout.decode().splitlines()


# ---- franz-go -------------------------------------------------------------------------------------------------------

GO_SOURCE = Path(__file__).resolve().parent / "franz"
_go = {}


def go_program():
    """Builds the Go peer once a run; Skip when there is no Go or its modules cannot be had."""
    if "program" not in _go and "reason" not in _go:
        go = shutil.which("go")
        if not go:
            _go["reason"] = "go is not installed"
        else:
            cache = Path(os.environ.get("BARNABAS_CACHE") or os.path.expanduser("~/.cache/barnabas")) / "franz"
            cache.mkdir(parents=True, exist_ok=True)
            done = subprocess.run([go, "build", "-o", str(cache / "franz"), "."], cwd=GO_SOURCE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode == 0:
                _go["program"] = str(cache / "franz")
            else:
                _go["reason"] = "franz-go does not build here: " + done.stdout[-300:]
    if "reason" in _go:
        raise Skip(_go["reason"])
    return _go["program"]


def go_consume(bootstrap, topic, count, group=""):
    return barnabas.run(go_program(), bootstrap, topic, count, group).splitlines()
