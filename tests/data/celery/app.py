"""A Celery application of which the outcome of every task is known. The environment: BROKER, and SENT to tell of senders."""

import os
import sys
import time

from celery import Celery

app = Celery("app", broker=os.environ["BROKER"])
app.conf.update(
    task_routes={"app.slow": {"queue": "reports"}},
    task_default_queue="celery",
    task_send_sent_event=bool(os.environ.get("SENT")),
    broker_connection_retry_on_startup=True,
    broker_transport_options={"queue_order_strategy": "priority"},
)


@app.task(bind=True, max_retries=2)
def quick(self, number):
    if number % 10 == 3:
        raise ValueError(f"boom {number}")
    if number % 10 == 7 and self.request.retries == 0:
        raise self.retry(countdown=0)
    return number


@app.task
def slow(number):
    time.sleep(0.01)
    return number


@app.task
def sleeper(seconds):
    time.sleep(seconds)


def main(what, count):
    """Sends tasks: 'mixed' are four fifths quick and one fifth slow, 'sleepers', 'naps', or 'priorities' under each of 0, 3, 6 and 9."""
    if what == "mixed":
        for number in range(count * 4 // 5):
            quick.delay(number)
        for number in range(count // 5):
            slow.delay(number)
    elif what == "slow":
        for number in range(count):
            slow.delay(number)
    elif what == "sleepers":
        for _ in range(count):
            sleeper.delay(600)
    elif what == "naps":
        for _ in range(count):
            sleeper.delay(0.5)
    elif what == "priorities":
        for priority in (0, 3, 6, 9):
            for number in range(count):
                quick.apply_async((number,), priority=priority)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
