# Outside peers for tests: programs that others wrote and that speak what model
# services speak, on free ports of loopback.
#
#   aimock   answers for Anthropic and OpenAI from fixtures
#   nginx    stands in front of it: TLS with HTTP/2 beside clear text, a raw log
#            of what was sent, and streams from files where aimock has no way to
#            say it (canned/: cache tokens, ping, an error inside the stream;
#            these are ours, written from the names in the services' SDKs)
#
# aimock's own journal is no witness of what was sent: it keeps requests in the
# shape of Chat Completions, whatever they were.
#
#   ORCH_PEERS   node_modules of the peers (build/peers/node_modules)
# shellcheck shell=bash disable=SC2034

PEERS_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PEERS=${ORCH_PEERS:-$PEERS_HERE/../../build/peers/node_modules}
NGINX=$(PATH=$PATH:/usr/sbin command -v nginx || true)
peer_pids=()

# Prints what is missing, or nothing.
peers_missing() {
	[ -d "$PEERS/@copilotkit/aimock" ] ||
		echo "no peers in $PEERS (make check puts them there)"
	command -v node >/dev/null || echo "no node"
	[ -n "$NGINX" ] || echo "no nginx"
}

# Three ports that nobody listens on, a moment ago.
free_ports() {
	perl -MIO::Socket::INET -e '
		my @s = map { IO::Socket::INET->new(Listen => 1,
			LocalAddr => "127.0.0.1", LocalPort => 0) } 1 .. 3;
		print join(" ", map { $_->sockport } @s), "\n"'
}

# until_answers <port>: somebody listens there.
until_answers() {
	local i
	for ((i = 0; i < 200; i++)); do
		(exec 8<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
		sleep 0.05
	done
	return 1
}

# aimock_start <folder> <fixtures> [<ms>]: AIMOCK_URL.  The fixtures are a file
# of its own form, or a program (.mjs) that exports them; then answers come with
# so many milliseconds between their pieces.  What none matches is answered by
# 503.
aimock_start() {
	local folder=$1 fixtures=$2 port rest command
	mkdir -p "$folder"
	read -r port rest < <(free_ports)
	command=("$PEERS/@copilotkit/aimock/dist/cli.js" -p "$port" --strict
		-f "$fixtures" --validate-on-load --journal-max 20)
	[ "${fixtures%.mjs}" = "$fixtures" ] ||
		command=("$PEERS_HERE/serve.mjs" "$PEERS" "$port" "$fixtures"
			"${3:-0}")
	node "${command[@]}" >"$folder/aimock.log" 2>&1 </dev/null 3>&- &
	peer_pids+=($!)
	AIMOCK_URL=http://127.0.0.1:$port
	until_answers "$port" || {
		cat "$folder/aimock.log"
		return 1
	}
}

# front_start <folder> <upstream>: FRONT_URL, FRONT_TLS_URL, FRONT_CA and
# FRONT_LOG: a line {"at","path","status","version","test","body"} for each POST
# when it has been answered, the body byte for byte.
front_start() {
	local folder=$1 upstream=$2 clear tls files
	mkdir -p "$folder"
	folder=$(cd "$folder" && pwd)
	read -r clear tls files < <(free_ports)
	FRONT_CA=$folder/ca.pem FRONT_LOG=$folder/bodies.jsonl
	FRONT_URL=http://127.0.0.1:$clear FRONT_TLS_URL=https://localhost:$tls
	[ -f "$FRONT_CA" ] || openssl req -x509 -newkey ec \
		-pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$folder/key.pem" -out "$FRONT_CA" 2>/dev/null || return
	: >"$FRONT_LOG"
	front_conf "$folder" "$upstream" "$clear" "$tls" "$files" \
		>"$folder/nginx.conf"
	"$NGINX" -e "$folder/error.log" -c "$folder/nginx.conf" \
		>"$folder/nginx.log" 2>&1 </dev/null 3>&- &
	peer_pids+=($!)
	until_answers "$clear" || {
		cat "$folder/nginx.log" "$folder/error.log"
		return 1
	}
}

front_conf() {
	local folder=$1 upstream=$2 clear=$3 tls=$4 files=$5 kind
	cat <<-END
		daemon off;
		worker_processes 1;
		pid $folder/nginx.pid;
		error_log $folder/error.log;
		events { worker_connections 512; }
		http {
		log_format raw escape=none '{"at":\$msec,"path":"\$request_uri",'
			'"status":\$status,"version":"\$http_anthropic_version",'
			'"test":"\$http_x_test_id","body":\$request_body}';
		map \$request_method \$posted { default 0; POST 1; }
		access_log $folder/bodies.jsonl raw if=\$posted;
		client_max_body_size 64m;
		client_body_buffer_size 64m;
		keepalive_requests 100000;
	END
	for kind in client_body proxy fastcgi scgi uwsgi; do
		echo "${kind}_temp_path $folder/$kind;"
	done
	cat <<-END
		server {
		listen 127.0.0.1:$clear;
		listen 127.0.0.1:$tls ssl http2;
		ssl_certificate $folder/ca.pem;
		ssl_certificate_key $folder/key.pem;
		location ~ ^/canned/(?<name>[a-z-]+)/ {
			proxy_pass http://127.0.0.1:$files/\$name.sse;
		}
		location / {
			proxy_pass $upstream;
			proxy_http_version 1.1;
			proxy_buffering off;
		}
		}
		# A file cannot be posted to, says nginx: that is made good.
		server {
		listen 127.0.0.1:$files;
		root $PEERS_HERE/canned;
		access_log off;
		types {}
		default_type text/event-stream;
		location / { error_page 405 =200 \$uri; }
		}
		}
	END
}

# Ends what was started here, and nothing else.
peers_stop() {
	local pid
	for pid in "${peer_pids[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null || true
	done
	peer_pids=()
}
