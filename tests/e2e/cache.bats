#!/usr/bin/env bats
# The store of replies, filled by planning with programs as models.
load helper
load models

planned() {
	planners "$@"
	git orch plan "a list of tasks" >/dev/null 2>&1
	keys=$(git orch cache list | cut -d ' ' -f 1)
	[ -n "$keys" ]
}

# again [<option>…]: the same goal once more, by a run of its own.
again() {
	git branch -D orch/todo/plan
	git orch "$@" plan "a list of tasks" >/dev/null 2>&1
}

entry() {
	find .git/orch/replies -type f ! -name .tidied | sort | head -n 1
}

@test "cache list shows what is kept, and filters it" {
	planned
	run_orch cache list
	exits 0
	[ "${#lines[@]}" -ge 5 ]
	says brainstorm
	run_orch cache list --stage brainstorm
	[ "${#lines[@]}" = 2 ]
	run_orch cache list --plan other
	says "no reply is kept"
	run_orch cache list --json
	exits 0
	json_fits cache-list
}

@test "cache show prints a reply by the start of its key" {
	planned
	run_orch cache show "$(head -n 1 <<<"$keys")"
	exits 0
	says "stage"
	says "stop"
	run_orch cache show --json "$(head -n 1 <<<"$keys")"
	exits 0
	json_fits cache-show
	run_orch cache show 0000000
	exits 128
	warns "no reply is kept"
	run_orch cache show abc
	exits 129
}

@test "cache show prints no secret" {
	planners
	answer brainstorm brainstorm \
		'p["approach"] = "use ghp_" "16C7e42F292c6912E7710c838347Ae178B4a"'
	git orch plan "a list of tasks" >/dev/null 2>&1
	key=$(git orch cache list --stage brainstorm | head -n 1 | cut -d ' ' -f 1)
	for json in '' --json; do
		# shellcheck disable=SC2086
		run_orch cache show $json "$key"
		exits 0
		says "[redacted:"
		[[ "$output" != *16C7e42F* ]]
	done
}

# whole <file>...: files as they are, and entries of the store unpacked.
whole() {
	python3 - "$@" <<-'END'
		import json, sys, zlib
		for path in sys.argv[1:]:
		    data = open(path, "rb").read()
		    head, _, body = data.partition(b"\n")
		    if b'"z":true' in head and json.loads(head)["z"]:
		        data = head + zlib.decompress(body)
		    sys.stdout.buffer.write(data)
	END
}

@test "a key that a model says is kept nowhere, and who goes on asks the same" {
	export MY_TOKEN=known-to-this-run-alone
	planners '  - {name: x, role: git, worker: cli, profile: generic, command: "true", env: [MY_TOKEN]}'
	answer synthesis synthesis "p['overview'] = 'It is $MY_TOKEN.'"
	answer architecture architecture "p['overview'] = '$MY_TOKEN ' * 300"
	: >"$MODEL/review.die"
	run -137 "$ORCH_BUILD/git-orch" --record=../tape plan "a list of tasks"
	[[ "$output" != *"$MY_TOKEN"* ]]
	[[ "$output" = *"a key was taken out of what agent 'manager' answered"* ]]
	rm "$MODEL/review.die"
	run_orch --record=../tape plan "a list of tasks"
	exits 0
	[[ "$output$stderr" != *"$MY_TOKEN"* ]]
	# Nothing that was answered is asked again, and what was not as before.
	[ "$(asked | grep -c '^synthesis\|^architecture')" = 2 ]
	cmp "$MODEL/asked/review.1.manager" "$MODEL/asked/review.2.manager"
	grep -q 'It is \[redacted:known\]' "$MODEL/asked/review.2.manager"
	git show orch/todo/plan:.orch/plans/todo/docs/architecture.md |
		grep -q '\[redacted:known\] \[redacted:known\]'
	git archive orch/todo/plan >../branch.tar
	mapfile -t files < <(find .git/orch ../tape ../branch.tar -type f)
	[ "${#files[@]}" -gt 12 ]
	whole "${files[@]}" >../all
	grep -q 'redacted:known' ../all
	run ! grep -qF "$MY_TOKEN" ../all
}

@test "the same again is answered by the store, and stats and cost say so" {
	planned
	before=$(asked)
	again
	[ "$(asked)" = "$before" ]
	run_orch cache stats
	exits 0
	says brainstorm
	says "50 %"
	run_orch cache stats --days 1 --json
	exits 0
	json_fits cache-stats
	[ "$(jq .hits <<<"$output")" = "$(wc -l <<<"$before")" ]
	[ "$(jq .calls <<<"$output")" = "$(wc -l <<<"$before")" ]
	run_orch cost --json
	[ "$(jq .total.cache_hits <<<"$output")" = "$(wc -l <<<"$before")" ]
}

@test "--no-cache and ORCH_NO_CACHE ask again" {
	planned
	n=$(asked | wc -l)
	again --no-cache
	[ "$(asked | wc -l)" = $((2 * n)) ]
	ORCH_NO_CACHE=1 again
	[ "$(asked | wc -l)" = $((3 * n)) ]
	ORCH_NO_CACHE=0 again
	[ "$(asked | wc -l)" = $((3 * n)) ]
}

@test "--record writes what --replay answers from" {
	planners
	git orch --record=../tape plan "a list of tasks" >/dev/null 2>&1
	[ "$(find ../tape -name '*.json' | wc -l)" = "$(asked | wc -l)" ]
	n=$(asked | wc -l)
	again --no-cache --replay=../tape
	[ "$(asked | wc -l)" = "$n" ]
	git branch -D orch/todo/plan
	run_orch --no-cache --replay ../tape plan "another goal"
	[ "$status" != 0 ]
	[ "$(asked | wc -l)" = "$n" ]
}

@test "cache invalidate removes one, with --cascade what rests on it" {
	planned
	all=$(wc -l <<<"$keys")
	key=$(git orch cache list --stage brainstorm | head -n 1 | cut -d ' ' -f 1)
	run_orch cache invalidate "$key"
	exits 0
	[ "${#lines[@]}" = 1 ]
	[ "$(git orch cache list | wc -l)" = $((all - 1)) ]
	key=$(git orch cache list --stage brainstorm | head -n 1 | cut -d ' ' -f 1)
	run_orch cache invalidate --cascade "$key"
	exits 0
	[ "${#lines[@]}" -gt 1 ]
}

@test "cache clear asks, and refuses where nobody can answer" {
	planned
	run_orch cache clear --no-input
	exits 4
	[ -n "$(entry)" ]
	run_orch cache clear --yes
	exits 0
	[ -z "$(entry)" ]
}

@test "cache verify finds what is damaged, and --fix removes it" {
	planned
	run_orch cache verify
	exits 0
	printf x >>"$(entry)"
	run_orch cache verify
	exits 1
	[ "${#lines[@]}" = 1 ]
	run_orch cache verify --json
	exits 1
	json_fits cache-verify
	run_orch cache verify --fix
	exits 0
	run_orch cache verify
	exits 0
}

@test "cache gc removes what has no room" {
	planned
	run_orch -c cache.max_bytes=1 cache gc
	exits 0
	warns "0 kept"
	[ -z "$(entry)" ]
}

@test "plan keeps the store below cache.max_bytes, once a day" {
	planned
	again -c cache.max_bytes=1
	[ -n "$(entry)" ]
	touch -d '25 hours ago' .git/orch/replies/.tidied
	again -c cache.max_bytes=1
	[ -z "$(entry)" ]
}

@test "cache push is refused unless sharing is on" {
	planned
	run_orch cache push
	exits 4
	warns "share: true"
	run_orch cache pull
	exits 128
	warns "no remote"
}

@test "what one clone pushes another pulls, and asks nobody" {
	planned 'cache: {share: true}'
	git init -q --bare ../remote.git
	git remote add origin ../remote.git
	git push -q origin main
	run_orch cache push --dry-run
	exits 0
	says "brainstorm: 2"
	[ -z "$(git -C ../remote.git for-each-ref refs/orch)" ]
	run_orch cache push
	exits 0
	says "refs/orch/cache/"
	git clone -q ../remote.git ../clone
	n=$(asked | wc -l)
	cd ../clone
	git orch trust --yes >/dev/null 2>&1
	run_orch cache pull
	exits 0
	says "$n taken of 1 runner"
	run_orch cache list
	says shared
	git orch plan "a list of tasks" >/dev/null 2>&1
	git rev-parse -q --verify origin/orch/todo/plan
	[ "$(asked | wc -l)" = "$n" ]
	untouched
}

@test "cache push shares no secret" {
	planners 'cache: {share: true}'
	git init -q --bare ../remote.git
	git remote add origin ../remote.git
	git push -q origin main
	answer brainstorm brainstorm \
		'p["approach"] = "use ghp_" "16C7e42F292c6912E7710c838347Ae178B4a"'
	git orch plan "a list of tasks" >/dev/null 2>&1
	run_orch cache push
	exits 4
	warns "github"
	[ -z "$(git -C ../remote.git for-each-ref refs/orch)" ]
}

@test "cache push and pull need trust" {
	planned 'cache: {share: true}'
	git orch trust --revoke 2>/dev/null
	run_orch cache push
	exits 4
	run_orch cache pull
	exits 4
}
