#!/usr/bin/env bats
# shellcheck disable=SC2154
#
# Every kind of repository that is served, each with the whole way from a
# template to landed phases, and those that are refused by name.
load helper

# The base of these tests: folders, an executable, a symbolic link.
contents() {
	# What kind of repository it is matters here, not whose clone.
	export ORCH_REMOTE=.
	repository
	mkdir -p src doc/old
	echo 'int main(void) { return 0; }' >src/main.c
	printf '#!/bin/sh\nexit 0\n' >src/run.sh
	chmod +x src/run.sh
	ln -s src/main.c link
	seq 100 >doc/old/numbers
	template_small
	echo "checks: [{name: kept, run: 'test -x src/run.sh && test -L link'}]" \
		>>.orch/templates/small/plan.yaml
	git orch init >/dev/null
	commit contents
}

# What must be the same afterwards.
remember() {
	tree_before=$(git ls-tree -r main)
	status_before=$(git status --porcelain 2>/dev/null) || true
	skipped_before=$(git ls-files -t 2>/dev/null | grep '^S') || true
}

# whole_way [<option>...]: from a template to landed phases.
whole_way() {
	local step

	for step in 'trust --yes' 'plan --template small' 'trust --yes' \
		'approve small' 'trust --yes' 'run small --land'; do
		# shellcheck disable=SC2086
		run_orch "$@" $step
		exits 0
	done
	says "the plan is finished"
}

# Every file of before is on the base as it was, the three new ones are there,
# and all objects are sound.
lost_nothing() {
	local lost id

	lost=$(comm -23 <(sort <<<"$tree_before") \
		<(git ls-tree -r main | sort))
	[ -z "$lost" ] || {
		echo "lost: $lost"
		return 1
	}
	for id in a b c; do
		[ "$(git show main:$id.txt)" = "this is $id" ]
	done
	run git fsck --strict
	exits 0
	[[ "$output" != *error* && "$output" != *missing* ]]
}

# In the directory where the base is checked out.
same_status() {
	[ "$(git status --porcelain)" = "$status_before" ]
	[ -z "$(comm -23 <(echo "$skipped_before") \
		<(git ls-files -t | grep '^S'))" ]
	git diff --cached --quiet HEAD
}

landed_here() {
	[ "$(cat a.txt b.txt c.txt)" = "this is a
this is b
this is c" ]
}

# refused <text>: by name, with a hint, and nothing written.
refused() {
	local command

	for command in status validate next-phase 'run --land'; do
		# shellcheck disable=SC2086
		run_orch $command
		exits 128
		warns "$1"
		warns "hint: "
	done
	run_orch doctor
	exits 1
	says "$1"
	[ ! -e .git/orch ]
}

@test "a plain repository is served" {
	contents
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
}

@test "uncommitted, staged and stashed work is kept" {
	contents
	echo stashed >>README
	git stash -q
	echo edited >>src/main.c
	echo staged >new.c
	git add new.c
	echo untracked >notes
	remember
	whole_way
	lost_nothing
	[ "$(git status --porcelain)" = "$status_before" ]
	[ "$(git diff --cached --name-only HEAD)" = new.c ]
	landed_here
	git stash pop -q
	grep stashed README
}

@test "a bare repository is served" {
	contents
	git clone -q --bare . ../bare.git
	cd ../bare.git
	remember
	whole_way
	lost_nothing
	[ -z "$(find . -name a.txt)" ]
}

@test "a linked worktree is served from within" {
	contents
	git worktree add -q ../linked -b side
	cd ../linked
	echo edited >>README
	remember
	whole_way
	lost_nothing
	[ "$(git symbolic-ref HEAD)" = refs/heads/side ]
	[ "$(git status --porcelain)" = " M README" ]
	[ ! -e a.txt ]
	cd ../repo
	status_before=
	same_status
	landed_here
}

@test "a base that is checked out in a linked worktree is landed there" {
	contents
	git checkout -q -b side
	git worktree add -q ../linked main
	echo edited >>../linked/README
	remember
	whole_way
	lost_nothing
	same_status
	[ ! -e a.txt ]
	cd ../linked
	[ "$(git status --porcelain)" = " M README" ]
	landed_here
}

@test "linked worktrees of a bare repository are served" {
	contents
	git clone -q --bare . ../bare.git
	git -C ../bare.git worktree add -q ../linked main
	cd ../linked
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
}

@test "a shallow clone is served" {
	contents
	for n in 1 2 3; do
		echo $n >>README
		commit "change $n"
	done
	git clone -q --depth 2 "file://$PWD" ../shallow
	cd ../shallow
	shallow=$(cat .git/shallow)
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ "$(cat .git/shallow)" = "$shallow" ]
}

@test "a sparse checkout in cone mode stays sparse" {
	contents
	git sparse-checkout set --cone src
	[ ! -e doc ]
	pattern=$(cat .git/info/sparse-checkout)
	remember
	whole_way
	lost_nothing
	same_status
	[ ! -e doc ]
	landed_here
	[ "$(cat .git/info/sparse-checkout)" = "$pattern" ]
	[ "$(git ls-files -t doc/old/numbers)" = "S doc/old/numbers" ]
}

@test "a sparse checkout without cone mode stays sparse" {
	contents
	git sparse-checkout set --no-cone '/src/' '/README' '/a.txt'
	[ ! -e doc ]
	remember
	whole_way
	lost_nothing
	[ "$(git status --porcelain)" = "$status_before" ]
	[ "$(git ls-files -t doc)" = "S doc/old/numbers" ]
	[ "$(cat a.txt)" = "this is a" ]
	[ ! -e doc ]
	[ ! -e b.txt ]
	[ "$(git ls-files -t b.txt)" = "S b.txt" ]
}

@test "a sparse index is served" {
	contents
	git sparse-checkout set --cone --sparse-index src
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ "$(git ls-files --sparse -t doc/)" = "S doc/" ]
}

@test "submodules stay as they are" {
	git init -q ../library
	(cd ../library && echo code >code.c && commit code)
	contents
	git -c protocol.file.allow=always submodule --quiet add \
		"$BATS_TEST_TMPDIR/library" lib/library
	commit 'a submodule'
	echo local >lib/library/notes
	link=$(git ls-tree main lib/library)
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ "$(git ls-tree main lib/library)" = "$link" ]
	[ "$(cat lib/library/code.c lib/library/notes)" = "code
local" ]
}

@test "submodules that are not checked out stay that way" {
	git init -q ../library
	(cd ../library && echo code >code.c && commit code)
	contents
	git -c protocol.file.allow=always submodule --quiet add \
		"$BATS_TEST_TMPDIR/library" lib/library
	commit 'a submodule'
	git clone -q . ../clone
	cd ../clone
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ -z "$(ls lib/library)" ]
}

@test "LFS pointers stay pointers" {
	contents
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 7\n' \
		1 >image.bin
	git add image.bin
	echo '*.bin filter=lfs diff=lfs merge=lfs -text' >.gitattributes
	git add .gitattributes
	git commit -qm 'a large file'
	sleep 1 # git asks the filter about what is as new as its index
	git update-index -q --refresh
	for part in clean smudge process; do
		git config filter.lfs.$part 'git-lfs'
	done
	git config filter.lfs.required true
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ "$(git hash-object --no-filters image.bin)" = \
		"$(git rev-parse main:image.bin)" ]
}

@test "a separate git directory is served" {
	git init -q --separate-git-dir ../elsewhere.git .
	contents
	[ -f .git ]
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ -d ../elsewhere.git/orch ]
}

@test "a repository inside a repository is its own" {
	contents
	outside=$(git rev-parse main)
	echo inner/ >.git/info/exclude
	git init -q inner
	cd inner
	contents
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ "$(git -C .. rev-parse main)" = "$outside" ]
}

@test "a repository with packed refs and packed objects is served" {
	contents
	git gc -q
	remember
	whole_way
	git gc -q --prune=now
	lost_nothing
	same_status
	landed_here
}

@test "objects borrowed from another repository are served" {
	contents
	git clone -q --shared . ../borrower
	cd ../borrower
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
}

@test "a remote that is not meant to be used is left alone" {
	contents
	git clone -q . ../clone
	cd ../clone
	unset ORCH_REMOTE
	git config orch.remote .
	remote=$(git -C ../repo for-each-ref)
	tracking=$(git for-each-ref refs/remotes)
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
	[ "$(git -C ../repo for-each-ref)" = "$remote" ]
	[ "$(git for-each-ref refs/remotes)" = "$tracking" ]
}

@test "a remote that has no base yet names the push" {
	contents
	unset ORCH_REMOTE
	git remote add origin ssh://nowhere.invalid/x
	run_orch status
	exits 128
	warns "git push -u origin main"
}

@test "GIT_DIR and GIT_WORK_TREE name the repository" {
	contents
	remember
	here=$PWD
	mkdir ../elsewhere
	cd ../elsewhere
	export GIT_DIR=$here/.git GIT_WORK_TREE=$here
	whole_way
	lost_nothing
	unset GIT_DIR GIT_WORK_TREE
	[ -z "$(ls -A)" ]
	cd "$here"
	same_status
	landed_here
}

@test "GIT_DIR with a work tree elsewhere lands there" {
	contents
	git clone -q --bare . ../apart.git
	git -C ../apart.git config core.bare false
	mkdir ../files
	export GIT_DIR=$BATS_TEST_TMPDIR/apart.git
	export GIT_WORK_TREE=$BATS_TEST_TMPDIR/files
	git checkout -qf main
	cd ../files
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
}

@test "a path with spaces, umlauts and a newline is served" {
	mkdir -p "$BATS_TEST_TMPDIR/a b ü
'\"\$c"
	cd "$BATS_TEST_TMPDIR/a b ü
'\"\$c"
	contents
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
}

@test "files with odd names are kept" {
	contents
	mkdir 'sp ace' $'ta\tb'
	echo 1 >'sp ace/ü "quoted"'
	echo 2 >$'ta\tb/new\nline'
	echo 3 >$'\xff\xfe not utf-8'
	echo 4 >-n
	echo 5 >':(top)x'
	commit odd
	remember
	whole_way
	lost_nothing
	same_status
	landed_here
}

@test "a subdirectory is as good as the top" {
	contents
	remember
	cd src
	whole_way
	cd ..
	lost_nothing
	same_status
	landed_here
}

@test "-C goes there first" {
	contents
	remember
	cd /
	whole_way -C "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo"
	lost_nothing
	same_status
	landed_here
}

@test "another user's repository is refused until it is called safe" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to give a repository away"
	contents
	remember
	chown -R 65534 .
	run_orch status
	[ "$status" -ne 0 ]
	warns "belongs to another user"
	warns "hint: if you trust it: git config --global --add safe.directory"
	git config --global --add safe.directory "$PWD"
	whole_way
	lost_nothing
	same_status
	landed_here
}

@test "SHA-256 is refused by name" {
	git init -q --object-format=sha256 .
	echo hello >README
	commit first
	refused 'object ids other than SHA-1'
}

@test "a partial clone is refused by name" {
	contents
	git clone -q --bare . ../from.git
	git -C ../from.git config uploadpack.allowFilter true
	git clone -q --filter=blob:none "file://$BATS_TEST_TMPDIR/from.git" \
		../partial
	cd ../partial
	refused 'a partial clone'
}

@test "reftable is refused by name" {
	repository
	git config core.repositoryFormatVersion 1
	git config extensions.refStorage reftable
	refused 'a ref storage other than files'
}

@test "an unknown extension is refused by name" {
	repository
	git config core.repositoryFormatVersion 1
	git config extensions.fromTheFuture true
	refused 'extensions.fromthefuture'
}

@test "a repository format of the future is refused by name" {
	repository
	git config core.repositoryFormatVersion 2
	refused 'core.repositoryformatversion = 2'
}

@test "a directory without a repository is refused with a hint" {
	run_orch status
	exits 128
	warns "not a git repository"
	warns "hint: "
}

@test "a base that can be no branch is a usage error" {
	repository
	for name in '' 'a..b' 'HEAD~1'; do
		run_orch --base="$name" status
		exits 129
		warns "'$name' (from --base) is no name of a branch"
		warns "hint: the base is a branch, not a revision"
	done
}
