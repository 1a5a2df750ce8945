"""Makes AWS calls: [[service, operation, parameters], ...] in JSON comes in, [answer, ...] goes out."""

import json
import sys

import boto3

region = sys.argv[1]
answers = []
for service, operation, parameters in json.load(sys.stdin):
    client = boto3.client(service, region_name=region)
    if client.can_paginate(operation):
        answers.append(client.get_paginator(operation).paginate(**parameters).build_full_result())
    else:
        answers.append(getattr(client, operation)(**parameters))
json.dump(answers, sys.stdout, default=str)
