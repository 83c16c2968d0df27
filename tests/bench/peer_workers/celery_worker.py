"""Celery: jobs with a time (`eta`) in Redis, one worker on gevent."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

BROKER, SINK, MESSAGES = sys.argv[1], sys.argv[2], int(sys.argv[3])
TASKS = """
import celery, os, urllib3
app = celery.Celery("peer_tasks", broker=os.environ["PEER_BROKER"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=0, broker_connection_retry_on_startup=True)
pool = urllib3.PoolManager(maxsize=400)
BODY, HEADERS = b'{"text": "' + b"x" * 900 + b'"}', {"Content-Type": "application/json", "webhook-id": "peer"}

@app.task(name="send")
def send(number):
    assert pool.request("POST", f"{os.environ['PEER_SINK']}/hook/{number}", body=BODY, headers=HEADERS).status == 200
"""


def main() -> None:
    folder = Path.cwd()
    (folder / "peer_tasks.py").write_text(TASKS, encoding="utf-8")
    os.environ |= {"PEER_BROKER": BROKER, "PEER_SINK": SINK}
    sys.path.insert(0, str(folder))
    options = ("--pool=gevent", "--concurrency=200", "--without-gossip", "--without-mingle", "--loglevel=ERROR")
    command = [sys.executable, "-m", "celery", "-A", "peer_tasks", "worker", *options]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        tasks = import_module("peer_tasks")
        while not tasks.app.control.ping(timeout=1):
            time.sleep(0.2)
        print("ready", flush=True)
        due_at = datetime.fromtimestamp(float(sys.stdin.readline()), UTC)
        with tasks.app.producer_pool.acquire(block=True) as producer:
            for number in range(MESSAGES):
                tasks.send.apply_async((number,), eta=due_at, producer=producer)
        sys.stdin.readline()  # until the bench ends
    finally:
        worker.terminate()
        worker.wait(30)


main()
