# Agents for tests: programs that answer as tests/e2e/model.py says.
# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2154

MODEL=$BATS_TEST_TMPDIR/model

# planners [<line>...]: a trusted project whose manager and developer are
# programs; the lines go into its configuration.
planners() {
	[ -d .git ] || repository
	mkdir -p .orch "$MODEL"
	agents "$@" >.orch/config.yaml
	commit 'agents'
	git orch trust --yes >/dev/null 2>&1
}

agents() {
	local script="python3 $BATS_TEST_DIRNAME/model.py $MODEL"
	cat <<-END
		version: 1
		providers:
		  - {name: m, driver: command, command: $script manager}
		  - {name: d, driver: command, command: $script developer}
		agents:
		  - {name: manager, role: manager, provider: m, model: x}
		  - {name: developer, role: developer, provider: d, model: y, strengths: [C, tests]}
	END
	printf '%s\n' "$@"
}

# answer <file> <stage> <python>: the usual answer of a stage, changed: p.
answer() {
	python3 - "$BATS_TEST_DIRNAME/model.py" "$MODEL/$1.json" "$2" "$3" <<-'END'
		import json, sys, textwrap
		script, out, stage, change = sys.argv[1:]
		text = open(script).read()
		text = text[text.index("def phase("):text.index("if os.path")]
		scope = {}
		exec(text, scope)
		p = scope["ANSWERS"][stage]
		exec(textwrap.dedent(change.replace("\t", "    ")), {"p": p})
		json.dump(p, open(out, "w"))
	END
}

# refuse <file> "<key> <place>": a review that does not approve.
refuse() {
	cat >"$MODEL/$1.json" <<-END
		{"approved": false, "notes": [], "issues": [{"${2% *}": "${2#* }",
		"problem": "it is wrong", "change": "do it better"}]}
	END
}

# What was asked; who was first in the brainstorm is left open.
asked() {
	find "$MODEL/asked" -type f -name '[a-z]*' -printf '%f\n' |
		sed 's/^\(brainstorm\.[0-9]\).*/\1/' | sort
}

# Plan 'small' with planners; its phase a is done, b in review, c waits.
small_with_planners() {
	small_plan
	folder=.orch/plans/small
	git orch next-phase a >/dev/null 2>&1
	git orch integrate >/dev/null 2>&1
	git orch next-phase b >/dev/null 2>&1
	planners
}

# The same, changed by --replan; answer_before: the first answer.
replanned() {
	small_with_planners
	[ -z "${answer_before-}" ] || answer replan.1 replan "$answer_before"
	run_orch plan --replan small "use colours"
	exits 0
}
