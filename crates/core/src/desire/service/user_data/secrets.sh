has aws || add_package awscli || snap install aws-cli --classic || give_up "find the AWS CLI, which reads secrets"
python=$(command -v python3 || echo /usr/libexec/platform-python)
written='
import json, re, sys
value = json.load(sys.stdin)["SecretString"]
value = json.loads(value)[sys.argv[1]] if sys.argv[1] else value
value = value if isinstance(value, str) else json.dumps(value)
sys.stdout.buffer.write(re.sub(r"([\\\"$`])", r"\\\1", value).encode())'
read_secret() {
  aws secretsmanager get-secret-value --secret-id "$1" --region "$2" --output json | "$python" -c "$written" "$3"
}
secret() {
  value=$(persist read_secret "$2" "$3" "$4") || give_up "read the secret of $1"
  printf '%s="%s"\n' "$1" "$value" >>"$environment.new"
}
