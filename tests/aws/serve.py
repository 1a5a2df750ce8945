#!/usr/bin/env python3
"""The AWS stand-in: moto's server in this process, mended where it differs from AWS's documentation."""

import argparse
import os
import pathlib
import signal
import sys

ACCOUNT = "123456789012"


def main():
    """Serve until SIGTERM or SIGINT."""
    arguments = _arguments()
    # moto reads these while it is imported.
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_AMIS_PATH"] = str(pathlib.Path(__file__).with_name("images.json"))
    os.environ["MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION"] = "true"
    os.environ["MOTO_PORT"] = str(arguments.port)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from mended import clock, seed
    from mended.application import Application

    class QuietHandler(MotoRequestHandler):
        protocol_version = "HTTP/1.1"  # Clients keep their connections.

        def log_request(self, *_):
            pass

    clock.default(
        pending=arguments.seconds_pending,
        listed=arguments.seconds_listed,
        interface_lingers=arguments.seconds_interface_lingers,
        dns_elsewhere=arguments.seconds_dns_elsewhere,
    )
    seed.plant()
    application = Application(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", arguments.port, application, threaded=True, request_handler=QuietHandler)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    print(f"serving on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5000, help="loopback port; 0 picks a free one and prints it")
    parser.add_argument("--seconds-pending", type=float, default=0.5, help="how long slow states last")
    parser.add_argument("--seconds-listed", type=float, default=3600, help="how long deleted objects are listed")
    parser.add_argument(
        "--seconds-interface-lingers", type=float, default=1.0, help="how long a load balancer's interfaces outlive it"
    )
    parser.add_argument(
        "--seconds-dns-elsewhere", type=float, default=1e9, help="how long until DNS elsewhere validates a certificate"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
