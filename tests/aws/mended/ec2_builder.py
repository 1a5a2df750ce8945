"""EC2: instances that build an image by what their user data says, as hastack's do, and what consoles show.

User data runs nothing here. Where it says `hastack-build`, the instance plays what hastack's script does: it shuts down
`build` seconds after it was launched and runs, and its console then says how it went: `hastack-build: failed N`, if a
line of the script is `exit N`, else `hastack-build: succeeded DIGEST`. The digest is what stands after HASTACK_BUILD=
or, without that, after the last `succeeded`. What the script's `echo` lines say is its output.
"""

import re

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Instance, StateReason
from moto.ec2.responses import EC2Response

from mended import clock, user_data
from mended.patch import replaces

MARK = "hastack-build"
BOOT = "[    0.000000] Linux version 6.12.0\ncloud-init: running modules:final\n"


@replaces(Instance, "__init__")
def an_instance_may_build_an_image(original, instance, *args, **kwargs):
    original(*args, **kwargs)
    script = user_data.text(instance.user_data)
    instance._mended_console = "" if MARK in script else None
    if MARK in script:
        clock.later(clock.durations.pending + clock.durations.build, lambda: _end(instance, script))


def _end(instance, script):
    if instance.state != "running":
        return
    instance._mended_console = BOOT + _words(script)
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-initiated-shutdown-behavior.html
    if instance.instance_initiated_shutdown_behavior == "terminate":
        instance.terminate()
        return
    instance.stop()
    instance._reason = ""
    code = "Client.InstanceInitiatedShutdown"
    instance.state_reason = StateReason(f"{code}: Instance initiated shutdown", code)


def _words(script):
    failure = re.search(r"^\s*exit ([1-9]\d*)\s*$", script, re.MULTILINE)
    ran = script[: failure.start()] if failure else script
    output = [line.strip("'\" ") for line in re.findall(r"^\s*echo ([^$>|\n]+)$", ran, re.MULTILINE)]
    digests = re.findall(r"HASTACK_BUILD=[\"']?(\w+)", script) or re.findall(r"succeeded (\w+)", script) or ["unknown"]
    verdict = f"failed {failure[1]}" if failure else f"succeeded {digests[-1]}"
    said = "\n".join(output or ["running"])
    return f"\n{MARK}: the end of its output:\n{said}\n\n{MARK}: {verdict}\n"


@replaces(EC2Response, "get_console_output")
def a_console_is_read_late_or_now(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-console.html: the latest output "is only supported on
    # instances built on the AWS Nitro System"; else it is what was buffered at the last change of state.
    answer = original()
    instance = response.ec2_backend.get_instance(response._get_param("InstanceId"))
    nitro = INSTANCE_TYPES.get(instance.instance_type, {}).get("Hypervisor", "nitro") == "nitro"
    if response._get_bool_param("Latest", False) and not nitro:
        raise EC2ClientError(
            "UnsupportedOperation", "This instance type does not support retrieving the latest console logs."
        )
    console = instance._mended_console
    if console is None:
        return answer
    output = Base64EncodedString.from_raw_string(console) if console else None
    return ActionResult({"InstanceId": instance.id, "Timestamp": utcnow(), "Output": output})
