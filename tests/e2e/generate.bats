#!/usr/bin/env bats
load helper
load models

# A plan for "three files" that the scaffold of the template can do.
template_plan() {
	planners
	template_small
	commit 'a template'
	git orch trust --yes >/dev/null 2>&1
	answer phases phases '
		one = p["phases"][0]
		p["phases"] = [
			{**one, "id": id, "agent": "scaffold", "depends_on": on,
			 "files": {"create": [id + ".txt"], "modify": [], "delete": []}}
			for id, on in (("a", []), ("b", []), ("c", ["a", "b"]))]'
}

@test "generate plans, approves, does and lands" {
	template_plan
	run_orch generate "three files" --template small
	exits 0
	says "3 phases, a draft on orch/small/plan"
	says "small: 3 done, 3 landed; the plan is finished"
	[ "$(cat a.txt b.txt c.txt)" = "this is a
this is b
this is c" ]
	untouched
	[ "$(status_of small c)" = done ]
}

@test "generate again with the same goal has nothing to do" {
	template_plan
	git orch generate "three files" --template small
	tip=$(git rev-parse main)
	rm -r "$MODEL/asked"
	run_orch generate "three files" --template small
	exits 0
	says "small  is the plan for this goal"
	[ ! -e "$MODEL/asked" ]
	[ "$(git rev-parse main)" = "$tip" ]
}

@test "generate goes on with a draft that was made for the goal" {
	template_plan
	git orch plan "three files" --template small
	rm -r "$MODEL/asked"
	run_orch generate "three files" --template small
	exits 0
	says "3 landed"
	[ ! -e "$MODEL/asked" ]
}

@test "generate goes on with a plan that is half done" {
	template_plan
	git orch plan "three files" --template small
	git orch approve
	git orch next-phase a
	run_orch generate "three files"
	exits 0
	says "small: 2 done, 3 landed; the plan is finished"
}

@test "generate stops at a budget with 4, and goes on when it is raised" {
	template_plan
	run_orch -c budget.plan.calls=2 generate "three files" --template small
	exits 4
	warns "budget"
	[ -z "$(git for-each-ref refs/heads/orch)" ]
	run_orch generate "three files" --template small
	exits 0
	says "the plan is finished"
	[ ! -e "$MODEL/asked/brainstorm.3.manager" ]
}

@test "generate lands nothing of a plan that nobody approved" {
	template_plan
	refuse phases-review 'phase a'
	run_orch generate "three files" --template small
	exits 1
	[ -z "$(git for-each-ref refs/heads/orch)" ]
	untouched
}

@test "generate --dry-run asks nobody and lands nothing" {
	template_plan
	tip=$(git rev-parse main)
	run_orch generate "three files" --dry-run
	exits 0
	says "nothing was asked or written"
	[ ! -e "$MODEL/asked" ]
	[ "$(git rev-parse main)" = "$tip" ]
}

@test "generate --json is what its schema says" {
	template_plan
	run_orch generate "three files" --dry-run --json
	exits 0
	json_fits generate
	run_orch generate "three files" --template small --json --jobs 2
	exits 0
	json_fits generate
	run_orch generate "three files" --json
	exits 0
	json_fits generate
}

@test "generate needs a goal, and trust" {
	template_plan
	run_orch generate
	exits 129
	warns "needs a goal"
	run_orch generate ""
	exits 129
	rm -r "$HOME/.config"
	run_orch generate "three files"
	exits 4
	warns "trust"
	[ ! -e "$MODEL/asked" ]
}
