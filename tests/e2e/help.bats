#!/usr/bin/env bats
load helper

@test "-h lists the commands" {
	run_orch -h
	exits 0
	says "usage: git orch"
	says "next-phase"
}

@test "help without a page prints what -h prints" {
	export MANPATH=$BATS_TEST_TMPDIR
	run_orch status -h
	usage=$output
	run_orch help status
	exits 0
	[ "$output" = "$usage" ]
}

@test "help of an unknown command says what is near" {
	run_orch help statsu
	exits 129
	warns "did you mean 'status'?"
}

@test "an unknown command says what is near" {
	run_orch statsu
	exits 129
	warns "there is no command 'statsu'"
	warns "did you mean 'status'?"
}

@test "an unknown option says what is near" {
	run_orch run --jbos 2
	exits 129
	warns "unknown option '--jbos'"
	warns "did you mean '--jobs'?"
}

@test "no command is a usage error" {
	run_orch
	exits 129
	warns "git orch -h"
}

@test "one argument too many is a usage error" {
	run_orch status one two
	exits 129
	warns "'two' is one argument too many"
}

@test "an argument too few is a usage error" {
	run_orch show
	exits 129
	warns "<plan>[/<phase>]"
}

@test "outside a repository every command says so" {
	for command in init 'plan x' approve status 'show x' next-phase run \
		integrate trust 'config list' 'template list' validate; do
		# shellcheck disable=SC2086
		run_orch $command
		exits 128
		warns "not a git repository"
		warns "hint: "
	done
}

@test "without a commit a command says how to make one" {
	git init -q .
	for command in plan approve status next-phase run integrate trust; do
		run_orch $command
		exits 128
		warns "no commits yet"
		warns "hint: git commit"
	done
}

@test "-C runs elsewhere" {
	project
	cd /
	run_orch -C "$BATS_TEST_TMPDIR/repo" status
	exits 0
	run_orch -C /nowhere status
	exits 128
	warns "cannot change to '/nowhere'"
}

@test "-q leaves hints and progress out, not errors" {
	small_plan
	run_orch -q next-phase
	exits 0
	[ -z "$stderr" ]
	run_orch -q show nowhere
	warns "error: "
	[[ "$stderr" != *hint:* ]]
}

@test "help opens the page where there is one" {
	mkdir bin
	printf '#!/bin/sh\necho man "$@"\n' >bin/man
	chmod +x bin/man
	PATH=$PWD/bin:$PATH run_orch help next-phase
	exits 0
	[ "$output" = "man git-orch-next-phase" ]
}

@test "two of -C are followed in turn" {
	project
	mkdir -p below
	cd /
	run_orch -C "$BATS_TEST_TMPDIR" -C repo/below status
	exits 0
}

@test "a command that is like no other is answered with all there are" {
	run_orch help nope
	exits 129
	warns "hint: there are init, plan, "
	run_orch template nope
	exits 129
	warns "there is no template command 'nope'"
	warns "hint: there are list, show"
}
