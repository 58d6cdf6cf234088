#!/usr/bin/env python3
"""What the barnabas command says and returns when something is wrong: one line that names it, soon, and an exit code."""
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from cli_support import Running, broker, free_port, port_that, run
from tap import Skip, Tap

HTTP_ANSWER = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def command_line(tap):
    with tap.case("without arguments: the help, and exit code 2"):
        done = run().expect(2, "run", "consume", "demo")
        tap.equal(done.out, b"", "standard output")
        run("--version").expect(0)
        tap.check(run("--version").out.startswith(b"barnabas 0."), "version")
    with tap.case("each subcommand explains itself"):
        for words in (["run"], ["consume"], ["produce"], ["topics"], ["topics", "create"], ["broker"], ["demo"], ["bench"]):
            tap.check(len(run(*words, "--help").expect(0).out) > 200, "help of " + " ".join(words))
    at = "127.0.0.1:1"
    wrong = {
        ("nonsense",): "nonsense",
        ("consume",): "--topic",
        ("consume", "-t", "t"): "--bootstrap-server",
        ("consume", "-b", at): "--topic",
        ("consume", "-b", at, "-t", "t", "--nope"): "--nope",
        ("consume", "-b", at, "-t", "t", "-o", "x"): "N, -N, s@",
        ("consume", "-b", at, "-t", "t", "-f", "%q"): "%q",
        ("consume", "-b", at, "-t", "t", "-p", "-1"): "--partition",
        ("consume", "-b", at, "-t", "t", "-G", "g", "-p", "0"): "--group",
        ("consume", "-b", at, "-t", "t", "-G", "g", "-o", "5"): "--group",
        ("consume", "-b", at, "-t", "t", "-X", "fetch.min.byte=1"): "fetch.min.bytes",
        ("consume", "-b", at, "-t", "t", "--timeout-ms", "0"): "--timeout-ms",
        ("consume", "-b", "host:99999", "-t", "t"): "99999",
        ("produce", "-b", at, "-t", "t", "-z", "zip"): "none, gzip, snappy, lz4 or zstd",
        ("produce", "-b", at, "-t", "t", "--acks", "2"): "0, 1 or all",
        ("topics",): "subcommand",
        ("broker", "-t", "t:many"): "t:many",
        ("broker", "--port", "65535", "--nodes", "2"): "65535",
        ("broker", "--port", "0", "-t", "not a name"): "not a name",
    }
    with tap.case("a wrong command line is told in one line that names what is wrong, with exit code 2"):
        for words, told in wrong.items():
            done = run(*words, limit_s=10).expect(2, told)
            tap.equal(len(done.err.splitlines()), 1, "lines of %s: %s" % (words, done.err))
            tap.check(done.err.startswith("barnabas: "), done.err)
    with tap.case("the value of a property that is refused may be a secret, and is not told"):
        done = run("consume", "-b", at, "-t", "t", "-X", "sasl.pasword=hush").expect(2, "sasl.pasword")
        tap.check("hush" not in done.err, done.err)


def configuration(tap):
    with tempfile.TemporaryDirectory(prefix="barnabas-") as folder:
        wrong = Path(folder) / "wrong.toml"
        wrong.write_text('[[source]]\nbrokers = ["h:9092"]\ngroup = "g"\ntopics = ["t"]\nsesion.timeout.ms = 1\n\n'
                         '[handler.h]\ntype = "nul"\n', encoding="utf-8")
        with tap.case("a wrong configuration: file, line and key of each mistake, with exit code 2"):
            for more in ([], ["--check"]):
                done = run("run", "-c", wrong, *more).expect(2, "wrong.toml:5:", "sesion.timeout.ms", "session.timeout.ms",
                                                             "wrong.toml:8:", '"nul"')
                tap.equal(len(done.err.splitlines()), 2, "lines of " + done.err)
        with tap.case("a configuration that cannot be read, or is none"):
            run("run", "-c", Path(folder) / "missing.toml").expect(2, "missing.toml", "No such file")
            run("run", "-c", folder).expect(2, folder, "Is a directory")
            (Path(folder) / "noise").write_bytes(bytes(range(256)))
            run("run", "-c", Path(folder) / "noise").expect(2, "noise")
            (Path(folder) / "empty").write_bytes(b"")
            run("run", "-c", Path(folder) / "empty").expect(2, "empty")


def told_once(tap, done, code, *words):
    """One line of error, the exit code, and no other noise."""
    done.expect(code, *words)
    tap.equal(len(done.error_lines()), 1, "error lines of " + done.err)
    tap.equal(len(done.err.splitlines()), 1, "lines of " + done.err)


def unreachable(tap):
    with tap.case("a port where nothing listens"):
        at = "127.0.0.1:%d" % free_port()
        for words in (["consume", "-t", "t"], ["produce", "-t", "t"], ["topics", "list"]):
            done = run(*words, "-b", at)
            told_once(tap, done, 1, at, "refused", "is the broker running")
            tap.check(done.seconds < 10, "it took %.1f s" % done.seconds)
    with tap.case("a host name that does not exist"):
        told_once(tap, run("consume", "-b", "no-such-host.invalid:9092", "-t", "t"), 1, "no-such-host.invalid")
    with tap.case("a port that accepts and says nothing"):
        with port_that(lambda connection: connection.recv(1 << 16) and time.sleep(30)) as at:
            done = run("consume", "-b", at, "-t", "t", "--timeout-ms", "1500")
            told_once(tap, done, 1, at, "no answer to ApiVersions")
            tap.check(1.4 < done.seconds < 10, "it took %.1f s" % done.seconds)
    with tap.case("Ctrl-C while connecting ends at once"):
        with port_that(lambda connection: time.sleep(30)) as at:
            with Running("consume", "-b", at, "-t", "t", "--timeout-ms", "30000") as waiting:
                time.sleep(1)
                began = time.monotonic()
                tap.equal(waiting.end(), 130, "exit code")
                tap.check(time.monotonic() - began < 3, "it took long")
    with tap.case("a port that speaks HTTP"):
        def answer(connection):
            connection.recv(1 << 16)
            connection.sendall(HTTP_ANSWER)
        with port_that(answer) as at:
            told_once(tap, run("consume", "-b", at, "-t", "t"), 1, at, "HTTP")
    with tap.case("a port that speaks TLS"):
        told_once_by_tls(tap)
    with tap.case("a length of 2 GiB, and noise"):
        for bytes_sent in (b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\x02hi", bytes(range(200, 256)) * 20):
            def answer_noise(connection, noise=bytes_sent):
                connection.recv(1 << 16)
                connection.sendall(noise)
                time.sleep(0.2)
            with port_that(answer_noise) as at:
                done = run("consume", "-b", at, "-t", "t", "--timeout-ms", "5000")
                told_once(tap, done, 1, at)
                tap.check(done.seconds < 8, "it took %.1f s" % done.seconds)


def told_once_by_tls(tap):
    with tempfile.TemporaryDirectory(prefix="barnabas-") as folder:
        files = ["-keyout", folder + "/key.pem", "-out", folder + "/cert.pem"]
        try:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", *files],
                           check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.CalledProcessError) as why:
            raise Skip("no certificate: %s" % why) from None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")

        def answer(connection):
            context.wrap_socket(connection, server_side=True)
        with port_that(answer) as at:
            told_once(tap, run("consume", "-b", at, "-t", "t", "--timeout-ms", "5000"), 1, at, "TLS")


def refused_by_the_cluster(tap):
    with broker("--no-auto-create", "-t", "t:2") as server:
        at = server.bootstrap()
        with tap.case("a topic that does not exist"):
            for words in (["consume"], ["consume", "-e"], ["produce"], ["bench", "consume", "-c", "1"],
                          ["consume", "-G", "g", "-e"]):
                done = run(*words, "-b", at, "-t", "missing")
                told_once(tap, done, 1, "missing", "UNKNOWN_TOPIC_OR_PARTITION")
                tap.check(done.seconds < 5, "it took %.1f s" % done.seconds)
        with tap.case("a partition that does not exist"):
            told_once(tap, run("consume", "-b", at, "-t", "t", "-p", "7"), 2, "partition 7", "partitions 0 to 1")
            told_once(tap, run("produce", "-b", at, "-t", "t", "-p", "7", stdin=b"x\n"), 2, "partition 7", "partitions 0 to 1")
        with tap.case("a record that the broker does not take"):
            told_once(tap, run("produce", "-b", at, "-t", "t", "-q", stdin=b"x" * (2 << 20)), 4, "MESSAGE_TOO_LARGE")
        with tap.case("a port that is taken"):
            port = at.rsplit(":", 1)[1]
            told_once(tap, run("broker", "--port", port), 1, port, "--port")
    with tap.case("an advertised address that cannot be resolved or reached"):
        for host in ("no-such-host.invalid", "127.0.0.99"):
            with broker("-t", "t:1", "--advertised-host", host) as server:
                done = run("consume", "-b", server.bootstrap(), "-t", "t", "--timeout-ms", "3000")
                told_once(tap, done, 1, host)
                tap.check(done.seconds < 10, "it took %.1f s" % done.seconds)


def main():
    socket.setdefaulttimeout(30)
    tap = Tap()
    command_line(tap)
    configuration(tap)
    unreachable(tap)
    refused_by_the_cluster(tap)
    tap.done()


if __name__ == "__main__":
    main()
