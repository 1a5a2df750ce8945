"""The WSGI application: moto's own, one request at a time, with the stand-in's own paths beside it.

GET  /mended/health                       200 as soon as requests are served
POST /mended/durations                    JSON: change durations (`clock.Durations`) until the next reset
POST /mended/clock/advance                JSON {"seconds": n}: move the clock forward
POST /mended/dns                          JSON {"name", "type", "value"}: DNS elsewhere has this record
POST /mended/acm/ARN/issue|fail|time-out  end a certificate's validation (`acm_validation.py`)
POST /mended/acm/ARN/expire               JSON {"days": n}: end an issued certificate
POST /mended/targets/ID/healthy|unhealthy a target's health checks pass or fail
POST /mended/instance-refresh/GROUP/fail  JSON {"reason"}: the group's running instance refresh fails
POST /mended/rds/NAME/maintenance         an instance's or a cluster's maintenance window comes (`rds_maintenance.py`)
POST /mended/rds/NAME/pending-maintenance JSON {"action", "description"}: AWS has maintenance for it
POST /mended/rds/NAME/status              JSON {"status"}: an instance or a cluster is in this state (`rds_life.py`)
POST /mended/rds/NAME/failover            an instance is in its other zone; a cluster's writer is another member
POST /mended/rds/NAME/event               JSON {"message", "categories"}: AWS tells this of it (`rds_event.py`)
POST /mended/rds/blue-green/D/status      JSON {"status", "details"}: a deployment is in this state
POST /mended/rds/blue-green/D/fail-switchover JSON {"reason"}: its next switchover fails (`rds_blue_green.py`)
POST /mended/rds/CLUSTER/readers          JSON {"count": n}: so many auto scaled readers (`rds_readers.py`)
POST /mended/interfaces/ID/release        a service leaves its interface behind, available
POST /moto-api/reset                      moto's own: forgets all state; what is seeded is seeded again

What an instance's user data says is heeded in two cases: `user_data.py`.
"""

import json
import re
import threading

from mended import clock, repairs

# moto's backends iterate over dictionaries that other requests change, and a look-up and the write that follows it must
# be one step for client tokens to hold: requests are served one at a time.
_one_at_a_time = threading.RLock()


class Application:
    """Serves moto's application and the paths under /mended/."""

    def __init__(self, moto):
        self.moto = moto

    def __call__(self, environ, start_response):
        with _one_at_a_time:
            clock.run_due()
            path = environ.get("PATH_INFO", "")
            if path.startswith("/mended/"):
                return _answer(environ, path, start_response)
            return list(self.moto(environ, start_response))


def _answer(environ, path, start_response):
    for method, pattern, act in ROUTES:
        match = re.fullmatch(pattern, path)
        if match and environ["REQUEST_METHOD"] == method:
            try:
                status, body = act(_body(environ), *match.groups())
            except (KeyError, TypeError, ValueError) as error:
                status, body = "400 Bad Request", {"error": repr(error)}
            break
    else:
        status, body = "404 Not Found", {"error": f"nothing at {path}"}
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def _body(environ):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return json.loads(environ["wsgi.input"].read(length) or "{}") if length else {}


def _health(_body):
    return "200 OK", {"status": "ok"}


def _durations(body):
    clock.change(**body)
    return "200 OK", vars(clock.durations)


def _advance(body):
    clock.advance(float(body["seconds"]))
    return "200 OK", {"now": clock.now()}


ROUTES = [
    ("GET", r"/mended/health", _health),
    ("POST", r"/mended/durations", _durations),
    ("POST", r"/mended/clock/advance", _advance),
    *repairs.ROUTES,
]
