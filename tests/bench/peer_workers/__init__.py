"""Other systems with the same work. Each runs in an environment of its own, which `bench.peers` makes.

    python WORKER.py DATABASE_OR_BROKER URL_OF_THE_SINK MESSAGES

prints `ready`, waits for a line with the moment (Unix seconds), queues a POST to `/hook/N` of the sink for each message, due
at that moment, and works until it is stopped. The post is a bare one, without guard, words, signatures or a record of the answer.
"""
