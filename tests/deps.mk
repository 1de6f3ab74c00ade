# What has to be installed, and how.
#
#   make deps    installs everything with the package manager that is there
#
# demo, check and their like do so by themselves, for what they need, when
# they run as root or sudo asks for no password.  Other goals only say what
# is missing.

BUILD_apt    = gcc libc6-dev make pkg-config git libgit2-dev \
	libcurl4-openssl-dev libyaml-dev libcjson-dev libpcre2-dev zlib1g-dev \
	bubblewrap
BUILD_dnf    = gcc make pkgconf-pkg-config git libgit2-devel libcurl-devel \
	libyaml-devel cjson-devel pcre2-devel zlib-devel bubblewrap
BUILD_pacman = gcc make pkgconf git libgit2 curl libyaml cjson pcre2 zlib \
	bubblewrap
BUILD_brew   = make pkgconf git libgit2 curl libyaml cjson pcre2 zlib

CHECK_apt    = libcmocka-dev bats strace jq mandoc perl zsh fish \
	python3-fastapi python3-pytest python3-httpx python3-yaml \
	nginx-light openssl
CHECK_dnf    = libcmocka-devel bats strace jq mandoc perl zsh fish \
	python3-fastapi python3-pytest python3-httpx python3-pyyaml nginx \
	openssl libasan libubsan
CHECK_pacman = cmocka bats strace jq mandoc perl zsh fish python-fastapi \
	python-pytest python-httpx python-yaml nginx openssl
CHECK_brew   = cmocka bats-core jq mandoc perl zsh fish nginx openssl

# Node 20 or newer and npm, which has a package of its own, or none, depending
# on who packed node: what is there is left alone.
PEERS_apt    = $(if $(NO_NODE),nodejs npm)
PEERS_dnf    = $(if $(NO_NODE),nodejs npm)
PEERS_pacman = $(if $(NO_NODE),nodejs npm)
PEERS_brew   = $(if $(NO_NODE),node)
NO_NODE      = $(shell command -v node >/dev/null && command -v npm \
	>/dev/null || echo 1)

LINT_apt     = clang clang-format clang-tidy cppcheck shellcheck gcovr
LINT_dnf     = clang clang-tools-extra cppcheck ShellCheck gcovr
LINT_pacman  = clang cppcheck shellcheck gcovr
LINT_brew    = llvm clang-format cppcheck shellcheck gcovr

# What the goals need: always BUILD, then CHECK, PEERS, LINT or all of them.
NEEDS := BUILD \
	$(if $(filter deps check% soak cover,$(MAKECMDGOALS)),CHECK) \
	$(if $(filter deps check soak,$(MAKECMDGOALS)),PEERS) \
	$(if $(filter deps lint cover,$(MAKECMDGOALS)),LINT)

# The goals that install by themselves.
HELPED := $(filter demo check% soak bench cover lint,$(MAKECMDGOALS))

LINUX       = $(wildcard /proc/self)
BUILD_tools = $(firstword $(CC)) git $(if $(LINUX),bwrap)
CHECK_tools = bats jq mandoc perl $(if $(LINUX),strace)
PEERS_tools = node npm nginx
LINT_tools  = clang clang-format clang-tidy cppcheck shellcheck gcovr

# The tools among NEEDS that are not there, by the name they are run by.
define FIND_ABSENT
PATH=$$PATH:/usr/sbin; for t in $(foreach n,$(NEEDS),$($(n)_tools)); do
	command -v $$t >/dev/null || echo $$t;
done;
case "$(NEEDS)" in *CHECK*)
	pkg-config --exists cmocka || echo cmocka;
	PATH=/usr/bin:/bin python3 -c "import fastapi, pytest, httpx, yaml" ||
	echo python3-fastapi;
esac
endef
ABSENT := $(if $(HELPED),$(shell { $(FIND_ABSENT); } 2>/dev/null))

packages = $(foreach n,$(NEEDS),$($(n)_$(1)))
FOUND    = $(shell for m in apt-get dnf pacman brew; do \
	command -v $$m; done 2>/dev/null; true)
MANAGER  = $(patsubst apt-get,apt,$(firstword $(notdir $(FOUND))))
SUDO     = $(if $(filter-out 0,$(shell id -u)),sudo)
APT      = $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -qq -y

# The lists of apt are brought up to date only when they do not do.
INSTALL_apt = apt-get -qq -s install $(1) >/dev/null 2>&1 || $(APT) update; \
	$(APT) install --no-install-recommends $(1) || { $(APT) update && \
	$(APT) install --no-install-recommends $(1); }
INSTALL_dnf    = $(SUDO) dnf install -y $(1)
INSTALL_pacman = $(SUDO) pacman -S --needed --noconfirm $(1)
INSTALL_brew   = brew install $(1)

define HOW
Install what is missing with 'make deps', or by hand with one of
  apt-get install $(call packages,apt)
  dnf install $(call packages,dnf)
  pacman -S --needed $(call packages,pacman)
  brew install $(call packages,brew)
endef
export HOW

deps:
	@$(if $(MANAGER),$(call INSTALL_$(MANAGER),$(call \
		packages,$(MANAGER))),echo "$$HOW" >&2; exit 1)

# Objects wait for this: better one message than a hundred errors.
libraries:
	@$(if $(MISSING),echo "missing libraries: $(MISSING)" >&2; \
		echo "$$HOW" >&2; exit 1)

# And tests for this.
deps-check: libraries
	@$(if $(ABSENT),echo "missing tools: $(ABSENT)" >&2; \
		echo "$$HOW" >&2; exit 1)

# make starts over once a file that it includes has been made, and so finds
# the libraries that were installed a moment ago.  Once at most, and not when
# only asked what would be done (-n).
ASKED  = $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
ifneq ($(and $(HELPED),$(strip $(MISSING) $(ABSENT))),)
ifeq ($(MAKE_RESTARTS)$(ASKED),)
-include $(BUILD)/installed.mk
$(BUILD)/installed.mk: may-install
	@mkdir -p $(@D)
	@if [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then \
		echo "installing for: $(strip $(MISSING) $(ABSENT))"; \
		$(MAKE) --no-print-directory deps \
		NEEDS='$(NEEDS)' || true; fi
	@touch $@
endif
endif

.PHONY: deps deps-check libraries may-install
