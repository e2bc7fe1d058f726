"""Tells `trendscope exporter` about every request, over DogStatsD. Needs Python's standard library alone."""

import os
import socket
import time

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class TrendscopeMiddleware:
    """api_requests_total, api_request_duration_seconds and api_active_requests of the catalogue."""

    def __init__(self, app, address=None):
        host, _, port = (address or os.environ.get("TRENDSCOPE_STATSD", "127.0.0.1:8125")).rpartition(":")
        self.app = app
        self.address = (host, int(port))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status = 500  # what an exception becomes

        async def send_and_see(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        route = f"endpoint:{self.endpoint(scope)}"
        method = f"method:{scope['method'] if scope['method'] in METHODS else 'OTHER'}"
        self.push(f"api_active_requests:+1|g|#{route}")
        start = time.perf_counter()
        try:
            await self.app(scope, receive, send_and_see)
        finally:
            milliseconds = (time.perf_counter() - start) * 1000
            self.push(f"api_requests_total:1|c|#{method},{route},status_code:{status}\n"
                      f"api_request_duration_seconds:{milliseconds:.3f}|ms|#{method},{route}\n"
                      f"api_active_requests:-1|g|#{route}")

    @staticmethod
    def endpoint(scope):
        """The route's template: the path itself would make a series for everyone who asks."""
        matches = [(route.matches(scope)[0].value, route) for route in scope["app"].routes]
        best, route = max(matches, key=lambda match: match[0], default=(0, None))
        return getattr(route, "path", "unmatched").replace(",", "_").replace("|", "_") if best else "unmatched"

    def push(self, lines):
        try:
            self.socket.sendto(lines.encode(), self.address)
        except OSError:
            pass  # an agent that is not there must not cost a request
