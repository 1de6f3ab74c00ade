# Bare repositories over HTTP, for the tests to push to: see git-http.py, which
# needs nothing but python3 and git.
# shellcheck shell=bash disable=SC2034

GIT_HTTP=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/git-http.py

# git_http_start <folder>: GIT_HTTP_URL, ending in a slash.
git_http_start() {
	local port
	coproc GIT_HTTP_PEER { exec python3 "$GIT_HTTP" "$1" 2>/dev/null 3>&-; }
	read -r port <&"${GIT_HTTP_PEER[0]}" || return
	GIT_HTTP_URL=http://127.0.0.1:$port/
}

# The end of its standard input ends it.
git_http_stop() {
	local pid=${GIT_HTTP_PEER_PID:-}
	[ -n "$pid" ] || return 0
	eval "exec ${GIT_HTTP_PEER[1]}>&-"
	wait "$pid"
}
