#!/usr/bin/env bats
load helper

# A project with stacking on: b stands on a, c on b.  Lines are further ones
# of the configuration.
stack() {
	project
	template_small
	{
		echo 'version: 1'
		echo 'policy: {sandbox: "off"}'
		echo 'delivery: {stacking: true}'
		printf '%s\n' "$@"
	} >.orch/config.yaml
	plan small
	phase small a 'files: {create: [a.txt]}'
	phase small b 'depends_on: [a]' 'files: {create: [b.txt]}'
	phase small c 'depends_on: [b]' 'files: {create: [c.txt]}'
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
}

# squash <phase>: it lands as a forge would do it, but for the branch.
squash() {
	git merge -q --squash "${2-}orch/small/$1" >/dev/null
	git commit -qm "squash $1"
}

# A bare remote, and two clones of it: here, and ../other.
two_clones() {
	git init -q --bare -b main ../far.git
	git remote add origin ../far.git
	git push -q -u origin main
	git clone -q ../far.git ../other
	(cd ../other && git orch trust --yes >/dev/null 2>&1)
}

@test "with stacking on, phases begin on the one in review below" {
	stack
	[ "$(status_of small b)" = waiting ]
	git orch next-phase a
	[ "$(status_of small b)" = ready ]
	run_orch status --json
	json_fits status
	[ "$(jq -r '.phases[] | select(.id == "b").stacks_on' <<<"$output")" = a ]
	run_orch run
	exits 0
	[ "$(git rev-parse orch/small/b~1)" = "$(git rev-parse orch/small/a)" ]
	[ "$(git rev-parse orch/small/c~1)" = "$(git rev-parse orch/small/b)" ]
	run_orch status
	says "on b"
	untouched
}

@test "run --land does and lands a whole stack" {
	stack
	run_orch run --land --jobs 2
	exits 0
	[ "$(git log --format=%s -4)" = "docs(small): integration report
feat: Phase c
feat: Phase b
feat: Phase a" ]
	[ -z "$(git for-each-ref refs/heads/orch refs/orch)" ]
	untouched
}

@test "restack puts a phase onto the base when the one below was squashed" {
	stack
	git orch run
	squash a
	run_orch status
	says "has landed or moved"
	says "git orch restack"
	run_orch restack
	exits 0
	says "restacked  b  on main, its result stands"
	says "restacked  c  on orch/small/b, its result stands"
	[ "$(git log --format=%s main..orch/small/b)" = "feat: Phase b" ]
	[ "$(git rev-parse refs/orch/base/small/b)" = "$(git rev-parse main)" ]
	run_orch restack
	exits 3
	warns "stands where it should"
	untouched
}

@test "restack checks again what came out as another source" {
	stack 'checks: [{name: t, run: "test ! -f OTHER || test -f GOOD"}]'
	git orch run
	squash a
	echo x >OTHER
	commit 'in the way'
	tip=$(git rev-parse orch/small/b)
	run_orch restack b
	exits 1
	says "red"
	[ "$(git rev-parse orch/small/b)" = "$tip" ]
	echo x >GOOD
	commit 'out of the way'
	run_orch restack
	exits 0
	says "checked again"
	git log -1 --format=%B orch/small/b | grep -q '^Orch-Evidence: '
	[ "$(git diff --name-only orch/small/b~1 orch/small/b)" = \
		.orch/plans/small/phases/b.yaml ]
}

@test "restack leaves a conflict to a person: exit 6" {
	stack
	git orch run
	squash a
	echo other >b.txt
	commit 'the same file'
	tip=$(git rev-parse orch/small/b)
	run_orch restack
	exits 6
	says "both sides changed b.txt"
	says "git rebase --onto main"
	[ "$(git rev-parse orch/small/b)" = "$tip" ]
	run_orch restack --json
	exits 6
	json_fits restack
	[ "$(jq -r '.phases[0].conflicts[0]' <<<"$output")" = b.txt ]
}

@test "restack of what is not in review is exit 3" {
	stack
	run_orch restack a
	exits 3
	warns "is ready, not in review"
	run_orch restack nosuch
	exits 128
}

@test "restack --json is what its schema says" {
	stack
	git orch next-phase a
	git orch next-phase b
	squash a
	run_orch restack --json
	exits 0
	json_fits restack
	[ "$(jq -r '.phases[0].end' <<<"$output")" = restacked ]
	run_orch restack --json b
	exits 0
	[ "$(jq -r '.phases[0].end' <<<"$output")" = current ]
}

@test "restack works from any clone, and keeps what was pushed by hand" {
	stack
	two_clones
	git orch run
	[ -n "$(git ls-remote origin refs/heads/orch/small/c)" ]
	git fetch -q
	git switch -q -c hand origin/orch/small/b
	echo more >>b.txt
	GIT_AUTHOR_NAME=Eve git commit -qam 'by hand'
	git push -q origin hand:orch/small/b
	git switch -q main
	squash a origin/
	git push -q origin main :orch/small/a
	cd ../other
	run_orch restack
	exits 0
	says "restacked  b  on main"
	says "restacked  c  on orch/small/b"
	[ "$(git log --format='%an: %s' origin/main..origin/orch/small/b)" = "Ada Author: chore: check b on main
Eve: by hand
Ada Author: feat: Phase b" ]
	[ "$(git show origin/orch/small/c:b.txt)" = "this is b
more" ]
	[ -z "$(git for-each-ref refs/heads/orch)" ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	[ "$(git ls-remote origin refs/orch/base/small/b | cut -f1)" = \
		"$(git rev-parse origin/main)" ]
	untouched
}

@test "a user's git fetch --prune loses nothing that restack needs" {
	stack
	two_clones
	git orch run
	git fetch -q
	squash a origin/
	git push -q origin main :orch/small/a
	git fetch -q --prune
	git reflog expire --expire=now --all
	git gc -q --prune=now
	run_orch restack
	exits 0
	says "restacked  b  on main"
	[ "$(git log --format=%s origin/main..origin/orch/small/b)" = \
		"feat: Phase b" ]
	git fsck --strict
}

@test "two clones land a stack: what one lands the other brings along" {
	stack
	two_clones
	git orch next-phase a
	(cd ../other && git orch next-phase --fetch b)
	git orch integrate
	[ "$(status_of small a)" = "done" ]
	(cd ../other && git orch next-phase --fetch c)
	(cd ../other && git orch integrate --fetch)
	run_orch status --fetch --json
	[ "$(jq -r '[.phases[].status] | unique | join(" ")' <<<"$output")" = "done" ]
	[ -z "$(git ls-remote origin 'refs/orch/*' 'refs/heads/orch/*')" ]
	[ "$(git log --format=%s -4 origin/main)" = "docs(small): integration report
feat: Phase c
feat: Phase b
feat: Phase a" ]
}

@test "restack takes along what is pushed to the branch meanwhile" {
	stack
	two_clones
	git orch next-phase a
	git orch next-phase b
	git switch -q -c hand origin/orch/small/b
	echo more >>b.txt
	git commit -qam 'by hand'
	git push -q origin hand
	git switch -q main
	squash a origin/
	git push -q origin main
	# Whoever pushes the branch next finds it moved, once.
	cat >../far.git/hooks/pre-receive <<-'END'
		#!/bin/sh
		grep -q refs/heads/orch/small/b && [ ! -e moved ] || exit 0
		touch moved
		env -u GIT_QUARANTINE_PATH git update-ref \
			refs/heads/orch/small/b hand
	END
	chmod +x ../far.git/hooks/pre-receive
	run_orch restack
	exits 0
	says "restacked  b"
	[ -e ../far.git/moved ]
	[ "$(git log --format=%s origin/main..origin/orch/small/b)" = "chore: check b on main
by hand
feat: Phase b" ]
}

@test "a base ref that is no commit counts as none" {
	stack
	two_clones
	git orch run
	git -C ../far.git update-ref refs/orch/base/small/b \
		"$(git -C ../far.git rev-parse 'main^{tree}')"
	run_orch status --fetch
	exits 0
	run_orch restack b
	exits 0
	[ "$(git -C ../far.git cat-file -t refs/orch/base/small/b)" = commit ]
	run_orch integrate
	exits 0
	[ -z "$(git -C ../far.git for-each-ref refs/heads/orch refs/orch)" ]
}
