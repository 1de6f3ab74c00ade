#!/usr/bin/env bats
# Claims are made here by hand, as a runner of another machine would leave them.
load helper

# A bare remote, and this clone of it.
with_remote() {
	small_plan
	git init -q --bare -b main ../far.git
	git remote add origin ../far.git
	git push -q -u origin main
}

# foreign <phase> [<generation>]: a claim of another runner, on the remote.
foreign() {
	local tree
	tree=$(git hash-object -t tree /dev/null)
	git push -q -f origin "$(git commit-tree -m "claim small/$1

Orch-Claim: 1
Orch-Runner: far-away
Orch-Run: 20260102T030405Z-00000000
Orch-Nonce: 0123456789abcdef0123456789abcdef
Orch-Generation: ${2:-1}
Orch-State: working
Orch-Reserved: 2000000
Orch-Spent: 1000" "$tree"):refs/orch/claim/small/$1"
}

@test "claim list shows what a runner elsewhere holds, once it was fetched" {
	with_remote
	foreign a
	run_orch claim list
	exits 0
	[ -z "$output" ]
	run_orch claim list --fetch
	exits 0
	says "small/a"
	says "far-away"
	says elsewhere
	run_orch claim list --json
	json_fits claim-list
	[ "$(jq -r '.claims[0].reserved_micros' <<<"$output")" = 2000000 ]
}

@test "a claim that may be alive is not dropped, and can be broken" {
	with_remote
	foreign a
	run_orch claim drop a
	exits 5
	warns "git orch claim break small/a"
	run_orch claim break a
	exits 4
	[ -n "$(git ls-remote origin 'refs/orch/claim/*')" ]
	run_orch claim break --yes small/a
	exits 0
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	[ "$(status_of small a)" = ready ]
}

@test "a claim seen unchanged for a lease is dropped" {
	with_remote
	git config orch.delivery.lease 1
	foreign a
	git orch status --fetch >/dev/null
	sleep 1.2
	run_orch claim drop a
	exits 0
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
}

@test "a claim that changes is not dropped, however old" {
	with_remote
	git config orch.delivery.lease 1
	foreign a
	git orch status --fetch >/dev/null
	sleep 1.2
	foreign a 2
	run_orch claim drop a
	exits 5
}

@test "dropping what nobody claims says so" {
	small_plan
	run_orch claim drop a
	exits 128
	warns "nobody claims phase 'small/a'"
}

@test "a claim that cannot be read can be broken" {
	small_plan
	git update-ref refs/orch/claim/small/a HEAD
	run_orch claim list
	says unreadable
	run_orch claim break --yes a
	exits 0
	[ -z "$(git for-each-ref refs/orch/claim)" ]
}
