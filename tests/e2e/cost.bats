#!/usr/bin/env bats
# Costs: most numbers come from journals that are written here.
load helper

# journal <run>: one JSON object a line on stdin.
journal() {
	python3 "$BATS_TEST_DIRNAME/journal.py" ".git/orch/journal/$1.jsonl"
}

# call <day> <phase> <agent> <model> <attempt> <micros>: open and closed.
call() {
	local id=$RANDOM$RANDOM phase=null
	[ "$2" = plan ] || phase="\"$2\""
	local head="\"at\":\"$1T10:00:00Z\",\"call\":\"$id\",\"key\":\"$id\",\"stage\":\"implement\",\"plan\":\"small\",\"phase\":$phase,\"attempt\":$5,\"agent\":\"$3\",\"model\":\"$4\""
	echo "{\"type\":\"open\",$head,\"micros\":5000,\"tokens\":10}"
	echo "{\"type\":\"closed\",$head,\"stop\":\"end\",\"usage\":{\"input\":100,\"cached\":50,\"cache_write\":10,\"output\":20,\"reasoning\":5},$6,\"tries\":1,\"cached\":null}"
}

# field <python>: of the JSON that was printed, as d.
field() {
	python3 -c "import json, sys; d = json.load(sys.stdin); print($1)" \
		<<<"$output"
}

@test "cost says when no model was asked, and exits 0" {
	small_plan
	run_orch cost
	exits 0
	says "no model was asked"
	run_orch cost small
	exits 0
	says "for plan 'small'"
	run_orch cost --json
	exits 0
	json_fits cost
	[ "$(field 'd["total"]["calls"]')" = 0 ]
}

@test "cost of a plan that nobody knows is an error" {
	small_plan
	run_orch cost gone
	exits 128
	warns "there is no plan 'gone'"
}

@test "cost adds up by role, phase, plan, model, day and stage" {
	small_plan
	{
		call 2026-11-19 plan manager alpha 0 '"micros":1500'
		call 2026-11-20 a developer beta 1 '"micros":2000000'
		call 2026-11-20 a developer beta 2 '"micros":500000'
		call 2026-11-20 b developer odd 1 '"unpriced":true'
	} | journal 20261119T100000Z-00000001
	run_orch cost --json small
	exits 0
	json_fits cost
	[ "$(field 'd["total"]["calls"]')" = 4 ]
	[ "$(field 'd["total"]["micros"]')" = 2501500 ]
	[ "$(field 'd["total"]["unpriced_calls"]')" = 1 ]
	# Of what has no price there is no sum.
	[ "$(field '[r["micros"] for r in d["by"]["model"] if r["name"] == "odd"]')" = '[None]' ]
	[ "$(field 'd["total"]["cached_tokens"]')" = 200 ]
	[ "$(field '[r["name"] for r in d["by"]["phase"]]')" = \
		"['small/a', 'small/plan', 'small/b']" ]
	[ "$(field '[(r["name"], r["micros"]) for r in d["by"]["day"]]')" = \
		"[('2026-11-19', 1500), ('2026-11-20', 2500000)]" ]
	[ "$(field '[r["name"] for r in d["by"]["role"]]')" = \
		"['developer', 'manager']" ]
	run_orch cost small
	exits 0
	says "2.501500"
	says "small/plan"
	says "1 unpriced"
	says "give its price in .orch/prices.yaml"
	says "phase 'small/a' took 2 attempts: 20 % of its cost"
	run_orch cost --by day
	exits 0
	says 2026-11-19
	run_orch cost --by moon
	exits 129
}

@test "cost names calls that may have been paid twice" {
	small_plan
	{
		call 2026-11-20 a developer beta 1 '"micros":10'
		echo '{"type":"open","at":"2026-11-20T10:00:00Z","call":"x","key":"x","stage":"implement","plan":"small","phase":"a","attempt":1,"agent":"developer","model":"beta","micros":7000,"tokens":1}'
	} | journal 20261120T100000Z-00000001
	run_orch cost
	exits 0
	says "1 maybe twice"
	says "1 call may have been paid twice, at most for 0.007000 USD"
	run_orch cost --json
	exits 0
	json_fits cost
	[ "$(field 'd["maybe_paid"][0]["micros"]')" = 7000 ]
	[ "$(field 'd["maybe_paid"][0]["run"]')" = 20261120T100000Z-00000001 ]
}

@test "cost takes no call without a price for one that costs nothing" {
	small_plan
	lost() {
		echo '{"type":"open","at":"2026-11-20T10:00:00Z","call":"'"$1"'","key":"'"$1"'","stage":"implement","plan":"small","phase":"a","attempt":1,"agent":"developer","model":"beta","micros":'"$2"',"tokens":1}'
	}
	lost x null | journal 20261120T100000Z-00000001
	run_orch cost
	exits 0
	says "1 call may have been paid twice, unpriced: compare"
	run_orch cost --json
	json_fits cost
	[ "$(field 'd["total"]["maybe_paid_micros"]')" = None ]
	{
		lost x null
		lost y 7000
	} | journal 20261120T100000Z-00000001
	run_orch cost
	says "2 calls may have been paid twice, at most for 0.007000 USD and what 1 unpriced call costs: compare"
	run_orch cost --json
	json_fits cost
	[ "$(field 'd["total"]["maybe_paid_micros"]')" = 7000 ]
}

@test "cost projects the rest from what finished phases cost" {
	small_plan
	git orch next-phase a >/dev/null 2>&1
	call 2026-11-20 a developer beta 1 '"micros":400' |
		journal 20261120T100000Z-00000001
	run_orch cost --json
	exits 0
	json_fits cost
	[ "$(field 'd["projection"]')" = "{'finished': 1, 'phases': 2, 'micros': 800, 'low_micros': 800, 'high_micros': 800}" ]
	run_orch cost
	says "the rest: 2 phases, about 0.000800 USD"
}

@test "cost shows the budget that is configured" {
	small_plan
	call 2026-11-20 a developer beta 1 '"micros":400' |
		journal 20261120T100000Z-00000001
	run_orch cost -c budget.plan.usd=2.5
	exits 0
	says "budget.plan.usd: 0.000000 of 2.500000"
	run_orch cost --json -c budget.plan.calls=7
	json_fits cost
	[ "$(field 'd["budget"]')" = "[{'scope': 'plan', 'unit': 'calls', 'used': 0, 'limit': 7}]" ]
}

@test "cost goes on beside a journal that is damaged" {
	small_plan
	call 2026-11-20 a developer beta 1 '"micros":400' |
		journal 20261120T100000Z-00000001
	call 2026-11-20 a developer beta 1 '"micros":3' |
		journal 20261120T100000Z-00000002
	sed -i 1s/beta/bета/ .git/orch/journal/20261120T100000Z-00000001.jsonl
	run_orch cost
	exits 0
	says 0.000003
	warns "20261120T100000Z-00000001.jsonl', line 1"
}
