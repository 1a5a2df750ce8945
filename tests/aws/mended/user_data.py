"""What an instance's user data says: a stand-in's instances run nothing, but heed some words in it.

`hastack-test: unhealthy`   the instance's targets fail their health checks (`elb_target.py`)
`hastack-build`             the instance plays that it builds an image (`ec2_builder.py`)
"""

import base64
import email
import functools
import gzip


def text(encoded):
    """What all parts of user data say; nothing where there is none."""
    return _text(str(encoded or ""))


@functools.lru_cache(maxsize=256)
def _text(encoded):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html: a script, or a MIME message of several parts.
    data = _decoded(base64.b64decode(encoded))
    if not data.startswith("Content-Type: multipart/") and not data.startswith("MIME-Version:"):
        return data
    parts = [part for part in email.message_from_string(data).walk() if not part.is_multipart()]
    return "\n".join(_decoded(part.get_payload(decode=True)) for part in parts)


def _decoded(data):
    return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode(errors="replace")
