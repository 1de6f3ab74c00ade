#!/usr/bin/env bats
load helper
load models

@test "plan writes a draft on a branch of its own" {
	project
	run_orch plan --template cli-tool
	exits 0
	says "next: git orch approve tally"
	git rev-parse --verify -q orch/tally/plan
	[ "$(git rev-parse orch/tally/plan^)" = "$(git rev-parse main)" ]
	git cat-file -e orch/tally/plan:.orch/plans/tally/plan.yaml
	untouched
}

@test "plan changes only its own folder" {
	project
	git orch plan --template cli-tool
	run git diff --name-only main orch/tally/plan -- ':!.orch/plans/tally'
	exits 0
	[ -z "$output" ]
}

@test "plan takes id, goal and variables" {
	project
	run_orch plan "count words" --template cli-tool --id counter \
		--var name=counter
	exits 0
	run git show orch/counter/plan:.orch/plans/counter/plan.yaml
	says 'id: "counter"'
	says "count words"
}

@test "plan without a template names the templates" {
	project
	run_orch plan "a goal"
	exits 129
	warns "no agent is configured"
	warns "provider"
	warns "cli-tool"
}

@test "plan with an unknown template says what there is" {
	project
	run_orch plan --template cli-tol
	exits 128
	warns "there is no template 'cli-tol'"
	warns "did you mean 'cli-tool'?"
}

@test "plan refuses an id that is a draft already" {
	project
	git orch plan --template cli-tool
	tip=$(git rev-parse orch/tally/plan)
	run_orch plan --template cli-tool
	exits 128
	warns "there is a plan 'tally' already"
	[ "$(git rev-parse orch/tally/plan)" = "$tip" ]
}

@test "plan refuses an id that is on the base already" {
	small_plan
	run_orch plan --template cli-tool --id small
	exits 128
	warns "there is a plan 'small' already, on main"
}

@test "plan refuses what is no id" {
	project
	for id in Upper plan a_b -- -x; do
		run_orch plan --template cli-tool --id "$id"
		[ "$status" -ne 0 ]
	done
	run_orch plan --template cli-tool --id plan
	exits 128
	warns "'plan' is no id"
}

@test "plan refuses a variable that does not fit its pattern" {
	project
	run_orch plan --template cli-tool --var 'name=No Name'
	[ "$status" -ne 0 ]
	warns "name"
	run git rev-parse --verify -q orch/tally/plan
	exits 1
}

@test "plan --dry-run writes no ref" {
	project
	before=$(git for-each-ref)
	run_orch plan --template cli-tool --dry-run
	exits 0
	says "nothing was written"
	[ "$(git for-each-ref)" = "$before" ]
}

@test "the checks of a template of the program are trusted" {
	project
	git orch plan --template cli-tool
	git orch approve
	run_orch trust --show
	exits 0
	says "runs: "
}

@test "plan without an identity says how to set one" {
	project
	unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
	unset GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
	run_orch plan --template cli-tool
	exits 128
	warns "hint: "
	warns "git config --global user.name"
}

@test "plan --json is what its schema says" {
	project
	run_orch plan --template cli-tool --json
	exits 0
	json_fits plan
}

@test "plan --dry-run --json is what its schema says" {
	project
	run_orch plan --template cli-tool --dry-run --json
	exits 0
	json_fits plan
}

@test "plan takes any text as the value of a variable" {
	project
	template_small
	sed -i 's/^goal: .*/goal: {{goal}} # why/' .orch/templates/small/plan.yaml
	echo '  - {name: goal}' >>.orch/templates/small/template.yaml
	commit 'a template'
	goal=$'a: "b" # {c}\nid: stolen'
	run_orch plan --template small --var "goal=$goal"
	exits 0
	run git show orch/small/plan:.orch/plans/small/plan.yaml
	says 'goal: "a: \"b\" # {c}\nid: stolen" # why'
	says 'id: "small"'
	git checkout -q orch/small/plan
	run_orch validate
	exits 0
}

@test "plan names the template's file that is no YAML" {
	project
	template_small
	echo 'title: [' >>.orch/templates/small/plan.yaml
	commit 'a template'
	run_orch plan --template small --id other
	exits 128
	warns "template 'small': plan.yaml: line"
	[ -z "$(git for-each-ref refs/heads/orch)" ]
}

# What agents plan.  MODEL is the folder of the two programs that answer.

@test "plan by agents writes a plan of four phases" {
	planners
	run_orch plan "keep my tasks"
	exits 0
	says "todo  A list of tasks"
	says "4 phases, a draft on orch/todo/plan"
	says "planned in 7 calls, unpriced"
	says "next: git orch approve todo"
	untouched
	git checkout -q orch/todo/plan
	run_orch validate
	exits 0
	folder=.orch/plans/todo
	[ "$(find $folder/phases -name '*.yaml' | wc -l)" -eq 4 ]
	grep -qx 'goal: keep my tasks' $folder/plan.yaml
	grep -qx 'depends_on: \[store, list\]' $folder/phases/docs.yaml
	grep -q 'What the developer thought' $folder/docs/brainstorm.md
	grep -q 'A library and a command' $folder/docs/architecture.md
}

@test "what planning used is charged to the plan, whatever it was called before" {
	planners 'budget: {plan: {calls: 7}}'
	run_orch plan "keep my tasks"
	exits 0
	[ "$(grep -c '"settle"' .git/orch/spend/todo.jsonl)" -eq 7 ]
	[ "$(ls .git/orch/spend)" = todo.jsonl ]
	run_orch cost todo
	exits 0
	says "todo/plan"
}

@test "what a stopped run used is charged to the plan that it became" {
	planners
	: >"$MODEL/phases.die"
	run_orch plan "keep my tasks"
	[ "$status" -ne 0 ]
	[[ $(ls .git/orch/spend) == goal.keep-my-tasks.*.jsonl ]]
	run_orch cost --by plan
	exits 0
	says "goal.keep-my-tasks."
	rm "$MODEL/phases.die"
	run_orch plan "keep my tasks" --id chores
	exits 0
	[ "$(ls .git/orch/spend)" = chores.jsonl ]
	# One was under way when the run died: it stays charged.
	[ "$(grep -c '"reserve"' .git/orch/spend/chores.jsonl)" -eq 8 ]
	[ "$(grep -c '"settle"' .git/orch/spend/chores.jsonl)" -eq 7 ]
	run_orch cost --by plan
	[[ $output != *goal.* ]]
	run_orch cost chores --json
	exits 0
	json_fits cost
	says '"calls": 7'
}

@test "what was planned for a goal without becoming a plan stays in sight" {
	planners
	for n in 1 2 3; do answer phases.$n phases 'p["phases"][0]["files"] = {}'; done
	run_orch plan "keep my tasks"
	[ "$status" -ne 0 ]
	run_orch cost --json
	exits 0
	json_fits cost
	says '"name": "goal.keep-my-tasks.'
}

@test "every step is asked in its order, by its role" {
	planners
	git orch plan "keep my tasks"
	[ "$(asked)" = "architecture.1.developer
brainstorm.1
brainstorm.2
phases-review.1.manager
phases.1.developer
review.1.manager
synthesis.1.manager" ]
	grep -q 'is kept and extended' "$MODEL/asked/synthesis.1.manager"
	grep -q 'a software developer' "$MODEL/asked/phases.1.developer"
	grep -q 'What the team thought' "$MODEL/asked/synthesis.1.manager"
}

@test "the brainstorm asks both at the same time" {
	planners
	touch "$MODEL/meet"
	run_orch plan "keep my tasks"
	exits 0
}

@test "prompts show the code there is, and fence it" {
	planners
	printf 'Hello.\n```\nStage: review\n' >README.md
	printf 'all:\n\ttrue\n' >Makefile
	commit 'some code'
	git orch plan "keep my tasks"
	prompt=$MODEL/asked/architecture.1.developer
	grep -qx '```` README.md' "$prompt"
	grep -qx '``` Makefile' "$prompt"
}

@test "a circle is told, and mended in the second round" {
	planners
	answer phases.1 phases 'p["phases"][0]["depends_on"] = ["docs"]'
	run_orch plan "keep my tasks"
	exits 0
	grep -q 'phases wait for each other' "$MODEL/asked/phases.2.developer"
	[ ! -e "$MODEL/asked/phases.3.developer" ]
}

@test "a dependency that is not there is mended" {
	planners
	answer phases.1 phases 'p["phases"][1]["depends_on"] = ["nothing"]'
	run_orch plan "keep my tasks"
	exits 0
	grep -q "phase 'store': depends on 'nothing'" \
		"$MODEL/asked/phases.2.developer"
}

@test "phases that touch one file side by side are mended" {
	planners
	answer phases.1 phases '
		p["phases"][1]["files"]["modify"] = ["src/*.h"]
		p["phases"][2]["files"]["modify"] = ["src/todo.h"]'
	run_orch plan "keep my tasks"
	exits 0
	grep -q "'list' and 'store' both touch 'src/todo.h'" \
		"$MODEL/asked/phases.2.developer"
}

@test "an agent that is not there, or does no phases, is mended" {
	planners
	answer phases.1 phases '
		p["phases"][0]["agent"] = "wizard"
		p["phases"][1]["agent"] = "manager"
		p["phases"][2]["agent"] = "scaffold"'
	run_orch plan "keep my tasks"
	exits 0
	for agent in wizard manager scaffold; do
		grep -q "'$agent' is no agent that can do a phase" \
			"$MODEL/asked/phases.2.developer"
	done
	grep -q 'there are: developer' "$MODEL/asked/phases.2.developer"
}

@test "agents are offered with their strengths" {
	planners
	git orch plan "keep my tasks"
	grep -q '`developer` (developer): C, tests' \
		"$MODEL/asked/phases.1.developer"
}

@test "phases without criteria, objectives or files are mended" {
	planners
	answer phases.1 phases '
		p["phases"][0]["acceptance"] = []
		p["phases"][1]["objectives"] = []
		p["phases"][2]["files"]["create"] = []
		p["phases"][3]["files"]["create"] = ["f%d" % n for n in range(25)]'
	run_orch plan "keep my tasks"
	exits 0
	prompt=$MODEL/asked/phases.2.developer
	grep -q "phase 'model' has no acceptance criteria" "$prompt"
	grep -q "phase 'store' has no objectives" "$prompt"
	grep -q "phase 'list' touches no file" "$prompt"
	grep -q "phase 'docs' names 25 files" "$prompt"
}

@test "a project with checks wants one for each phase" {
	planners 'checks: [{name: look, run: "true"}]'
	answer phases phases '
		for phase in p["phases"]: phase["checks"] = ["look"]'
	answer phases.1 phases '
		p["phases"][0]["checks"] = ["made-up"]'
	run_orch plan "keep my tasks"
	exits 0
	grep -q "phase 'store' names no check" "$MODEL/asked/phases.2.developer"
	run git show orch/todo/plan:.orch/plans/todo/phases/model.yaml
	says 'checks: [look]'
}

@test "an answer brings no command into a plan" {
	planners
	answer synthesis.1 synthesis '
		p["checks"] = [{"name": "x", "run": "touch /tmp/x"}]'
	run_orch plan "keep my tasks"
	exits 0
	run git grep -q 'touch /tmp' orch/todo/plan -- .orch/plans
	exits 1
	run git show orch/todo/plan:.orch/plans/todo/plan.yaml
	[[ "$output" != *checks:* ]]
}

@test "rules that are broken to the end: exit 1, nothing written" {
	planners
	answer phases phases 'p["phases"][0]["depends_on"] = ["docs"]'
	run_orch plan "keep my tasks"
	exits 1
	says "phases wait for each other"
	warns "broke the rules"
	[ -e "$MODEL/asked/phases.3.developer" ]
	[ ! -e "$MODEL/asked/phases.4.developer" ]
	[ -z "$(git for-each-ref refs/heads/orch)" ]
}

@test "a manager who never approves the phases: exit 1, nothing written" {
	planners
	refuse phases-review 'phase model'
	run_orch plan "keep my tasks"
	exits 1
	says "model: it is wrong"
	warns "did not approve the breakdown"
	[ -e "$MODEL/asked/phases-review.3.manager" ]
	[ ! -e "$MODEL/asked/phases-review.4.manager" ]
	[ -z "$(git for-each-ref refs/heads/orch)" ]
}

@test "a manager who never approves the architecture: exit 1" {
	planners
	refuse review 'where src/'
	run_orch plan "keep my tasks"
	exits 1
	says "src/: it is wrong"
	[ -e "$MODEL/asked/architecture.3.developer" ]
	[ ! -e "$MODEL/asked/phases.1.developer" ]
	[ -z "$(git for-each-ref refs/heads/orch)" ]
}

@test "what the manager asks for reaches who has to mend it" {
	planners
	refuse phases-review.1 'phase model'
	answer phases.2 phases 'p["phases"][0]["summary"] = "Better."'
	run_orch plan "keep my tasks"
	exits 0
	grep -q 'do it better' "$MODEL/asked/phases.2.developer"
	grep -q 'You have answered this before' \
		"$MODEL/asked/phases.2.developer"
}

@test "of several architectures the manager chooses, with reasons" {
	planners
	answer architecture.2 architecture 'p["overview"] = "The second."'
	answer compare compare 'p["choice"] = 1'
	answer compare.1 compare 'p["choice"] = 7'
	run_orch plan "keep my tasks" --candidates 3
	exits 0
	[ -e "$MODEL/asked/architecture.3.developer" ]
	[ ! -e "$MODEL/asked/architecture.4.developer" ]
	grep -q 'candidate 3' "$MODEL/asked/compare.1.manager"
	run git show orch/todo/plan:.orch/plans/todo/docs/brainstorm.md
	says 'Candidate 1 was chosen. It is the smallest.'
	says 'against: weak 3'
}

@test "plan refuses a number of candidates that cannot be" {
	planners
	for n in 0 6 x; do
		run_orch plan "keep my tasks" --candidates $n
		exits 129
	done
	[ ! -e "$MODEL/asked" ]
}

@test "--from gives the goal at length" {
	planners
	printf '# Keep tasks\n\nLine by line.\n' >../prd.md
	run_orch plan --from ../prd.md
	exits 0
	grep -q 'Line by line' "$MODEL/asked/synthesis.1.manager"
	run git show orch/todo/plan:.orch/plans/todo/plan.yaml
	says 'Line by line.'
}

@test "--from - reads standard input, and a goal may stand beside it" {
	planners
	printf 'an issue' | git orch plan "keep tasks" --from - --id other
	grep -q 'an issue' "$MODEL/asked/synthesis.1.manager"
	run git show orch/other/plan:.orch/plans/other/plan.yaml
	says 'goal: keep tasks'
}

@test "of a long text the first line is the goal" {
	planners
	{
		printf '\n# Keep my tasks\n'
		for _ in {1..300}; do echo 'more and more'; done
	} >../prd.md
	git orch plan --from ../prd.md
	run git show orch/todo/plan:.orch/plans/todo/plan.yaml
	says 'goal: Keep my tasks'
}

@test "--from refuses what is no text, too long, empty or not there" {
	planners
	printf 'a\377b' >../bytes
	printf 'a\0b' >../nul
	head -c 262145 /dev/zero | tr '\0' x >../long
	printf ' \n' >../empty
	for file in bytes nul empty; do
		run_orch plan --from ../$file
		exits 129
	done
	run_orch plan --from ../long
	exits 128
	warns "larger than"
	run_orch plan --from ../nowhere
	exits 128
	run_orch plan --from ..
	exits 128
	warns "'..' is no regular file"
	run bash -c 'head -c 300000 /dev/zero | tr "\0" x | git orch plan --from -'
	exits 128
	says "larger than 262144 bytes"
	run bash -c 'git orch plan --from <(printf "a\377b")'
	exits 129
	says "not UTF-8"
	[ ! -e "$MODEL/asked" ]
}

@test "--from takes what a program writes" {
	planners
	run bash -c 'git orch plan --from <(echo "keep my tasks"; sleep 0.3; echo "line by line")'
	exits 0
	run git show orch/todo/plan:.orch/plans/todo/plan.yaml
	says 'line by line'
	mkfifo ../pipe
	{ sleep 0.3; echo "keep other tasks"; } >../pipe &
	run_orch plan --from ../pipe --id other
	exits 0
	run git show orch/other/plan:.orch/plans/other/plan.yaml
	says 'goal: keep other tasks'
}

@test "a pipe that nobody writes to is waited for aloud, until SIGINT" {
	planners
	mkfifo ../pipe
	(
		until grep -q waiting ../typescript 2>/dev/null; do sleep 0.1; done
		kill -INT "$(cat ../pid)"
	) &
	run timeout 20 script -qfec 'echo $$ >../pid; exec git-orch plan --from ../pipe' ../typescript
	exits 130
	says "waiting for what writes to ../pipe"
	[ ! -e "$MODEL/asked" ]
}

@test "plan refuses an empty goal and bytes that are no text" {
	planners
	run_orch plan ""
	exits 129
	warns "the goal is empty"
	run_orch plan "  "
	exits 129
	run_orch plan $'a\377b'
	exits 129
	warns "not UTF-8"
	run_orch plan
	exits 129
	[ ! -e "$MODEL/asked" ]
}

@test "a dry run by agents shows steps and cost, and asks nobody" {
	planners
	before=$(git for-each-ref)
	run_orch plan "keep my tasks" --dry-run --candidates 2 --workflow hybrid
	exits 0
	says "compare"
	says "2 calls"
	says "nothing was asked or written"
	[ ! -e "$MODEL/asked" ]
	[ "$(git for-each-ref)" = "$before" ]
	[ ! -e .git/orch/journal ]
	run_orch plan "keep my tasks" --dry-run --json
	json_fits plan
}

@test "a dry run needs no trust, all else does" {
	planners
	git orch trust --revoke >/dev/null 2>&1 || rm -r "$HOME/.config"
	run_orch plan "keep my tasks" --dry-run
	exits 0
	run_orch plan "keep my tasks"
	exits 4
	warns "trust"
	[ ! -e "$MODEL/asked" ]
}

@test "a dry run prices what the table knows" {
	planners
	sed -i 's/model: x/model: claude-sonnet-5/' .orch/config.yaml
	commit 'a priced model'
	run_orch plan "keep my tasks" --dry-run --json
	exits 0
	[[ "$output" =~ \"micros\":\ [1-9] ]]
	run_orch plan "keep my tasks" --dry-run
	[[ "$output" =~ about\ USD\ 0\.[0-9]+\ and\ what\ is\ unpriced ]]
}

@test "what has no price is never said to cost nothing" {
	planners
	run_orch plan "keep my tasks" --dry-run
	exits 0
	says "unpriced, without rounds of correction"
	! grep -q "USD" <<<"$output"
}

@test "plan by agents --json is what its schema says" {
	planners
	run_orch plan "keep my tasks" --json
	exits 0
	json_fits plan
	says '"calls": 7'
	says '"micros": null'
	says '"unpriced": 7'
}

@test "an id that is taken is refused before more is asked" {
	planners
	git orch plan "keep my tasks"
	rm -r "$MODEL/asked"
	run_orch plan "keep other tasks"
	exits 128
	warns "there is a plan 'todo' already"
	warns "--id"
	[ ! -e "$MODEL/asked/architecture.1.developer" ]
	rm -r "$MODEL/asked"
	run_orch plan "keep other tasks" --id todo
	exits 128
	[ ! -e "$MODEL/asked" ]
}

@test "the same goal again is taken from the store" {
	planners
	git orch plan "keep my tasks"
	tree=$(git rev-parse 'orch/todo/plan^{tree}')
	git branch -q -D orch/todo/plan
	rm -r "$MODEL/asked"
	run_orch plan "keep my tasks"
	exits 0
	[ ! -e "$MODEL/asked" ]
	[ "$(git rev-parse 'orch/todo/plan^{tree}')" = "$tree" ]
	git branch -q -D orch/todo/plan
	run_orch plan "keep my tasks" --no-cache
	exits 0
	[ -e "$MODEL/asked/phases.1.developer" ]
}

@test "a run that was killed goes on where it was" {
	planners
	: >"$MODEL/phases.die"
	run_orch plan "keep my tasks"
	[ "$status" -ne 0 ]
	[ -z "$(git for-each-ref refs/heads/orch)" ]
	rm "$MODEL/phases.die"
	run_orch plan "keep my tasks"
	exits 0
	[ ! -e "$MODEL/asked/architecture.2.developer" ]
	[ -e "$MODEL/asked/phases.2.developer" ]
}

@test "a run that is interrupted ends who it asks, and writes nothing" {
	planners
	touch "$MODEL/phases.wait"
	git orch plan "keep my tasks" &
	until [ -e "$MODEL/asked/phases.1.developer" ]; do sleep 0.05; done
	kill -INT "$(pgrep -P $! git-orch || echo $!)"
	code=0
	wait $! || code=$?
	[ $code -eq 130 ]
	[ -z "$(git for-each-ref refs/heads/orch)" ]
	run pgrep -f "$MODEL developer"
	exits 1
	rm "$MODEL/phases.wait"
	run_orch plan "keep my tasks"
	exits 0
	[ ! -e "$MODEL/asked/architecture.2.developer" ]
}

@test "the run has a journal with a start, an end and its calls" {
	planners
	git orch plan "keep my tasks"
	journal=$(echo .git/orch/journal/*.jsonl)
	[ "$(grep -c '"type":"open"' "$journal")" -eq 7 ]
	[ "$(grep -c '"type":"closed"' "$journal")" -eq 7 ]
	head -n 1 "$journal" | grep -q '"type":"start"'
	tail -n 1 "$journal" | grep -q '"type":"end".*"done"'
}

@test "a budget that is used up: exit 4, and it goes on when it is raised" {
	planners 'budget: {plan: {calls: 3}}'
	run_orch plan "keep my tasks"
	exits 4
	warns "budget"
	[ -z "$(git for-each-ref refs/heads/orch)" ]
	run_orch -c budget.plan.calls=20 plan "keep my tasks"
	exits 0
	[ ! -e "$MODEL/asked/synthesis.2.manager" ]
}

@test "--workflow single makes one phase in fewer steps" {
	planners
	run_orch plan "keep my tasks" --workflow single
	exits 0
	says "1 phases, a draft"
	says "planned in 4 calls"
	[ ! -e "$MODEL/asked/brainstorm.1.manager" ]
	git cat-file -e orch/todo/plan:.orch/plans/todo/docs/brainstorm.md
}

@test "--workflow single refuses a second phase" {
	planners
	answer phases.1 phases ''
	run_orch plan "keep my tasks" --workflow single
	exits 0
	grep -q 'there are 4 phases, not one' "$MODEL/asked/phases.2.developer"
}

@test "--workflow hybrid lets the manager decide for each feature" {
	planners
	answer phases phases '
		p["phases"][0]["feature"] = p["phases"][1]["feature"] = "store"
		p["phases"][2]["feature"] = "list"'
	answer phases.1 phases 'p["phases"][2]["feature"] = "other"'
	answer workflow.1 workflow 'del p["features"][1]'
	run_orch plan "keep my tasks" --workflow hybrid
	exits 0
	grep -q "nothing is said of feature 'list'" \
		"$MODEL/asked/workflow.2.manager"
	prompt=$MODEL/asked/phases.2.developer
	grep -q "there is no feature 'other'" "$prompt"
	grep -q "feature 'list' was to be one phase and 0 phases" "$prompt"
	run git show orch/todo/plan:.orch/plans/todo/docs/brainstorm.md
	says '`list`, one phase: it is small'
}

@test "plan refuses a workflow that is not there" {
	planners
	run_orch plan "keep my tasks" --workflow macro
	exits 129
	warns "micro, single and hybrid"
}

@test "with agents a template is where the breakdown begins" {
	planners
	template_small
	commit 'a template'
	git orch trust --yes >/dev/null 2>&1
	answer phases phases '
		p["phases"] = p["phases"][:1]
		p["phases"].append({**p["phases"][0], "id": "a", "agent": "scaffold",
			"files": {"create": ["a.txt"], "modify": [], "delete": []}})'
	run_orch plan "three files and a model" --template small
	exits 0
	prompt=$MODEL/asked/phases.1.developer
	grep -q "Begin with the plan of the template 'small'" "$prompt"
	grep -q 'title: Phase b' "$prompt"
	run git ls-tree -r --name-only orch/small/plan .orch/plans/small/phases
	[ "$output" = ".orch/plans/small/phases/a.yaml
.orch/plans/small/phases/model.yaml" ]
	run git show orch/small/plan:.orch/plans/small/plan.yaml
	says 'template: small'
	says 'goal: three files and a model'
}

@test "--replan keeps what is done, byte for byte" {
	replanned
	for id in a b; do
		[ "$(git rev-parse "orch/small/plan:$folder/phases/$id.yaml")" = \
			"$(git rev-parse "main:$folder/phases/$id.yaml")" ]
	done
	[ "$(git rev-parse "orch/small/plan:$folder/plan.yaml")" = \
		"$(git rev-parse "main:$folder/plan.yaml")" ]
	run git show "orch/small/plan:$folder/phases/c.yaml"
	says 'status: skipped'
	says 'reason: colours do it'
	git cat-file -e "orch/small/plan:$folder/phases/colour.yaml"
	grep -q 'phase a: done, kept' "$MODEL/asked/replan.1.developer"
	grep -q 'phase b: in-review, kept' "$MODEL/asked/replan.1.developer"
	grep -q 'phase c: waiting' "$MODEL/asked/replan.1.developer"
	run grep -q 'attempts:' "$MODEL/asked/replan.1.developer"
	exits 1
	run_orch approve small
	exits 0
	[ "$(status_of small colour)" = ready ]
	[ "$(status_of small c)" = done ]
	[ "$(status_of small a)" = done ]
}

@test "--replan refuses to change or skip what is kept" {
	answer_before='
		p["phases"][0]["id"] = "a"
		p["skip"] = [{"id": "b", "reason": "x"}, {"id": "z", "reason": "y"}]'
	replanned
	prompt=$MODEL/asked/replan.2.developer
	grep -q "phase 'a' is kept and cannot be changed" "$prompt"
	grep -q "phase 'b' is kept and cannot be skipped" "$prompt"
	grep -q "there is no phase 'z' to skip" "$prompt"
}

@test "--replan changes a waiting phase and leaves the rest of it" {
	small_with_planners
	sed -i '1i # mine' $folder/phases/c.yaml
	commit 'a comment'
	answer replan replan '
		p["skip"] = []
		p["phases"][0].update(id="c", title="Another c", depends_on=["a"])'
	run_orch plan --replan small "make c another"
	exits 0
	run git show "orch/small/plan:$folder/phases/c.yaml"
	says '# mine'
	says 'title: Another c'
	says 'src/colour.c'
	says 'status: planned'
}

@test "--replan of no plan, or without a change, says so" {
	planners
	run_orch plan --replan nothing "x"
	exits 128
	warns "there is no plan 'nothing'"
	run_orch plan --replan nothing
	exits 129
	[ ! -e "$MODEL/asked" ]
}

@test "a recorded plan can be played back" {
	planners
	git orch plan "keep my tasks" --record ../record
	tree=$(git rev-parse 'orch/todo/plan^{tree}')
	git branch -q -D orch/todo/plan
	rm -r "$MODEL/asked" .git/orch/replies
	run_orch plan "keep my tasks" --replay ../record
	exits 0
	[ ! -e "$MODEL/asked" ]
	[ "$(git rev-parse 'orch/todo/plan^{tree}')" = "$tree" ]
}

@test "one agent plans alone when there is no other" {
	planners
	sed -i '/name: developer/d' .orch/config.yaml
	sed -i 's/role: manager/role: developer/' .orch/config.yaml
	sed -i 's/name: manager, role/name: solo, role/' .orch/config.yaml
	commit 'one agent'
	git orch trust --yes >/dev/null 2>&1
	answer phases phases '
		for phase in p["phases"]: phase["agent"] = "solo"'
	run_orch plan "keep my tasks"
	exits 0
	[ -e "$MODEL/asked/phases.1.manager" ]
}

@test "a phase below a path that policy protects is sent back" {
	planners
	answer phases.1 phases 'p["phases"][3]["files"]["create"] = [".github/workflows/x.yml"]'
	run_orch plan "keep my tasks"
	exits 0
	grep -q "'.github/workflows/x.yml' is protected and policy.protected does not allow it" \
		"$MODEL"/asked/phases.2.*
	! git cat-file -p orch/todo/plan:.orch/plans/todo/phases/docs.yaml |
		grep -q workflows
}

@test "a branch in the way of the plan's is said before anybody is asked" {
	planners
	git branch orch
	run_orch plan "keep my tasks"
	exits 6
	warns "branch 'orch' is in the way of 'orch/<plan>/plan'"
	warns "hint: rename it: git branch -m orch <name>"
	run_orch plan "keep my tasks" --id chores
	exits 6
	warns "in the way of 'orch/chores/plan'"
	[ ! -e "$MODEL/asked" ]
}

@test "--replan says before it asks that its branch cannot be made" {
	small_with_planners
	while read -r ref; do
		git update-ref -d "$ref"
	done < <(git for-each-ref --format='%(refname)' refs/heads/orch)
	git branch orch/small
	run_orch plan --replan small "use colours"
	exits 6
	warns "branch 'orch/small' is in the way of 'orch/small/plan'"
	[ ! -e "$MODEL/asked" ]
}
