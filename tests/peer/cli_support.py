"""What the tests of the barnabas command share: running it on bytes, ports that misbehave, an HTTP endpoint."""
import base64
import contextlib
import http.server
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
from tap import Failed, wait_until  # noqa: E402

LIMIT_S = 60


class Done(NamedTuple):
    code: int
    out: bytes
    err: str
    seconds: float

    def expect(self, code, *words):
        """The exit code, and words that standard error must hold, on a single line each time."""
        if self.code != code:
            raise Failed("exit code %s, wanted %d; standard error: %s" % (self.code, code, self.err[-800:]))
        for word in words:
            if word not in self.err:
                raise Failed("standard error lacks %r: %s" % (word, self.err[-800:]))
        return self

    def error_lines(self):
        return [line for line in self.err.splitlines() if line.startswith("barnabas: ")]


def run(*arguments, stdin=b"", limit_s=LIMIT_S):
    """Runs `barnabas ARGUMENTS…` to its end."""
    words = [barnabas.program()] + [str(word) for word in arguments]
    began = time.monotonic()
    try:
        done = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit_s,
                              check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed("no end after %d s: %s\n%s" % (limit_s, " ".join(words), (late.stderr or b"")[-800:])) from None
    return Done(done.returncode, done.stdout, done.stderr.decode(errors="replace"), time.monotonic() - began)


class Running:
    """A `barnabas` that stays; what it prints is collected."""

    def __init__(self, *arguments, stdin=None):
        words = [barnabas.program()] + [str(word) for word in arguments]
        self.process = subprocess.Popen(words, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self._parts = {"out": bytearray(), "err": bytearray()}
        self._threads = [threading.Thread(target=self._collect, args=pair, daemon=True)
                         for pair in (("out", self.process.stdout), ("err", self.process.stderr))]
        for thread in self._threads:
            thread.start()

    def _collect(self, name, stream):
        while True:
            data = stream.read1(1 << 16)
            if not data:
                return
            self._parts[name] += data

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(5)

    @property
    def out(self):
        return bytes(self._parts["out"])

    @property
    def err(self):
        return self._parts["err"].decode(errors="replace")

    def wait_out(self, text, limit_s=LIMIT_S):
        wait_until(lambda: text in self.out, "%r on standard output; standard error: %s" % (text, self.err[-500:]), limit_s,
                   0.02)

    def wait_err(self, text, limit_s=LIMIT_S):
        wait_until(lambda: text in self.err, "%r on standard error" % text, limit_s, 0.02)

    def end(self, sent=signal.SIGINT, limit_s=20):
        """Sends a signal and returns the exit code; Failed when it does not end in time."""
        self.process.send_signal(sent)
        return self.wait(limit_s)

    def wait(self, limit_s=LIMIT_S):
        try:
            code = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise Failed("no end after %d s; standard error: %s" % (limit_s, self.err[-800:])) from None
        for thread in self._threads:
            thread.join(5)
        return code


def broker(*arguments):
    """`barnabas broker` on free ports, as a context."""
    return barnabas.Process("barnabas", "broker", "--port", 0, *arguments, name="broker", first_line=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def port_that(serve):
    """A port on which each connection is given to `serve(socket)`; yields "host:port"."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection):
        with connection, contextlib.suppress(OSError):
            serve(connection)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield "127.0.0.1:%d" % listener.getsockname()[1]
    finally:
        listener.close()


class Endpoint:
    """An HTTP endpoint for the remote handler: values in the order of their arrival, and a status to answer with."""

    def __init__(self):
        self.values = []
        self.refused = 0
        self.status = 200
        self.delay_s = 0.0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802: the library's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(outer.delay_s)
                status = outer.status
                if status == 200:
                    outer.values += [base64.b64decode(record["value"]) for record in json.loads(body)]
                else:
                    outer.refused += 1
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return "http://127.0.0.1:%d/in" % self.server.server_address[1]

    def wait_for(self, values, limit_s=LIMIT_S):
        """Until each of `values` has arrived."""
        wanted = set(values)
        wait_until(lambda: wanted <= set(self.values),
                   "all %d values at the endpoint (there: %d)" % (len(wanted), len(set(self.values))), limit_s)
