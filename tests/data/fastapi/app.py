"""A FastAPI application that writes a line of JSON to the file ACCESS_LOG for each request, before it answers.

The file may be rotated: it is opened anew where it is another one (REOPEN=watch), or at SIGHUP (REOPEN=signal).
"""

import asyncio
import json
import logging
import logging.handlers
import os
import signal
import time

from fastapi import FastAPI, HTTPException

app = FastAPI()
is_watching = os.environ["REOPEN"] == "watch"
handler = (logging.handlers.WatchedFileHandler if is_watching else logging.FileHandler)(os.environ["ACCESS_LOG"])
log = logging.getLogger("access")
log.addHandler(handler)
log.setLevel(logging.INFO)
log.propagate = False


def reopen():
    handler.acquire()
    try:
        handler.stream.close()
        handler.stream = handler._open()
    finally:
        handler.release()


@app.on_event("startup")
async def listen_for_hangup():
    if not is_watching:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reopen)


@app.middleware("http")
async def write_access_log(request, call_next):
    began = time.perf_counter()
    response = await call_next(request)
    log.info(
        json.dumps(
            {
                "timestamp": time.time(),
                "level": "INFO",
                "event": "http_request",
                "method": request.method,
                "path": str(request.url.path),
                "status_code": response.status_code,
                "duration_ms": 1000 * (time.perf_counter() - began),
                "agent": request.headers.get("user-agent", "") + ' "ü\n',
            }
        )
    )
    return response


@app.get("/trends/{number}")
async def trend(number: int):
    if number % 5 == 0:
        raise HTTPException(status_code=404)
    return {"number": number}


@app.post("/items", status_code=201)
async def collect():
    return {}


@app.get("/broken")
async def broken():
    raise HTTPException(status_code=503)
