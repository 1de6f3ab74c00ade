#!/usr/bin/env bash
# `make bench`: what git-orch costs, as ratios to `git rev-parse HEAD` in the
# same run: wall and cpu time of the command with all its children, and the
# most memory that one of those processes had.  Prints figures and never a
# verdict: machines are noisy.
#
# A check needs a worktree that is exactly the candidate's tree, which cannot
# cost less than looking at every file; `git status` in a tree of that size is
# printed beside it.
#
# Model calls are compared with curl(1), which sends as many requests to the
# same peer; ours are journalled, charged and kept as well.
#
#   ORCH_BUILD   the build directory (build)
#   RUNS         counted runs of each command (15)
# shellcheck source-path=SCRIPTDIR/../faults source=../faults/lib.bash
. "$(dirname "$0")/../faults/lib.bash"

runs=${RUNS:-15}
ratio=$scratch/ratio
cc -std=c11 -D_GNU_SOURCE -O2 -o "$ratio" "$here/tests/bench/ratio.c" || exit 1

# A plan of $1 phases, each depending on one of the ten before it.
make_plan() {
	rm -rf "$repo"
	git init -q "$repo" && cd "$repo" || exit 1
	mkdir -p .orch/plans/big/phases
	cat >.orch/plans/big/plan.yaml <<-END
		version: 1
		id: big
		title: A plan of $1 phases
		goal: Measure
	END
	perl -e '
		my $n = $ARGV[0];
		for my $i (1 .. $n) {
			open my $f, ">", ".orch/plans/big/phases/p$i.yaml";
			my $on = $i > 1 ? "p" . ($i > 10 ? $i - 10 : 1) : "";
			my $done = $i <= $n / 2 ? "done" : "planned";
			print $f "version: 1\nid: p$i\ntitle: Phase number $i\n",
			    "summary: What phase $i is for, said in a sentence\n",
			    "depends_on: [$on]\npriority: ", 1 + $i % 5, "\n",
			    "agent: scaffold\nobjectives:\n",
			    "  - first objective of phase $i\n",
			    "  - second objective of phase $i\n",
			    "files:\n  create: [src/p$i/*.c]\n  modify: []\n",
			    "tests:\n  - tests/p$i.c\nacceptance:\n",
			    "  - it does what it says\n  - and has a test\n",
			    "commit: {type: feat, scope: p$i}\n",
			    "estimate: {complexity: 3, tokens: 40000}\n",
			    "status: $done\n";
		}' "$1"
	git add -A
	git commit -qm "A plan"
	git gc -q
}

echo "== plans: status and validate"
for n in 10 1000 10000; do
	make_plan "$n"
	"$orch" status --plan big >/dev/null
	"$ratio" "$runs" "git rev-parse HEAD" "git rev-parse HEAD" \
		"version" "$orch version" \
		"status, $n phases" "$orch status --plan big" \
		"status --json, $n phases" "$orch status --plan big --json" \
		"validate, $n phases" "$orch validate"
done

# A tree of $1 files, with phases t1…t$2 of ten files in one folder each; $3 is
# their check or nothing.
make_tree() {
	repo=$scratch/tree-$1
	rm -rf "$repo"
	git init -q "$repo" && cd "$repo" || exit 1
	mkdir -p .orch
	perl -e '
		my ($n, $phases) = @ARGV;
		for my $i (0 .. $n - 1) {
			my $d = "tree/" . int($i / 1000) . "/" . int($i / 100) % 10;
			system "mkdir", "-p", $d if $i % 100 == 0;
			open my $f, ">", "$d/f$i";
			print $f "file $i\n";
		}
		for my $p (1 .. $phases) {
			system "mkdir", "-p",
			    ".orch/templates/ten/phases",
			    ".orch/templates/ten/files/t$p/new$p";
			open my $f, ">", ".orch/templates/ten/phases/t$p.yaml";
			print $f "version: 1\nid: t$p\ntitle: Ten files $p\n",
			    "depends_on: []\nagent: scaffold\n",
			    "objectives: [ten files]\n",
			    "files: {create: [new$p/*]}\n",
			    "acceptance: [they are there]\n",
			    "checks: [$ARGV[2]]\nstatus: planned\n";
			for my $i (1 .. 10) {
				open my $g, ">", ".orch/templates/ten/files/t$p/new$p/$i";
				print $g "file $i of phase $p\n";
			}
		}' "$1" "$2" "$3"
	cat >.orch/config.yaml <<-END
		version: 1
		policy: {sandbox: off}
		checks: [{name: ok, run: "true"}]
	END
	printf 'title: Ten\nsummary: Ten files\n' >.orch/templates/ten/template.yaml
	cat >.orch/templates/ten/plan.yaml <<-END
		version: 1
		id: ten
		title: Ten files
		goal: Ten files
		template: ten
	END
	git add -A
	git commit -qm start
	git gc -q
	"$orch" -q trust --yes >/dev/null 2>&1
	"$orch" plan --template ten --id ten >/dev/null &&
		"$orch" approve ten >/dev/null
}

phases=$((runs + 1))
for check in "" ok; do
	echo
	echo "== next-phase, ten files in one folder, checks: ${check:-none}"
	make_tree 1000 "$phases" "$check"
	make_tree 100000 "$phases" "$check"
	"$ratio" "$runs" "git rev-parse HEAD" "git rev-parse HEAD" \
		"next-phase, tree of 1000 files" \
		"$orch -C $scratch/tree-1000 next-phase --plan ten" \
		"next-phase, tree of 100000 files" \
		"$orch -C $scratch/tree-100000 next-phase --plan ten" \
		"git status, tree of 1000 files" \
		"git -C $scratch/tree-1000 status" \
		"git status, tree of 100000 files" \
		"git -C $scratch/tree-100000 status"
done

# One process that waits for $1 answers at once, of 200 ms each.
bench_calls() {
	local calls=$build/tests/bench/calls port url i
	mkfifo "$scratch/port"
	python3 "$here/tests/bench/slow.py" >"$scratch/port" &
	peer=$!
	trap 'kill "$peer"; rm -rf "$scratch"' EXIT
	read -r port <"$scratch/port" || return
	url=http://127.0.0.1:$port
	head -c 8000 /dev/zero | tr '\0' x >"$scratch/body"
	{
		printf '%s\n' parallel 'parallel-max = 100' silent fail \
			'header = "Content-Type: application/json"' \
			'header = "Expect:"' "data-binary = \"@$scratch/body\""
		for ((i = 0; i < $1; i++)); do
			printf 'url = "%s/v1/messages"\noutput = "/dev/null"\n' "$url"
		done
	} >"$scratch/curlrc"
	"$ratio" "$runs" \
		"curl --parallel, $1 requests" "curl -q -K $scratch/curlrc" \
		"curl --parallel-immediate, $1 requests" \
		"curl -q --parallel-immediate -K $scratch/curlrc" \
		"$1 calls in flight" "$calls $1 $url $scratch/body $scratch/calls"
	"$calls" "$1" "$url" "$scratch/body" "$scratch/calls"
}

echo
echo "== calls: a peer that answers after 200 ms"
bench_calls 100
