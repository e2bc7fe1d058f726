"""A Celery application whose tasks appear in Trendscope."""

import os

from celery import Celery

from trendscope_signals import count

app = Celery("tasks", broker=os.environ.get("BROKER", "redis://127.0.0.1:6379/0"))


@app.task
def collect(source, items):
    if items < 0:
        raise ValueError("that many items there are not")
    count("items_collected_total", items, source=source)


@app.task(bind=True, max_retries=1)
def stubborn(self):
    if self.request.retries == 0:
        raise self.retry(countdown=0)
