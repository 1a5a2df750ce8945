environment=$root/etc/hastack/environment
mkdir -p "${environment%/*}"
(umask 077 && : >"$environment.new")
variable() { printf '%s="%b"\n' "$1" "$2" >>"$environment.new"; }
keep_environment() { mv "$environment.new" "$environment"; }
