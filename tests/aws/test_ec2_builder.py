"""EC2: instances that build an image, and consoles."""

import pytest

from conftest import instance, refused, run, state, tagged

SCRIPT = """#!/bin/sh
# hastack-build
HASTACK_BUILD=0123456789
echo "installing"
"""


def build(aws, network, script=SCRIPT, **changes):
    wanted = {"UserData": script, "InstanceInitiatedShutdownBehavior": "stop", "InstanceType": "t3.micro"} | changes
    tags = [{"Key": "hastack.dev/id", "Value": "instance/builder/0123456789"}]
    return run(aws, network, **wanted, TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])


def console(aws, made, latest=True):
    return aws.ec2.get_console_output(InstanceId=made, Latest=latest).get("Output", "")


def play(aws):
    """Let a builder run and its script end."""
    aws.wait_out_pending()
    aws.post("/mended/clock/advance", seconds=2)


def test_a_builder_runs_stops_by_itself_and_says_how_it_went(aws, network):
    made = build(aws, network)
    assert (state(aws, made), console(aws, made)) == ("pending", "")
    aws.wait_out_pending()
    assert (state(aws, made), console(aws, made)) == ("running", "")
    aws.post("/mended/clock/advance", seconds=2)
    assert state(aws, made) == "stopping"
    aws.wait_out_pending()
    shown = instance(aws, made)
    assert (shown["State"]["Name"], shown["StateReason"]["Code"]) == ("stopped", "Client.InstanceInitiatedShutdown")
    assert console(aws, made).endswith("installing\n\nhastack-build: succeeded 0123456789\n")


def test_a_failing_script_says_so(aws, network):
    made = build(aws, network, SCRIPT + "echo 'no such package'\nexit 1\necho never\n")
    play(aws)
    assert console(aws, made).endswith("installing\nno such package\n\nhastack-build: failed 1\n")


def test_the_digest_may_stand_in_what_the_script_says(aws, network):
    made = build(aws, network, "#!/bin/sh\n# hastack-build\nsay \"succeeded 9876543210\"\n")
    play(aws)
    assert console(aws, made).endswith("hastack-build: succeeded 9876543210\n")


def test_a_build_takes_its_time(aws, network):
    aws.post("/mended/durations", build=10000)
    made = build(aws, network)
    play(aws)
    assert state(aws, made) == "running"


def test_a_builder_may_terminate_itself(aws, network):
    made = build(aws, network, InstanceInitiatedShutdownBehavior="terminate")
    play(aws)
    assert state(aws, made) == "shutting-down"


@pytest.mark.parametrize("waits", [0, 1, 2, 3])
def test_a_builder_is_terminated_in_each_state(aws, network, waits):
    made = build(aws, network)
    steps = [aws.wait_out_pending, lambda: aws.post("/mended/clock/advance", seconds=2), aws.wait_out_pending]
    for step in steps[:waits]:
        step()
    assert state(aws, made) == ["pending", "running", "stopping", "stopped"][waits]
    aws.ec2.terminate_instances(InstanceIds=[made])
    assert state(aws, made) == "shutting-down"
    aws.wait_out_pending()
    aws.wait_out_pending()
    assert state(aws, made) == "terminated"


def test_a_builder_that_is_stopped_says_nothing(aws, network):
    made = build(aws, network)
    aws.wait_out_pending()
    aws.ec2.stop_instances(InstanceIds=[made])
    aws.wait_out_pending()
    aws.wait_out_pending()
    shown = instance(aws, made)
    assert (shown["State"]["Name"], shown["StateReason"]["Code"]) == ("stopped", "Client.UserInitiatedShutdown")
    assert console(aws, made) == ""


def test_the_latest_output_is_nitros(aws, network):
    made = build(aws, network, InstanceType="t2.micro")
    play(aws)
    with refused("UnsupportedOperation"):
        console(aws, made)
    assert "succeeded" in console(aws, made, latest=False)


def test_an_image_is_made_of_a_stopped_builder(aws, network):
    made = build(aws, network)
    play(aws)
    aws.wait_out_pending()
    image = aws.ec2.create_image(InstanceId=made, Name="baked", TagSpecifications=tagged("image", a="1"))["ImageId"]
    aws.ec2.terminate_instances(InstanceIds=[made])
    aws.wait_out_pending()
    assert aws.ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available"


def test_other_instances_run_on(aws, network):
    made = run(aws, network, UserData="#!/bin/sh\nexit 1\n")
    play(aws)
    assert state(aws, made) == "running"
    assert console(aws, made) != ""


def test_an_instance_is_stopped_and_started(aws, network):
    made = run(aws, network)
    with refused("IncorrectInstanceState"):
        aws.ec2.stop_instances(InstanceIds=[made])
    aws.wait_out_pending()
    aws.ec2.stop_instances(InstanceIds=[made])
    assert state(aws, made) == "stopping"
    with refused("IncorrectInstanceState"):
        aws.ec2.start_instances(InstanceIds=[made])
    aws.wait_out_pending()
    assert state(aws, made) == "stopped"
    aws.ec2.start_instances(InstanceIds=[made])
    assert state(aws, made) == "running"
