"""Tells `trendscope exporter` about every task, over DogStatsD. Needs Celery and Python's standard library alone.

Import it in the module that makes the Celery application.
"""

import os
import socket
import time

from celery import signals

HOST, _, PORT = os.environ.get("TRENDSCOPE_STATSD", "127.0.0.1:8125").rpartition(":")
SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
SOCKET.setblocking(False)
STATUS = {"SUCCESS": "success", "FAILURE": "failure", "RETRY": "retry"}


def push(*lines):
    try:
        SOCKET.sendto("\n".join(lines).encode(), (HOST, int(PORT)))
    except OSError:
        pass  # an agent that is not there must not cost a task


def count(metric, amount=1, **labels):
    """For metrics of your own: count("items_collected_total", 3, source="reddit")."""
    push(f"{metric}:{amount}|c|#" + ",".join(f"{name}:{value}" for name, value in labels.items()))


@signals.task_prerun.connect
def on_start(task=None, **_):
    task.request.trendscope_start = time.perf_counter()


@signals.task_postrun.connect
def on_end(task=None, state=None, **_):
    if state not in STATUS:
        return
    count("celery_tasks_total", task_name=task.name, status=STATUS[state])
    if state == "RETRY":
        count("celery_task_retries_total", task_name=task.name)
    else:
        milliseconds = (time.perf_counter() - task.request.trendscope_start) * 1000
        push(f"celery_task_duration_seconds:{milliseconds:.3f}|ms|#task_name:{task.name}")


@signals.task_revoked.connect
def on_revoked(request=None, **_):
    count("celery_tasks_total", task_name=request.task, status="revoked")
