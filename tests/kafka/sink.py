"""An HTTP endpoint that remembers what arrived, and can refuse, hang and be slow.

Values are "PARTITION:NUMBER:padding", the numbers of a partition counting up from 0 without a gap.
"""
import base64
import collections
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Arrivals:
    """Per partition: which number comes next, what came twice, what came too early."""

    def __init__(self):
        self.lock = threading.Lock()
        self.next = collections.Counter()
        self.early = []
        self.records = self.duplicates = self.bodies = self.bodies_max = 0
        self.refused = self.hung = self.hung_records = 0

    def take(self, values):
        with self.lock:
            self.bodies += 1
            self.bodies_max = max(self.bodies_max, len(values))
            for value in values:
                partition, number = value.split(b":", 2)[:2]
                partition, number = int(partition), int(number)
                expected = self.next[partition]
                self.records += 1
                if number < expected:
                    self.duplicates += 1
                    continue
                if number > expected:
                    self.early.append((partition, expected, number))
                self.next[partition] = number + 1

    def distinct(self):
        with self.lock:
            return sum(self.next.values())

    def positions(self):
        """{partition: the number after the highest that arrived}"""
        with self.lock:
            return dict(self.next)


class Sink:
    """`behaviour` is "ok", "refuse" (503) or "hang" (the body is taken, the answer never comes). records_per_s paces
    it, so that there is traffic while faults happen."""

    def __init__(self, records_per_s):
        self.arrivals = Arrivals()
        self.behaviour = "ok"
        self.hang_over = threading.Event()
        self.records_per_s = records_per_s
        self.pace_lock = threading.Lock()
        self.free_at = time.monotonic()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                sink.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d/in" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.hang_over.set()
        self.server.shutdown()
        self.server.server_close()

    def refuse_for(self, seconds):
        self.behaviour = "refuse"
        time.sleep(seconds)
        self.behaviour = "ok"

    def hang_for(self, seconds):
        self.behaviour = "hang"
        time.sleep(seconds)
        self.behaviour = "ok"
        self.hang_over.set()

    def answer(self, request):
        try:
            body = request.rfile.read(int(request.headers["Content-Length"]))
            if self.behaviour == "refuse":
                self.arrivals.refused += 1
                return respond(request, 503)
            values = [base64.b64decode(element["value"], validate=True) for element in json.loads(body)]
            if self.behaviour == "hang":
                # The worst kind: the records are taken, and the sender never hears of it.
                with self.arrivals.lock:
                    self.arrivals.hung += 1
                    self.arrivals.hung_records += len(values)
                self.arrivals.take(values)
                self.hang_over.wait()
                request.close_connection = True
                return None
            self.pace(len(values))
            self.arrivals.take(values)
            return respond(request, 200)
        except (ConnectionError, TimeoutError):
            request.close_connection = True
            return None

    def pace(self, records):
        with self.pace_lock:
            begin = max(self.free_at, time.monotonic())
            self.free_at = begin + records / self.records_per_s
            wait_s = self.free_at - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)


def respond(request, status):
    request.send_response(status)
    request.send_header("Content-Length", "0")
    request.end_headers()
