#!/usr/bin/env bats
load helper

@test "next-phase does one phase on a branch of its own" {
	small_plan
	run_orch next-phase
	exits 0
	says "a done: Phase a"
	[ "$(git show orch/small/a:a.txt)" = "this is a" ]
	[ "$(git rev-list --count main..orch/small/a)" = 1 ]
	[ "$(status_of small a)" = in-review ]
	untouched
}

@test "next-phase commits work and document together" {
	small_plan
	git orch next-phase
	run git show orch/small/a:.orch/plans/small/phases/a.yaml
	says "status: done"
	says "result:"
	run git log -1 --format=%B orch/small/a
	says "Orch-Plan: small"
	says "Orch-Phase: a"
}

@test "next-phase takes the phase that is named" {
	small_plan
	run_orch next-phase b
	exits 0
	git rev-parse --verify -q orch/small/b
	run git rev-parse --verify -q orch/small/a
	exits 1
}

@test "next-phase --dry-run writes nothing" {
	small_plan
	before=$(git for-each-ref)
	run_orch next-phase --dry-run
	exits 0
	says "would do small/a"
	[ "$(git for-each-ref)" = "$before" ]
}

@test "a phase that waits is named with what it waits for" {
	small_plan
	run_orch next-phase c
	exits 3
	warns "waits for a, b"
}

@test "a phase that is blocked is named with its reason" {
	small_plan
	sed -i 's/^status: .*/status: blocked\nreason: no key yet/' \
		.orch/plans/small/phases/a.yaml
	commit blocked
	run_orch next-phase a
	exits 3
	warns "no key yet"
}

@test "an unknown phase is a failure" {
	small_plan
	run_orch next-phase d
	exits 128
	warns "plan 'small' has no phase 'd'"
}

@test "nothing is ready: exit 3" {
	small_plan
	git orch next-phase
	git orch next-phase
	run_orch next-phase
	exits 3
	warns "hint: "
}

@test "no plan at all is a failure with the way to begin" {
	project
	run_orch next-phase
	exits 128
	warns "hint: git orch plan --template"
}

@test "a plan that is not on the base is a failure with the command" {
	project
	git orch plan --template cli-tool
	run_orch next-phase
	exits 128
	warns "git orch approve tally"
}

@test "several plans: the one that is meant has to be named" {
	small_plan
	plan other
	phase other x 'files: {create: [a.txt]}'
	commit other
	run_orch next-phase
	exits 129
	warns "other, small"
	run_orch next-phase --plan small
	exits 0
}

@test "a broken plan is in the way of no other that is named" {
	small_plan
	plan other
	phase other x 'wrong: 1'
	commit 'a broken plan'
	run_orch next-phase
	exits 129
	warns "other (broken), small"
	run_orch next-phase --plan other
	exits 128
	warns "x.yaml:5:1"
	run_orch next-phase --plan small
	exits 0
	run_orch integrate small
	exits 0
	run_orch run small --land
	exits 0
	says "the plan is finished"
}

@test "an untrusted check runs nothing: exit 4" {
	small_plan
	plan small "checks: [{name: evil, run: \"touch $HOME/evil\"}]"
	commit 'a check'
	before=$(git for-each-ref)
	run_orch next-phase
	exits 4
	warns "git orch trust"
	[ ! -e "$HOME/evil" ]
	[ "$(git for-each-ref)" = "$before" ]
}

@test "a claim that is held is a refusal: exit 5" {
	small_plan 'checks: [{name: slow, run: "sleep 3"}]'
	git orch next-phase a 3>&- &
	other=$!
	until [ "$(status_of small a)" = running ]; do sleep 0.1; done
	run_orch next-phase a
	exits 5
	wait "$other"
}

@test "a red check fails the phase and is stored" {
	small_plan 'checks: [{name: red, run: "echo broken; exit 7"}]'
	run_orch next-phase a
	exits 1
	says "a failed"
	says "broken"
	[ "$(status_of small a)" = failed ]
	run git show orch/small/a:.orch/plans/small/phases/a.yaml
	says "exit: 7"
	run git cat-file -e orch/small/a:a.txt
	[ "$status" -ne 0 ]
	untouched
}

@test "a failed phase is started again by name" {
	small_plan 'checks: [{name: red, run: "exit 7"}]'
	run_orch next-phase a
	exits 1
	plan small 'checks: [{name: red, run: "true"}]'
	commit mended
	git orch trust --yes
	run_orch next-phase a
	exits 0
	[ "$(status_of small a)" = in-review ]
}

@test "a check that hangs is ended" {
	small_plan 'checks: [{name: hang, run: "sleep 60", timeout: 1}]'
	run_orch next-phase a
	exits 1
	says "still running"
}

@test "a check that floods is cut off" {
	small_plan 'checks: [{name: flood, run: "yes | head -c 100000000; false"}]'
	run_orch next-phase a
	exits 1
	[ "${#output}" -lt 20000 ]
}

@test "a check that kills itself is red" {
	small_plan 'checks: [{name: kill, run: "kill -9 $$"}]'
	run_orch next-phase a
	exits 1
	[ "$(status_of small a)" = failed ]
}

@test "a dirty tree is fine and stays as it is" {
	small_plan
	echo dirty >>README
	echo staged >new
	git add new
	before=$(git status --porcelain)
	run_orch next-phase
	exits 0
	[ "$(git status --porcelain)" = "$before" ]
}

@test "a detached HEAD is fine" {
	small_plan
	git checkout -q --detach
	head=$(git rev-parse HEAD)
	run_orch next-phase
	exits 0
	[ "$(git rev-parse HEAD)" = "$head" ]
}

@test "no identity is a failure that says what to set" {
	small_plan
	unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
	unset GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
	run_orch next-phase
	exits 128
	warns "git config --global user.name"
}

@test "a base that is missing is named" {
	small_plan
	run_orch next-phase --base nowhere
	exits 128
	warns "nowhere"
}

@test "without a remote there is nothing to push, propose or wait for" {
	small_plan
	run_orch next-phase --no-push --no-pr --no-wait a
	exits 0
	[ "$(status_of small a)" = in-review ]
}

@test "SIGTERM ends next-phase and the next call goes on" {
	small_plan 'checks: [{name: slow, run: "sleep 2"}]'
	git-orch next-phase a 2>/dev/null 3>&- &
	pid=$!
	until [ "$(status_of small a)" = running ]; do sleep 0.1; done
	kill -TERM $pid
	code=0
	wait $pid || code=$?
	[ "$code" -eq 143 ]
	run_orch next-phase a
	exits 0
	[ "$(git rev-list --count main..orch/small/a)" = 1 ]
}

@test "SIGKILL: the next call finishes with one branch and one commit" {
	small_plan 'checks: [{name: slow, run: "sleep 2"}]'
	git-orch next-phase a 2>../log 3>&- &
	pid=$!
	until grep -q check ../log; do sleep 0.1; done
	kill -KILL $pid
	wait $pid || true
	run_orch next-phase
	exits 0
	says "a done (resumed)"
	[ "$(git rev-list --count main..orch/small/a)" = 1 ]
	[ -z "$(git for-each-ref refs/orch/claim)" ]
}

@test "next-phase --json is what its schema says" {
	small_plan 'checks: [{name: look, run: "true"}]'
	run_orch next-phase --json a
	exits 0
	json_fits next-phase
	run_orch next-phase --json --dry-run
	json_fits next-phase
}

@test "next-phase --json of a failure is what its schema says" {
	small_plan 'checks: [{name: red, run: "false"}]'
	run_orch next-phase --json a
	exits 1
	json_fits next-phase
	says '"status": "failed"'
}

# judged <answer>: phase a has a criterion, and a validator that says this.
judged() {
	small_plan
	echo "$1" >../verdict
	cat >>.orch/config.yaml <<-EOF
	providers: [{name: v, driver: command, command: cat $(realpath ..)/verdict}]
	agents: [{name: val, role: validator, provider: v}]
	EOF
	sed -i 's/^files:/acceptance: [It is there]\nfiles:/' \
		.orch/plans/small/phases/a.yaml
	commit 'a validator'
	git orch trust --yes >/dev/null 2>&1
}

@test "next-phase says what the validator said, and what it cost" {
	judged '{"criteria": [{"criterion": 1, "evidence": "a.txt", "met": true}],
		"critical": [], "warnings": [], "suggestions": [],
		"coverage": null, "score": 0.9, "success": true}'
	run_orch next-phase a
	exits 0
	says "  verdict accepted, score 0.90, 1 of 1 criteria met"
	says "  cost    unpriced, 1 call"
	git branch -D orch/small/a
	run_orch next-phase --json a
	exits 0
	json_fits next-phase
}

@test "next-phase of a phase that the validator refused is 1" {
	judged '{"criteria": [{"criterion": 1, "evidence": "gone", "met": false}],
		"critical": [], "warnings": ["w"], "suggestions": ["s"],
		"coverage": 80, "score": 0, "success": false}'
	run_orch next-phase --json a
	exits 1
	json_fits next-phase
	says '"reason": "criterion 1 is not met: It is there"'
}

@test "a full disk is a failure, and with room again the phase is done" {
	command -v bwrap || skip "bubblewrap makes the small disk"
	small_plan
	mkdir ../disk
	bwrap --dev-bind / / true || skip "bubblewrap cannot work here"
	run --separate-stderr bwrap --dev-bind / / --size 8000000 \
		--tmpfs "$BATS_TEST_TMPDIR/disk" --chdir "$PWD" bash -c '
		cp -r . ../disk/repo && cd ../disk/repo || exit 99
		git orch trust --yes >/dev/null 2>&1
		head -c 9000000 /dev/zero >../fill 2>/dev/null
		code=0
		git orch next-phase a || code=$?
		rm ../fill
		git orch next-phase a >&2 || exit 98
		git fsck --strict >&2 || exit 97
		echo "commits: $(git rev-list --count main..orch/small/a)"
		exit "$code"'
	exits 128
	warns "No space left on device"
	says "commits: 1"
}

@test "next-phase refuses a template with a file name that is not UTF-8" {
	small_plan
	printf x >.orch/templates/small/files/a/$'caf\xe9'
	commit 'a name of another age'
	git orch trust --yes >/dev/null 2>&1
	run_orch next-phase a
	exits 4
	warns "template 'small': path 'files/a/caf?' is not UTF-8"
	warns "rename it"
	[ "$(status_of small a)" = ready ]
	run git for-each-ref refs/orch
	[ -z "$output" ]
	run_orch plan --template small --var name=other
	exits 4
	warns "path 'files/a/caf?' is not UTF-8"
}

@test "next-phase fails a phase that deletes a name that is not UTF-8" {
	small_plan
	phase small a "files: {create: [a.txt], delete: ['old/**']}"
	mkdir old
	printf x >$'old/caf\xe9'
	commit 'an old file'
	run_orch next-phase a
	exits 1
	says "path 'old/caf?' is not UTF-8"
	[ "$(status_of small a)" = failed ]
	git show orch/small/a:.orch/plans/small/phases/a.yaml | grep 'path: old/caf?'
	run_orch show small/a
	exits 0
}

@test "next-phase says before it works that a branch is in the way of ours" {
	local name

	small_plan 'checks: [{name: run, run: "touch ran"}]'
	for name in orch orch/small orch/small/a/own; do
		git branch "$name"
		run_orch next-phase a
		exits 6
		warns "branch '$name' is in the way of 'orch/small/a'"
		warns "rename it: git branch -m $name <name>, or set"
		run git for-each-ref refs/orch
		[ -z "$output" ]
		git branch -qD "$name"
	done
	git branch orch
	run_orch plan --template small --var name=other
	exits 6
	warns "branch 'orch' is in the way of 'orch/other/plan'"
	run_orch -c delivery.branch_prefix=work next-phase a
	exits 0
	git rev-parse -q --verify refs/heads/work/small/a
}

@test "next-phase with closed descriptors writes its words into no file" {
	small_plan
	code=0
	git-orch next-phase a >&- || code=$?
	[ "$code" -eq 128 ]
	[ "$(status_of small a)" = in-review ]
	git-orch next-phase b <&- 2>&-
	run grep -rlE 'done: Phase|^b  ' .git
	exits 1
}

@test "on a terminal next-phase breaks what it found between words" {
	small_plan
	printf 'token: ghp_%s\n' 16C7e42F292c6912E7710c838347Ae178B4a \
		>.orch/templates/small/files/a/a.txt
	commit 'a token'
	git orch trust --yes
	on_terminal 46 --quiet next-phase a
	[[ "$output" == *"a failed: "*"secrets.allow"* ]]
	fits 46
}
