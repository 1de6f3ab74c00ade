# git-orch: one Makefile, no recursion; a new file needs no edit here.
#
#   make              build/git-orch
#   make demo         plan, run and land a small program, from nothing
#   make check        all tests; check-quick leaves the outside peers out
#   make soak T=kill  the long loops in full; lint, cover, bench, install
#
# SAN=address,undefined builds with sanitizers into a directory of its own.

VERSION = 0.1.0
PREFIX  ?= /usr/local
CC      ?= cc
SAN     ?=
BUILD   ?= build$(if $(SAN),/san)
comma   := ,

PKGS  = libgit2 yaml-0.1 libcjson libpcre2-8
TESTS_PKG = cmocka
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
override LDFLAGS += $(if $(SAN),-fsanitize=$(SAN)) $(if $(COVER),--coverage)

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

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all clean unit
.DELETE_ON_ERROR:
.SECONDARY:
