"""The same documents in SQLite's full-text index, asked the same: what the search crate is measured beside.

One line of JSON says what to ask, each further line is a document: ``[title, text]``.
"""

import json
import sqlite3
import statistics
import sys
import time

ASK = (
    "SELECT rowid, title, snippet(documents, 1, '<', '>', '…', 24) FROM documents"
    " WHERE documents MATCH ? ORDER BY bm25(documents, 3.0, 1.0) LIMIT ?"
)


def ms_since(started):
    return (time.perf_counter() - started) * 1000


def timed(work):
    started = time.perf_counter()
    found = work()
    return found, ms_since(started)


def ask(database, query, hits):
    return database.execute(ASK, (query, hits)).fetchall()


def opened(content):
    database = sqlite3.connect(":memory:")
    database.deserialize(content)
    return database


def main():
    plan = json.loads(sys.stdin.readline())
    documents = [json.loads(line) for line in sys.stdin]
    started = time.perf_counter()
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE documents USING fts5(title, text, tokenize = 'porter unicode61')")
    with database:
        database.executemany("INSERT INTO documents VALUES (?, ?)", documents)
        database.execute("INSERT INTO documents(documents) VALUES ('optimize')")
    content = database.serialize()
    build_ms = ms_since(started)
    queries, hits = plan["queries"], plan["hits"]
    cold = []
    for round in range(plan["cold_rounds"]):
        query = queries[round % len(queries)]["match"]
        cold.append(timed(lambda: ask(opened(content), query, hits))[1])
    database = opened(content)
    answers = {}
    for query in queries:
        found, _ = timed(lambda: ask(database, query["match"], hits))
        times = [timed(lambda: ask(database, query["match"], hits))[1] for _ in range(plan["rounds"])]
        answers[query["name"]] = {"hits": len(found), "median_ms": statistics.median(times)}
    told = {"bytes": len(content), "build_ms": build_ms, "cold_ms": statistics.median(cold), "queries": answers}
    json.dump(told, sys.stdout)


main()
