"""CloudWatch Logs: retention takes documented values only.

Still wrong: deliveries and their permissions are not checked; nothing is ever logged.
"""

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

from mended.patch import replaces

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
DAYS = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}


@replaces(LogsBackend, "put_retention_policy")
def retention_takes_documented_values(original, _backend, log_group_name, retention_in_days):
    if int(retention_in_days) not in DAYS:
        raise InvalidParameterException(
            constraint=f"Member must satisfy enum value set: {sorted(DAYS)}",
            parameter="retentionInDays",
            value=retention_in_days,
        )
    return original(log_group_name, retention_in_days)
