"""Servers keep connections alive, count requests, and leave nothing behind."""

import http.client
import threading
from urllib.parse import urlsplit

from exercise.records import World
from exercise.serve import ServedWorld, serve
from exercise.shelf import photo_key
from exercise.site import listing_path


def test_one_connection_serves_many_requests(served: ServedWorld, small_world: World) -> None:
    before = served.request_counts["kvarter"]
    connection = http.client.HTTPConnection(urlsplit(served.sites["kvarter"]).netloc, timeout=10)
    listing = next(one for one in small_world.listings if one.platform == "kvarter")
    targets = ("/robots.txt", listing_path(listing), f"/img/{photo_key(listing.photos[0])}.jpg", "/nowhere")
    statuses = []
    for target in targets:
        connection.request("GET", target)
        reply = connection.getresponse()
        statuses.append((reply.status, len(reply.read()) > 20))
    connection.request("HEAD", "/about")
    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"")
    connection.close()
    assert statuses == [(200, True), (200, True), (200, True), (404, True)]
    counted = served.request_counts["kvarter"] - before
    assert (counted["robots"], counted["listing"], counted["photo"], counted["missing"]) == (1, 1, 1, 1)


def test_closing_hangs_up_on_waiting_clients_and_leaves_no_thread(small_world: World) -> None:
    before = set(threading.enumerate())
    running = serve(small_world)
    connection = http.client.HTTPConnection(urlsplit(running.sites["vitrin"]).netloc, timeout=10)
    connection.request("GET", "/about")
    connection.getresponse().read()
    running.close()
    running.close()
    connection.close()
    assert set(threading.enumerate()) <= before
