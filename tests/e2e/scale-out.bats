#!/usr/bin/env bats
# docs/guides/scale-out.md: its files are parsed, and their commands run as
# they stand there, on clones of a bare repository.
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
load helper

GUIDES=$ROOT/docs/guides
WORKFLOW=$ROOT/templates/workflows/git-orch.yaml

# A bare repository with plan 'small', trusted by its digest alone.
fleet() {
	small_plan "$@"
	git clone -q --bare . "$BATS_TEST_TMPDIR/origin.git"
	ORCH_TRUST=$(git orch trust --show | sed -n 's/.*of all: //p')
	export ORCH_TRUST
	export PATH=$GUIDES:$PATH
	git orch trust --revoke >/dev/null 2>&1
	cd ..
}

# yaml <file> <python>: of the document d, printed.
yaml() {
	python3 -c "import sys, yaml, json, shlex
d = yaml.safe_load(open(sys.argv[1]))
print($2)" "$1"
}

# phases <status>: how many there are on the remote.
phases() {
	rm -rf look
	git clone -q origin.git look
	git -C look orch status small --fetch --json |
		jq "[.phases[] | select(.status == \"$1\")] | length"
}

# here: what a pipeline or a pod clones is the repository of this test.
here() {
	export REPOSITORY=$BATS_TEST_TMPDIR/origin.git
	export GIT_CREDENTIALS=$BATS_TEST_TMPDIR/credentials
	: >"$GIT_CREDENTIALS"
}

@test "runners of the Kubernetes job share a plan" {
	fleet
	job=$GUIDES/kubernetes-job.yaml
	[ "$(yaml "$job" "d['spec']['completionMode']")" = Indexed ]
	pod="d['spec']['template']['spec']['containers'][0]"
	eval "$(yaml "$job" "'\n'.join('export ' + e['name'] + '=' + \
		shlex.quote(e['value']) for e in ${pod}['env'])")"
	[[ "$REPOSITORY" = https://* ]]
	here
	command=$(yaml "$job" "shlex.join(${pod}['command'] + ${pod}['args'])")
	for n in 0 1; do
		mkdir "pod$n"
		(cd "pod$n" && HOME=$PWD exec $command) >"pod$n.log" 2>&1 3>&- &
		pids[n]=$!
	done
	for n in 0 1; do
		wait "${pids[n]}" || {
			cat "pod$n.log"
			return 1
		}
	done
	[ "$(phases in-review)" = 2 ]
	[ "$(git -C origin.git rev-list --count main..orch/small/a)" = 1 ]
	[ "$(git -C origin.git rev-list --count main..orch/small/b)" = 1 ]
}

@test "a pod does not run as root, and has no token of the cluster" {
	pod="d['spec']['template']['spec']"
	job=$GUIDES/kubernetes-job.yaml
	[ "$(yaml "$job" "${pod}['securityContext']['runAsNonRoot']")" = True ]
	[ "$(yaml "$job" "${pod}['automountServiceAccountToken']")" = False ]
	grep -q '^USER orch$' "$GUIDES/Containerfile"
	[ "$(yaml "$job" "${pod}['securityContext']['runAsUser']")" = \
		"$(sed -n 's/.*--uid \([0-9]*\).*/\1/p' "$GUIDES/Containerfile")" ]
}

@test "jobs of the GitLab pipeline do the phases and land them" {
	fleet
	file=$GUIDES/gitlab-ci.yml
	[ "$(yaml "$file" "d['phases']['parallel']")" = 4 ]
	CI_PROJECT_URL=https://gitlab.example.com/o/n CI_DEFAULT_BRANCH=main
	eval "$(yaml "$file" "'\n'.join('export ' + k + '=' + v \
		for k, v in d['.runner']['variables'].items())")"
	[ "$REPOSITORY" = https://gitlab.example.com/o/n.git ]
	here
	for job in phases land phases land; do
		yaml "$file" "'\n'.join(d['$job']['script'])" >script
		run bash -e script
		exits 0
	done
	[ "$(phases done)" = 3 ]
}

@test "jobs of the GitHub workflow do what the matrix lists" {
	fleet
	git clone -q origin.git work
	cd work
	export GITHUB_OUTPUT=$BATS_TEST_TMPDIR/output PLAN=''
	yaml "$WORKFLOW" "d['jobs']['plan']['steps'][1]['run']" >../script
	bash -e ../script
	[ "$(wc -l <"$GITHUB_OUTPUT")" = 1 ]
	matrix=$(sed -n 's/^matrix=//p' "$GITHUB_OUTPUT")
	[ "$(jq '.include | length' <<<"$matrix")" = 2 ]
	yaml "$WORKFLOW" "d['jobs']['phase']['steps'][1]['run']" >../script
	for i in 0 1; do
		PLAN=$(jq -r ".include[$i].plan" <<<"$matrix")
		PHASE=$(jq -r ".include[$i].phase" <<<"$matrix")
		export PLAN PHASE
		bash -e ../script
		# Again, as a second job of the same row would.
		bash -e ../script
	done
	cd ..
	[ "$(phases in-review)" = 2 ]
}

@test "GitHub's workflow takes no text of others into a script" {
	for n in plan phase; do
		yaml "$WORKFLOW" "'\n'.join(s.get('run', '') \
			for s in d['jobs']['$n']['steps'])" >script
		[ -s script ]
		[ "$(grep -c '\${{' script)" = 0 ]
	done
}

@test "a runner without trust refuses, one without work does not fail" {
	fleet 'checks: [{name: x, run: "true"}]'
	here
	mkdir one two
	ORCH_TRUST='' run env -C one orch-runner run
	exits 4
	(cd two && orch-runner run)
	unset REPOSITORY
	run env -C two/work orch-runner run
	exits 0
}

@test "a runner that is told to end drops its claim" {
	fleet 'checks: [{name: slow, run: "sleep 60"}]'
	here
	mkdir one
	(cd one && exec orch-runner run) >log 2>&1 3>&- &
	runner=$!
	tries=0
	until [ -n "$(git -C origin.git for-each-ref refs/orch/claim)" ]; do
		sleep 0.1
		[ $((tries += 1)) -lt 300 ]
	done
	kill -TERM $runner
	status=0
	wait $runner || status=$?
	output=$(cat log; git -C origin.git for-each-ref)
	exits 143
	[ -z "$(git -C origin.git for-each-ref refs/orch/claim)" ]
}

@test "the image is built of what the program needs" {
	packages=$(sed -n '/^BUILD_apt/,/[^\\]$/p' "$ROOT/tests/deps.mk" |
		sed 's/^BUILD_apt *=//' | tr '\\\n\t' ' ')
	first=$(sed '/^FROM.*slim$/,$d' "$GUIDES/Containerfile" |
		tr '\\\n\t' ' ')
	for package in $packages; do
		[[ " $first " == *" $package "* ]] || {
			echo "not installed: $package"
			return 1
		}
	done
	sed -n 's/^RUN \(make[^D]*\).*/\1/p' "$GUIDES/Containerfile" >commands
	[ "$(wc -l <commands)" = 2 ]
	while read -r line; do
		grep -qF "$line" "$ROOT/README.md" || {
			echo "not in README.md: $line"
			return 1
		}
	done <commands
	[ -f "$ROOT/$(sed -n 's/^COPY \(docs[^ ]*\) .*/\1/p' \
		"$GUIDES/Containerfile")" ]
}

@test "the image has every library that the program is linked with" {
	command -v dpkg >/dev/null || skip "dpkg is not installed"
	[ "$(. /etc/os-release && echo "$VERSION_ID")" = 12 ] ||
		skip "Debian 12 only"
	last=$(sed -n '/^FROM.*slim$/,$p' "$GUIDES/Containerfile")
	ldd "$ORCH_BUILD/git-orch" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' |
		while read -r library; do
			name=$(dpkg -S "$(readlink -f "$library")" 2>/dev/null |
				sed 's/:.*//')
			case $name in
			libc6 | '' | libasan* | libubsan* | libgcc* | libstdc*) ;;
			*) [[ "$last" == *" $name"* ]] || {
				echo "not in the image: $name"
				exit 1
			} ;;
			esac
		done
}

@test "what the guide leads to is there, and its commands work" {
	small_plan
	grep -o '](\([^)]*\))' "$GUIDES/scale-out.md" | tr -d '()]' >links
	[ "$(wc -l <links)" -ge 5 ]
	while read -r link; do
		[ -e "$GUIDES/$link" ] || {
			echo "not there: $link"
			return 1
		}
	done <links
	sed -n 's/^\$ //p' "$GUIDES/scale-out.md" >commands
	[ -s commands ]
	bash -e commands
}
