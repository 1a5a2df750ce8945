"""Elastic Load Balancing v2: load balancer attributes - their defaults, the values they take, the buckets they need.

Still wrong: logs only need their bucket to exist (AWS also tries its policy). Network and gateway load balancers'
attributes are left as moto has them.
"""

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend
from moto.s3.models import s3_backends

from mended.patch import replaces

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
APPLICATION_ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "health_check_logs.s3.enabled": "false",
    "health_check_logs.s3.bucket": "",
    "health_check_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}

# What is neither free text nor true or false.
VALUES = {
    "client_keep_alive.seconds": range(60, 604801),
    "idle_timeout.timeout_seconds": range(1, 4001),
    "load_balancing.cross_zone.enabled": ("true",),
    "routing.http.desync_mitigation_mode": ("monitor", "defensive", "strictest"),
    "routing.http.xff_header_processing.mode": ("append", "preserve", "remove"),
}
LOGS = ("access_logs", "connection_logs", "health_check_logs")


@replaces(ELBv2Backend, "modify_load_balancer_attributes")
def attributes_take_documented_values(original, backend, arn, attrs):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html:
    # InvalidConfigurationRequest
    balancer = backend.load_balancers.get(arn)
    if balancer is not None and balancer.type == "application":
        for key, value in attrs.items():
            _refuse_other_value(key, value)
        _refuse_missing_bucket(backend, {**balancer.attrs, **attrs})
    return original(arn, attrs)


def _refuse_other_value(key, value):
    if key not in APPLICATION_ATTRIBUTES:
        raise ELBClientError(
            "InvalidConfigurationRequest", f"Load balancer attribute key '{key}' is not supported on load balancers"
        )
    allowed = VALUES.get(key, ("true", "false") if key.endswith(".enabled") else None)
    wanted = int(value) if isinstance(allowed, range) and value.isdecimal() else value
    if allowed is not None and wanted not in allowed:
        raise ELBClientError("InvalidConfigurationRequest", f"The value '{value}' is not valid for attribute '{key}'")


def _refuse_missing_bucket(backend, after):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    known = s3_backends[backend.account_id][backend.partition].buckets
    for kind in LOGS:
        bucket = after.get(f"{kind}.s3.bucket")
        if after.get(f"{kind}.s3.enabled") == "true" and bucket not in known:
            raise ELBClientError(
                "InvalidConfigurationRequest", f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
            )
