#!/usr/bin/env python3
"""The programs of examples/ at `barnabas broker`: each is run as its first lines say, its output looked at. The folder
with the built programs is in EXAMPLES, or the first argument."""
import os
import signal
import subprocess
import sys
from pathlib import Path

from cli_support import broker, run
from tap import Failed, Tap, wait_until

LIMIT_S = 60
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["EXAMPLES"])
SOURCES = Path(__file__).resolve().parents[2] / "examples"
GROUP = "examples-"


def lines(count):
    return [b"value %d" % number for number in range(count)]


def example(name, *arguments):
    """Runs one to its end; its standard output."""
    done = subprocess.run([str(FOLDER / name), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=LIMIT_S, check=False)
    if done.returncode != 0:
        raise Failed("%s: exit code %d: %s" % (name, done.returncode, done.stderr.decode(errors="replace")[-800:]))
    return done.stdout


def main():
    tap = Tap()
    names = sorted(source.stem for source in SOURCES.glob("*.cpp"))
    tested = set()
    with broker("-t", "one:1", "-t", "three:3", "-t", "shared:1") as server:
        at = server.bootstrap()
        values = lines(1000)
        run("produce", "-b", at, "-t", "one", stdin=b"\n".join(values) + b"\n").expect(0)
        for partition in range(3):
            run("produce", "-b", at, "-t", "three", "-p", partition, stdin=b"\n".join(values) + b"\n").expect(0)

        def case(name):
            tested.add(name)
            return tap.case("example %s" % name)

        def read_all(name, topic):
            """Stops it at SIGTERM after some seconds; what was printed must be committed, the rest must still come."""
            group = GROUP + name
            process = subprocess.Popen([str(FOLDER / name), at, group, topic], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            seen = bytearray()
            reader = process.stdout
            os.set_blocking(reader.fileno(), False)

            def enough():
                seen.extend(reader.read() or b"")
                return seen.count(b"\n") >= 100 or process.poll() is not None
            try:
                wait_until(enough, "some output of " + name, LIMIT_S)
                process.send_signal(signal.SIGTERM)
                os.set_blocking(reader.fileno(), True)
                out, err = process.communicate(timeout=LIMIT_S)
            finally:
                process.kill()
            tap.equal(process.returncode, 0, "exit code; standard error: " + err.decode(errors="replace")[-800:])
            rest = run("consume", "-b", at, "-G", group, "-o", "beginning", "-e", "-q", topic).expect(0).out
            return (bytes(seen) + out).splitlines(), rest.splitlines(), err.decode()

        with case("consumer_in_five_lines"):
            printed, rest, _ = read_all("consumer_in_five_lines", "one")
            tap.equal(printed + rest, values, "values, each once")
        with case("consumer_with_callbacks"):
            printed, rest, told = read_all("consumer_with_callbacks", "three")
            tap.equal(sorted([line.split(b" ", 1)[1] for line in printed] + rest), sorted(values * 3), "values")
            tap.equal(sorted(told.splitlines()), sorted("%s three[%d]" % (sign, p) for sign in "+-" for p in range(3)),
                      "partitions that came and went")
        with case("group_with_acks"):
            printed, rest, _ = read_all("group_with_acks", "one")
            finished = [int(line.split()[1]) for line in printed]
            tap.check(finished != sorted(finished), "they all finished in order")
            tap.equal(sorted(finished), list(range(len(finished))), "offsets finished")
            tap.equal(rest, values[len(finished):], "what was left: all that was finished is committed")
        with case("share_group"):
            worker = subprocess.Popen([str(FOLDER / "share_group"), at, GROUP + "share", "shared"],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            told = bytearray()
            os.set_blocking(worker.stdout.fileno(), False)

            def tells(what, value):
                """A new share group begins at the end of the log, whenever it comes to that."""
                if value:
                    run("produce", "-b", at, "-t", "shared", stdin=value + b"\n").expect(0)
                told.extend(worker.stdout.read() or b"")
                return what in told or worker.poll() is not None
            try:
                wait_until(lambda: tells(b"accepted", b"good"), "a record that is accepted", LIMIT_S)
                tells(b"", b"bad")
                wait_until(lambda: tells(b"rejected", b""), "a record that is rejected", LIMIT_S)
                worker.send_signal(signal.SIGTERM)
                worker.wait(LIMIT_S)
            finally:
                worker.kill()
            tap.equal((worker.returncode, told.count(b"released"), told.count(b"rejected")), (0, 2, 1), told.decode())
        with case("consumer_without_coroutines"):
            out = example("consumer_without_coroutines", at, GROUP + "blocking", "three", 3000)
            tap.equal(sorted(out.splitlines()), sorted(values * 3), "values")
            tap.equal(example("consumer_without_coroutines", at, GROUP + "blocking", "three", 3000), b"", "nothing is left")
        with case("low_level_request"):
            told = example("low_level_request", at, "one").decode().splitlines()
            tap.check(told[0].startswith("broker 1 serves ") and told[0].endswith(" APIs"), told[0])
            tap.check({"topic one", "topic three"} <= set(told[1:-1]), "topics: %s" % told)
            tap.equal(told[-1], "one[0] ends at 1000", "end")
        with case("decode_captured_frame"):
            tap.equal(example("decode_captured_frame").decode().splitlines(),
                      ["Metadata version 4, correlation id 3",
                       '{"topics":[{"name":"orders"}],"allow_auto_topic_creation":true}'], "output")
    with tap.case("no example without a test"):
        tap.equal(sorted(tested), names, "examples")
    tap.done()


if __name__ == "__main__":
    main()
