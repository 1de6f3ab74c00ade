# Shared by the fault loops: a small repository with a plan, and the points at
# which a command is to be ended.
#
#   ORCH_BUILD   the build directory (build)
#   ORCH_LOOPS   how many points or rounds; "all" for every one of them
# shellcheck shell=bash

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$here/${ORCH_BUILD:-build}
orch=$build/git-orch
scratch=$(mktemp -d "${TMPDIR:-/tmp}/orch-faults.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

export HOME=$scratch/home GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
export XDG_CONFIG_HOME=$scratch/config XDG_CACHE_HOME=$scratch/cache
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE CI
mkdir -p "$HOME"
git config --global user.name "A Person"
git config --global user.email person@example.invalid
git config --global init.defaultBranch main
git config --global gc.auto 0

repo=$scratch/repo

# One phase of the template "tiny": id, what it depends on.
phase() {
	local folder=$repo/.orch/templates/tiny
	mkdir -p "$folder/phases" "$folder/files/$1/src"
	cat >"$folder/phases/$1.yaml" <<-END
		version: 1
		id: $1
		title: Write $1
		summary: Writes src/$1.txt
		depends_on: [$2]
		agent: scaffold
		objectives: [a file]
		files: {create: [src/$1.txt, src/deep/$1.txt]}
		acceptance: [the file is there]
		checks: [ok]
		status: planned
	END
	echo "text of $1" >"$folder/files/$1/src/$1.txt"
	mkdir -p "$folder/files/$1/src/deep"
	echo "more of $1" >"$folder/files/$1/src/deep/$1.txt"
}

# A repository whose base has the plan "p" with the phases a, b (free) and c.
make_repo() {
	git init -q "$repo"
	mkdir -p "$repo/.orch"
	cat >"$repo/.orch/config.yaml" <<-END
		version: 1
		policy: {sandbox: off}
		checks: [{name: ok, run: "true"}]
	END
	phase a ""
	phase b ""
	phase c "a, b"
	cat >"$repo/.orch/templates/tiny/template.yaml" <<-END
		title: Tiny
		summary: Three files
	END
	cat >"$repo/.orch/templates/tiny/plan.yaml" <<-END
		version: 1
		id: p
		title: Three files
		goal: Have three files
		template: tiny
	END
	echo note >"$repo/note"
	git -C "$repo" add -A
	git -C "$repo" commit -qm start
	cd "$repo" || exit 1
	"$orch" trust --yes >/dev/null
	"$orch" plan --template tiny --id p >/dev/null
	"$orch" approve p >/dev/null
	"$orch" trust --yes >/dev/null
}

# Points to end a command at, of $1 there are: all, or so many by a fixed seed.
points() {
	local most=${ORCH_LOOPS:-12}
	if [ "$most" = all ] || [ "$most" -ge "$1" ]; then
		seq 1 "$1"
	else
		seq 1 "$1" | shuf -n "$most" \
			--random-source=<(yes 20261120) | sort -n
	fi
}

# serve_repo: $far is a bare repository of $repo behind http at $far_url, and
# $repo is a clone of it.  Ends with the script.
serve_repo() {
	# shellcheck source=tests/peers/git-http.bash
	. "$here/tests/peers/git-http.bash"
	far=$scratch/served/far.git
	mkdir -p "$scratch/served"
	git clone -q --bare "$repo" "$far"
	git -C "$far" config http.receivepack true
	git_http_start "$scratch/served" || exit 1
	trap 'git_http_stop; rm -rf "$scratch"' EXIT
	far_url=${GIT_HTTP_URL}far.git
	git -C "$repo" remote add origin "$far_url"
	git -C "$repo" fetch -q origin
}
