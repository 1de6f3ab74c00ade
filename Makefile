# git-orch: one Makefile, no recursion; a new file needs no edit here.
#
#   make              build/git-orch
#   make demo         plan, run and land a small program, from nothing
#   make check        all tests; check-quick leaves the outside peers out,
#                     peers-agents adds coding agents to them,
#                     peers-github a GitHub
#   make soak T=kill  the long loops in full; lint, cover, bench, install,
#                     uninstall
#
# SAN=address,undefined builds with sanitizers, COVER=1 with coverage, each
# into a directory of its own.

VERSION = 0.1.0
PREFIX  ?= /usr/local
CC      ?= cc
SAN     ?=
COVER   ?=
BUILD   ?= build$(if $(SAN),/san)$(if $(COVER),/cover)

PKGS  = libgit2 yaml-0.1 libcjson libpcre2-8 libcurl zlib
WARN  = -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wundef -Wformat=2 \
	-Wwrite-strings -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wimplicit-fallthrough
OPT    ?= -O2 -g
CFLAGS ?= $(OPT)
override CFLAGS  += -std=c11 -D_GNU_SOURCE -DGIT_ORCH_VERSION='"$(VERSION)"' \
	-I. $(WARN) $(WERROR) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer) \
	$(if $(COVER),--coverage)
# gitops/git2.c says why; where the linker has no such option it only costs
# time to be without.
EXPORT := $(shell echo 'int main(void){return 0;}' | $(CC) -x c - -o /dev/null \
	-Wl,--export-dynamic-symbol=mbedtls_x509_crt_parse_file 2>/dev/null \
	&& echo -Wl,--export-dynamic-symbol=mbedtls_x509_crt_parse_file)
override LDFLAGS += $(if $(SAN),-fsanitize=$(SAN)) \
	$(if $(COVER),--coverage) $(EXPORT)

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
CORE    = $(call objects,core) $(BUILD)/embed.o
GITOPS  = $(call objects,gitops)
PLANS   = $(call objects,plans)
CMD     = $(call objects,cmd)
TEMPLATES = $(sort $(shell find templates -type f))
UNIT    = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test-*.c))

all: $(BUILD)/git-orch

# The libraries that are missing, by the name pkg-config knows.
MISSING := $(if $(filter deps clean,$(MAKECMDGOALS)),,$(strip \
	$(foreach p,$(PKGS),$(shell pkg-config --exists $(p) 2>/dev/null \
	|| echo $(p)))))
CFLAGS_PKG = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS_CORE  = $(shell pkg-config --libs yaml-0.1 libcjson libpcre2-8) -ldl -lm

include tests/deps.mk

$(BUILD)/git-orch: $(CMD) $(BUILD)/plans.a $(BUILD)/gitops.a $(BUILD)/core.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_CORE)

$(BUILD)/core.a: $(CORE)
$(BUILD)/gitops.a: $(GITOPS)
$(BUILD)/plans.a: $(PLANS)
%.a:
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c | libraries
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CFLAGS_PKG) -MMD -MP -c -o $@ $<

# Every file of templates/ as bytes, and the table embed.h describes.
$(BUILD)/embed.c: Makefile $(TEMPLATES)
	@mkdir -p $(@D)
	@set -e; exec >$@.tmp; n=0; rows=; \
	echo '#include "core/embed.h"'; \
	for f in $(TEMPLATES); do n=$$((n + 1)); \
	echo "__asm__(\".section .rodata; embed_$$n: .incbin '$$f';" \
	"embed_$${n}_end: .byte 0; .previous\");" | tr "'" '@' | \
	sed 's/@/\\"/g'; \
	echo "extern const char embed_$$n[], embed_$${n}_end[];"; \
	rows="$$rows{ \"$${f#templates/}\", embed_$$n, embed_$${n}_end },"; \
	done; \
	echo "const struct embed_row embed_rows[] = { $$rows };"; \
	echo "const size_t embed_rows_len = $$n;"
	@mv $@.tmp $@

$(BUILD)/embed.o: $(BUILD)/embed.c
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/plans.a \
		$(BUILD)/gitops.a $(BUILD)/core.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_CORE) -lcmocka

unit: $(UNIT)

TOOLS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/*.c))

$(BUILD)/tests/tools/%: $(BUILD)/tests/tools/%.o $(BUILD)/core.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_CORE)

# What the tests run against.
tested: deps-check $(BUILD)/git-orch $(UNIT) $(TOOLS)

# Programs and types that others wrote, for the tests to talk to.
PEERS = build/peers
$(PEERS)/installed: tests/peers/package.json tests/peers/package-lock.json
	@mkdir -p $(@D)
	cp tests/peers/package.json tests/peers/package-lock.json $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(PEERS)/installed: | deps-check

# Coding agents, near a gigabyte of them: nothing else asks for this.
AGENTS = $(PEERS)/agents
peers-agents: $(AGENTS)/installed
$(AGENTS)/installed: $(wildcard tests/peers/agents/package*.json) | deps-check
	@mkdir -p $(@D)
	cp tests/peers/agents/package.json tests/peers/agents/package-lock.json \
		$(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# A GitHub that others wrote, and its own description: as large.
GITHUB = $(PEERS)/github
peers-github: $(GITHUB)/installed
$(GITHUB)/installed: $(wildcard tests/peers/github/package*.json) | deps-check
	@mkdir -p $(@D)
	cp tests/peers/github/package.json \
		tests/peers/github/package-lock.json $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

check: tested $(PEERS)/installed
	@ORCH_BUILD=$(BUILD) tests/check.sh $(T)

check-quick: tested
	@ORCH_BUILD=$(BUILD) tests/check.sh --quick $(T)

# The loops in full; T names one of them.
LOOPS = kill/next-phase kill/integrate kill/approve kill/run kill/restack \
	kill/stack kill/remote kill/agents race remote/race remote/pause \
	remote/clocks remote/budget \
	delivery/stack delivery/kill \
	unit/test-claim unit/test-land unit/test-yaml-edit unit/test-workspace \
	unit/test-queue unit/test-integrate-queue unit/test-restack
soak: tested $(PEERS)/installed
	@ORCH_BUILD=$(BUILD) ORCH_LOOPS=all tests/check.sh \
		$(or $(filter %$(T),$(LOOPS)),$(LOOPS))

demo: $(BUILD)/git-orch
	@tests/demo.sh $(BUILD)/git-orch $(BUILD)/demo

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/core.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_CORE)

bench: $(BUILD)/git-orch $(BUILD)/tests/bench/calls
	@ORCH_BUILD=$(BUILD) tests/bench/bench.sh

# Line coverage of core, gitops and plans by unit and end-to-end tests, from
# nothing each time.  It is a lower bound: what was killed, and what runs inside
# the sandbox, which may not write here, is not counted.
COVERED = $(if $(COVER),$(BUILD),$(BUILD)/cover)
cover: deps-check
	@find $(COVERED) -name '*.gcda' -delete 2>/dev/null; true
	@$(MAKE) --no-print-directory COVER=1 BUILD=$(COVERED) OPT='-O0 -g' \
		check-quick
	@gcovr -r . --object-directory $(COVERED) -f core/ -f gitops/ \
		-f plans/ --gcov-ignore-parse-errors -o $(COVERED)/report.txt
	@awk -f tests/cover.awk $(COVERED)/report.txt

SOURCES = $(wildcard core/*.c gitops/*.c plans/*.c cmd/*.c)
HEADERS = $(wildcard core/*.h gitops/*.h plans/*.h cmd/*.h tests/unit/*.h)
TESTS_C = $(wildcard tests/*/*.c)
# cppcheck takes what TRY() returns for a pointer into the call's arguments,
# and NULL behind variable arguments for an int. clang-tidy is started for each
# file: its analyzer carries the va_list checks over from one to the next.
LINT_CPPCHECK = --std=c11 --enable=warning,portability,performance \
	--suppress=returnDanglingLifetime --suppress=varFuncNullUB
lint: deps-check
	clang-format --dry-run -Werror $(SOURCES) $(HEADERS) $(TESTS_C)
	cppcheck -q -j 2 $(LINT_CPPCHECK) --error-exitcode=1 -I. $(SOURCES)
	printf '%s\n' $(SOURCES) | xargs -P 2 -I {} clang-tidy --quiet \
		-warnings-as-errors='*' {} -- -std=c11 -D_GNU_SOURCE -I. \
		'-DGIT_ORCH_VERSION="$(VERSION)"' $(CFLAGS_PKG)
	shellcheck -x $(wildcard tests/*.sh tests/*/*.sh tests/*/*.bash) \
		.ci/run

MAN1 = $(wildcard docs/*.1)
MAN5 = $(wildcard docs/*.5)
MAN7 = $(wildcard docs/*.7)
SHARE = $(DESTDIR)$(PREFIX)/share
install: $(BUILD)/git-orch
	install -D -m 755 $(BUILD)/git-orch $(DESTDIR)$(PREFIX)/bin/git-orch
	install -d $(SHARE)/man/man1 $(SHARE)/man/man5 $(SHARE)/man/man7
	install -m 644 $(MAN1) $(SHARE)/man/man1
	install -m 644 $(MAN5) $(SHARE)/man/man5
	install -m 644 $(MAN7) $(SHARE)/man/man7
	install -d $(SHARE)/bash-completion/completions \
		$(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	$(BUILD)/git-orch completion bash \
		>$(SHARE)/bash-completion/completions/git-orch
	$(BUILD)/git-orch completion zsh >$(SHARE)/zsh/site-functions/_git-orch
	$(BUILD)/git-orch completion fish \
		>$(SHARE)/fish/vendor_completions.d/git-orch.fish

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/git-orch \
		$(MAN1:docs/%=$(SHARE)/man/man1/%) \
		$(MAN5:docs/%=$(SHARE)/man/man5/%) \
		$(MAN7:docs/%=$(SHARE)/man/man7/%) \
		$(SHARE)/bash-completion/completions/git-orch \
		$(SHARE)/zsh/site-functions/_git-orch \
		$(SHARE)/fish/vendor_completions.d/git-orch.fish

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all bench check check-quick clean cover demo install lint peers-agents \
	peers-github soak tested uninstall unit
.DELETE_ON_ERROR:
.SECONDARY:
