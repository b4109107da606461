"""A headless Chromium, driven over a pipe by the DevTools protocol: opens a page, looks at it, prints it."""
import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-extensions", "--hide-scrollbars"]


class Page:
    """One tab. `events` holds all that the browser told so far, as (method, params)."""

    def __init__(self, send, receive):
        self._send, self._receive = send, receive
        self._last, self._session, self.events = 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def call(self, method, **params):
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._send(message)
        while True:
            answer = self._receive()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self._note(answer)

    def _note(self, message):
        if "method" in message:
            self.events.append((message["method"], message["params"]))

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(method == "Page.loadEventFired" for method, _ in self.events):
            self._note(self._receive())

    def size(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def value(self, expression):
        """What JavaScript makes of it, a promise awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def point(self, x, y):
        """Moves the mouse there, and waits until what follows is drawn."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def screenshot(self, whole=False):
        """PNG of the window, or of the whole page."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def complaints(self):
        """Everything that a console would show in red or yellow."""
        found = []
        for method, params in self.events:
            if method == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"].get("exception", {}).get("description", "exception"))
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                found.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
            elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(params["entry"]["text"])
        return found

    def requests(self):
        return [p["request"]["url"] for method, p in self.events if method == "Network.requestWillBeSent"]


@contextlib.contextmanager
def browser(seconds=120):
    """A Page of a browser of its own, which is gone afterwards, or after so many seconds."""
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()

    def place_pipes():  # the protocol's: 3 is read by the browser, 4 written
        reads, writes = os.dup(to_browser), os.dup(to_us)
        os.dup2(reads, 3)
        os.dup2(writes, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses it to root
        process = subprocess.Popen(
            [PROGRAM, *QUIET, *sandbox, "--remote-debugging-pipe", f"--user-data-dir={profile}"],
            preexec_fn=place_pipes, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser), os.close(to_us)
        buffer, end = bytearray(), time.monotonic() + seconds

        def send(message):
            os.write(from_us, json.dumps(message).encode() + b"\0")

        def receive():
            while b"\0" not in buffer:
                ready, _, _ = select.select([from_browser], [], [], max(0, end - time.monotonic()))
                piece = os.read(from_browser, 1 << 20) if ready else b""
                if not piece:
                    raise RuntimeError("the browser has gone silent")
                buffer.extend(piece)
            message, _, rest = bytes(buffer).partition(b"\0")
            buffer[:] = rest
            return json.loads(message)

        try:
            yield Page(send, receive)
        finally:
            os.close(from_us), os.close(from_browser)
            process.terminate()
            process.wait()
