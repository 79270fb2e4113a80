"""Show the built site on this machine only: python -m tools.serve [PORT]"""

import functools
import http.server
import sys

from tools.tree import ROOT


def main(port: int = 8000) -> None:
    """Serve _build/html until Ctrl-C; when the port is taken, take a free one."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(ROOT / "_build" / "html"))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(f"The course is at http://localhost:{server.server_port}/ (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()


if __name__ == "__main__":
    main(*(int(port) for port in sys.argv[1:2]))
