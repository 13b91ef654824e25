"""The task of the peer, and how its queue and its results are kept."""

import os

from celery import Celery
from celery.signals import worker_ready
from kombu import Exchange, Queue

QUEUE = os.environ["QUEUE"]
POOL_SIZE = int(os.environ["POOL_SIZE"])
MINUTE_MS = 60_000

# Through the default exchange; the broker drops the queue of a past round by itself.
queue = Queue(QUEUE, Exchange(""), routing_key=QUEUE, durable=True, queue_arguments={"x-expires": MINUTE_MS})


def application(backend):
    """Celery on the queue, with its results in `backend` (None: it neither writes nor awaits any)."""
    made = Celery("peer", broker=os.environ["AMQP_URL"], backend=backend, set_as_current=backend is not None)
    made.conf.update(
        task_queues=[queue],
        task_default_queue=QUEUE,
        task_default_exchange="",
        task_default_routing_key=QUEUE,
        task_default_delivery_mode="persistent",
        broker_transport_options={"confirm_publish": True},
        broker_pool_limit=POOL_SIZE,
        redis_max_connections=POOL_SIZE,
        result_expires=None,
        task_acks_late=True,
        worker_prefetch_multiplier=int(os.environ["PREFETCH"]),
        worker_enable_remote_control=False,
    )
    return made


app = application(f"redis://127.0.0.1:{os.environ['REDIS_PORT']}/0")


@app.task(name="task")
def task(_body):
    """Does nothing."""


@worker_ready.connect
def say_ready(**_):
    print("ready", flush=True)
