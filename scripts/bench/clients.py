"""Who is measured: programs and the commands that set them to a work. Peers that cannot be had are named and left out."""
import shutil
import subprocess
import sys
from pathlib import Path

from kafka import Unavailable, jars

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "tests/bench"
JAVA_CLIENT = "4.3.1"
# One pass more would change nothing: the compiler is done in the first.
JAVA_WARM_UP = 1
JAVA_FLAGS = ["-Xmx512m", "-XX:-UsePerfData"]
# A size that stays near the cache; larger and smaller ones cost more.
FRANZ_BYTES = ("1048576", "1048576")
FOR_EVER = 1 << 60


class Client:
    """A name, and what to run for each kind of work: functions from (work, records) to a command, None where the client
    is left out. A client that warms up counts its own CPU and has to be believed."""

    def __init__(self, name, consume=None, latency=None, warms_up=False, is_peer=True, prints_line=True):
        self.name, self.consume, self.latency = name, consume, latency
        self.warms_up, self.is_peer, self.prints_line = warms_up, is_peer, prints_line

    def command(self, work, records):
        make = self.latency if work.kind == "latency" else self.consume
        words = make and make(work, records)
        return words and [str(word) for word in words]


def newest_rdkafka(directory):
    done = subprocess.run([ROOT / "scripts" / "newest_librdkafka"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(done.stderr.strip())
    home = Path(done.stdout.strip())
    include = directory / "newest-librdkafka"
    include.mkdir(exist_ok=True)
    link = include / "librdkafka"
    link.unlink(missing_ok=True)
    link.symlink_to(home / "src")
    program = directory / "rdkafka_bench_newest"
    subprocess.run(["cc", "-std=gnu11", "-O2", "-I", include, BENCH / "rdkafka_bench.c", home / "src/librdkafka.a", "-o",
                    program, "-lz", "-lzstd", "-llz4", "-lm", "-ldl", "-lpthread"], check=True)
    return program


def franz(directory):
    """franz-go's newest version where the Go here can build it, else the one that Debian's Go can."""
    go = shutil.which("go")
    if not go:
        raise Unavailable("go is not installed (apt-get install golang-go)")
    for more in (["-mod=mod", "-modfile=newest.mod"], []):
        done = subprocess.run([go, "build", *more, "-o", directory / "franz", "."], cwd=BENCH / "franz",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode == 0:
            return directory / "franz"
    raise Unavailable("franz-go does not build here: " + done.stdout[-300:])


def java_class_path(directory):
    library = ":".join(map(str, sorted(jars.fetch_client(JAVA_CLIENT).glob("*.jar"))))
    classes = directory / "java"
    # The compiler as a module: Debian's package of the bare runtime has it too, without javac in front.
    done = subprocess.run([jars.java(), "-m", "jdk.compiler/com.sun.tools.javac.Main", "-nowarn", "-d", classes, "-cp",
                           library, BENCH / "java/ConsumeBench.java"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        raise Unavailable("Java's consumer does not build here: " + done.stdout[-300:])
    return "%s:%s" % (classes, library)


def rdkafka_clients(version, program, bootstrap):
    def command(mode, prefix=(), settings=()):
        def make(work, records):
            # How records are handed over makes no difference where there are none.
            if work.kind in ("idle", "cold") and (mode != "poll" or prefix):
                return None
            return [*prefix, program, mode, bootstrap, work.topic, work.range, records, *settings]
        return make

    yield Client(version + " batch", command("batch"))
    yield Client(version + " callback", command("callback"))
    yield Client(version + " poll", command("poll"), command("latency"))
    if shutil.which("taskset"):
        # Its threads hand every record over: on one core that costs far less.
        yield Client(version + " callback, one core", command("callback", ("taskset", "-c", "0")))
    tuned = ("socket.nagle.disable=true", "fetch.wait.max.ms=100", "fetch.error.backoff.ms=1")
    yield Client(version + " poll, tuned", None, command("latency", settings=tuned))


def kcat_client(bootstrap):
    def consume(work, records):
        command = ["kcat", "-C", "-q", "-u", "-b", bootstrap, "-t", work.topic, "-o", "beginning", "-c", records,
                   "-X", "check.crcs=true"]
        return ["sh", "-c", 'exec "$@" > /dev/null', "sh", *command[:3], *command[4:]] if work.kind == "consume" else command
    return Client("kcat", consume, prints_line=False)


def franz_clients(program, bootstrap):
    for name, more in (("franz-go", ()), ("franz-go tuned", FRANZ_BYTES)):
        yield Client(name, *(
            (lambda work, records, mode=mode, more=more: [program, mode, bootstrap, work.topic, records, *more])
            for mode in ("consume", "latency")))


def java_clients(class_path, bootstrap):
    for name, flags, more in (("Java, serial GC", ["-XX:+UseSerialGC"], ()),
                              ("Java, new consumer, serial GC", ["-XX:+UseSerialGC"], ("group.protocol=consumer",
                                                                                     "group.id=bench"))):
        base = [jars.java(), *JAVA_FLAGS, *flags, "-cp", class_path, "ConsumeBench"]
        yield Client(
            name,
            lambda work, records, base=base, more=more: [
                *base, "consume", bootstrap, work.topic, records, JAVA_WARM_UP if work.kind == "consume" else 0, *more],
            lambda work, records, base=base, more=more: [*base, "latency", bootstrap, work.topic, records, *more],
            warms_up=True)


def find_clients(build, bootstrap):
    """All that can be had here, the floor and ours first."""
    host, port = bootstrap.rsplit(":", 1)
    ours = build / "tools/barnabas"

    def floor(work, records):
        return None if work.kind in ("idle", "memory") else [build / "tests/bench/floor", host, port, work.topic, work.range,
                                                             records]

    def consume(work, records):
        pause = ["--pause-ms", 100] if work.kind == "memory" else []
        return [ours, "bench", "consume", "-b", bootstrap, "-t", work.topic, "-c", records, *pause]

    found = [Client("floor", floor, is_peer=False),
             Client("barnabas", consume,
                    lambda work, records: [ours, "bench", "latency", "-b", bootstrap, "-t", work.topic, "-c", records],
                    is_peer=False)]
    for make in (lambda: rdkafka_clients("librdkafka (Debian)", debian_rdkafka(build), bootstrap),
                 lambda: rdkafka_clients("librdkafka (newest)", newest_rdkafka(build), bootstrap),
                 lambda: [kcat_client(bootstrap)] if shutil.which("kcat") else [],
                 lambda: franz_clients(franz(build), bootstrap),
                 lambda: java_clients(java_class_path(build), bootstrap)):
        try:
            found += make()
        except Unavailable as reason:
            print("left out: %s" % reason, file=sys.stderr)
    return found


def debian_rdkafka(build):
    program = build / "tests/bench/rdkafka_bench"
    if not program.exists():
        raise Unavailable("%s is not built (apt-get install librdkafka-dev)" % program)
    return program
