# SPDX-License-Identifier: MIT
# Needs a C11 compiler, make and pkg-config; the tests need Check. libcrypt, libedit, GSL, jansson and
# OpenSSL are optional.
# `make help` lists the targets; ./bootstrap installs the packages and then calls make.

CC      ?= cc
PREFIX  ?= /usr/local
DESTDIR ?=
PKG_CONFIG ?= pkg-config

# SANITIZE=address,undefined or SANITIZE=thread builds with sanitizers, in a folder of its own.
SANITIZE ?=
comma := ,
BUILD ?= build/$(notdir $(CC))$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))

# ---- flags --------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wformat=2 -Wconversion -Wimplicit-fallthrough $(if $(WERROR),-Werror)
HARDENING := -fPIE -fstack-protector-strong -fstack-clash-protection
LINK_HARDENING := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifeq ($(SANITIZE),)
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
else
SANITIZE_FLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -pthread -Iinclude -I. $(WARNINGS) $(HARDENING) \
             $(SANITIZE_FLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread $(LINK_HARDENING) $(SANITIZE_FLAGS) $(LDFLAGS)

# Each optional library sits behind one file, which has a stand-in: without libcrypt the server knows
# plain passwords alone, without OpenSSL nothing is encrypted, without libedit the client reads plain
# lines, without GSL crew-bench fits no curves, without jansson it reads no results.
# WITHOUT='gsl jansson libcrypt libedit openssl' leaves them out although they are there.
WITHOUT ?=
have = $(if $(filter $(1),$(WITHOUT)),,$(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes))
HAVE_LIBCRYPT := $(call have,libcrypt)
HAVE_LIBEDIT := $(call have,libedit)
HAVE_GSL := $(call have,gsl)
HAVE_JANSSON := $(call have,jansson)
HAVE_OPENSSL := $(call have,openssl)
stand_ins := server/access/password_hash_$(if $(HAVE_LIBCRYPT),none,crypt).c \
             client/line_editor_$(if $(HAVE_LIBEDIT),plain,libedit).c \
             bench/statistics/numeric_$(if $(HAVE_GSL),plain,gsl).c \
             bench/results/json_reader_$(if $(HAVE_JANSSON),none,jansson).c \
             $(if $(HAVE_OPENSSL),common/tls_none.c tests/system/tls_records_none.c \
                  tests/fuzz/tls_peer_none.c, \
                  common/tls_context_openssl.c common/tls_stream_openssl.c \
                  tests/system/tls_records_openssl.c tests/fuzz/tls_peer_openssl.c)
TLS_LIBS := $(if $(HAVE_OPENSSL),$(shell $(PKG_CONFIG) --libs openssl))
BENCH_LIBS := -lm $(if $(HAVE_GSL),$(shell $(PKG_CONFIG) --libs gsl)) \
              $(if $(HAVE_JANSSON),$(shell $(PKG_CONFIG) --libs jansson))
SERVER_LIBS := $(if $(HAVE_LIBCRYPT),$(shell $(PKG_CONFIG) --libs libcrypt))
CLIENT_LIBS := $(if $(HAVE_LIBEDIT),$(shell $(PKG_CONFIG) --libs libedit))

# ---- sources: a folder is a program, a file is a module -------------------------------------------
common_sources := $(filter-out $(stand_ins),$(wildcard common/*.c))
server_sources := $(filter-out $(stand_ins),$(wildcard server/*.c server/*/*.c))
client_sources := $(filter-out $(stand_ins),$(wildcard client/*.c))
bench_sources  := $(filter-out $(stand_ins) bench/floor.c,$(wildcard bench/*.c bench/*/*.c))
unit_sources   := $(wildcard tests/unit/*.c) tests/suite_runner.c tests/speed/queue_model.c \
                  tests/soak/history.c tests/soak/token.c
system_sources := $(filter-out $(stand_ins),$(wildcard tests/system/*.c)) tests/suite_runner.c
soak_sources   := $(wildcard tests/soak/*.c)
fault_sources  := $(filter-out tests/faults/shim.c,$(wildcard tests/faults/*.c)) \
                  $(addprefix tests/system/,fixture.c wire.c echo_crowd.c)
fuzz_sources   := $(filter-out $(stand_ins) %/libfuzzer.c %/replay.c,$(wildcard tests/fuzz/*.c))
all_code := $(wildcard include/*.h common/*.[ch] server/*.[ch] server/*/*.[ch] \
                       client/*.[ch] bench/*.[ch] bench/*/*.[ch] tests/*.[ch] tests/*/*.[ch])

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
programs := $(addprefix $(BUILD)/crew-,server client bench)

.PHONY: all test test-unit test-system test-faults test-node demo bench-peers run lint format format-check install uninstall clean help analyze test-fuzz fuzz soak soak-attacks test-helgrind test-overload
.DELETE_ON_ERROR:
.SECONDARY: # keep each main.o, which make would delete and then compile again next time

all: $(programs) ## build the three programs

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@echo "  SANITIZE=address,undefined or thread builds with sanitizers; WERROR=1 makes warnings errors"

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXTRA_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/server/access/password_hash_crypt.o: EXTRA_CFLAGS = $(shell $(PKG_CONFIG) --cflags libcrypt)
$(BUILD)/client/line_editor_libedit.o: EXTRA_CFLAGS = $(shell $(PKG_CONFIG) --cflags libedit)
$(BUILD)/bench/statistics/numeric_gsl.o: EXTRA_CFLAGS = $(shell $(PKG_CONFIG) --cflags gsl)
$(BUILD)/bench/results/json_reader_jansson.o: EXTRA_CFLAGS = $(shell $(PKG_CONFIG) --cflags jansson)
$(BUILD)/common/tls_%.o: EXTRA_CFLAGS = $(if $(HAVE_OPENSSL),$(shell $(PKG_CONFIG) --cflags openssl))
$(BUILD)/tests/%.o: EXTRA_CFLAGS = $(shell $(PKG_CONFIG) --cflags check)
$(BUILD)/tests/system/tls_records_openssl.o: EXTRA_CFLAGS = $(shell $(PKG_CONFIG) --cflags check \
                                                                                   openssl)
$(BUILD)/tests/fuzz/tls_peer_openssl.o: EXTRA_CFLAGS = $(shell $(PKG_CONFIG) --cflags openssl)

$(BUILD)/lib%.a:
	@rm -f $@
	ar rcs $@ $^

# Everything but main.c of each program, so that tests link the very code that ships.
$(BUILD)/libcommon.a: $(call objects,$(common_sources))
$(BUILD)/libserver.a: $(call objects,$(filter-out server/main.c,$(server_sources)))
$(BUILD)/libclient.a: $(call objects,$(filter-out client/main.c,$(client_sources)))
$(BUILD)/libbench.a:  $(call objects,$(filter-out bench/main.c,$(bench_sources)))

$(BUILD)/crew-%: $(BUILD)/%/main.o $(BUILD)/lib%.a $(BUILD)/libcommon.a
	$(CC) $(ALL_LDFLAGS) $^ $(EXTRA_LIBS) $(TLS_LIBS) -o $@

$(BUILD)/crew-server: EXTRA_LIBS = $(SERVER_LIBS)
$(BUILD)/crew-client: EXTRA_LIBS = $(CLIENT_LIBS)
$(BUILD)/crew-bench: EXTRA_LIBS = $(BENCH_LIBS)

# What serving a PING cannot cost less than; `crew-bench peers` looks for it beside itself.
$(BUILD)/crew-floor: $(call objects,bench/floor.c)
	$(CC) $(ALL_LDFLAGS) $^ -o $@

# ---- tests ----------------------------------------------------------------------------------------
$(BUILD)/unit-tests: $(call objects,$(unit_sources)) $(BUILD)/libserver.a $(BUILD)/libclient.a \
                     $(BUILD)/libbench.a $(BUILD)/libcommon.a
	$(CC) $(ALL_LDFLAGS) $^ $(shell $(PKG_CONFIG) --libs check) $(SERVER_LIBS) $(CLIENT_LIBS) \
	    $(BENCH_LIBS) $(TLS_LIBS) -o $@

$(BUILD)/system-tests: $(call objects,$(system_sources)) $(BUILD)/libbench.a $(BUILD)/libcommon.a
	$(CC) $(ALL_LDFLAGS) $^ $(shell $(PKG_CONFIG) --libs check) $(BENCH_LIBS) \
	    $(TLS_LIBS) -o $@

$(BUILD)/fault-tests: $(call objects,$(fault_sources)) $(BUILD)/libbench.a $(BUILD)/libcommon.a
	$(CC) $(ALL_LDFLAGS) $^ $(shell $(PKG_CONFIG) --libs check) -lm $(TLS_LIBS) -o $@

# Loaded into crew-server by fault-tests; without sanitizers, whose runtime is the server's.
$(BUILD)/tests/faults/shim.so: tests/faults/shim.c tests/faults/shim.h common/sanitized.h Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -I. $(WARNINGS) $(CFLAGS) $(if $(SANITIZE),-DSANITIZED=1) \
	    -fPIC -shared $< -o $@

# Every fuzz target in one program, which gives them the inputs that are kept.
fuzz_libraries := $(patsubst %,$(BUILD)/lib%.a,server client bench common)
$(BUILD)/fuzz-replay: $(call objects,$(fuzz_sources) tests/fuzz/replay.c) $(fuzz_libraries)
	$(CC) $(ALL_LDFLAGS) $^ $(SERVER_LIBS) $(BENCH_LIBS) $(TLS_LIBS) -o $@

# The same, driven by libFuzzer, which brings its own main.
$(BUILD)/fuzz: $(call objects,$(fuzz_sources) tests/fuzz/libfuzzer.c) $(fuzz_libraries)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $^ $(SERVER_LIBS) $(BENCH_LIBS) $(TLS_LIBS) -o $@

# Talks to crew-server as many clients at once; keeps its own histories of what they got.
$(BUILD)/soak: $(call objects,$(soak_sources)) $(BUILD)/libbench.a $(BUILD)/libcommon.a
	$(CC) $(ALL_LDFLAGS) $^ $(BENCH_LIBS) $(TLS_LIBS) -o $@

# Not tests but measurements: what the ready queue costs, and what its lock does to many cores.
$(BUILD)/ready-queue-speed: $(call objects,tests/speed/ready_queue_speed.c tests/speed/plain_queue.c) \
                            $(BUILD)/libserver.a $(BUILD)/libbench.a $(BUILD)/libcommon.a
	$(CC) $(ALL_LDFLAGS) $^ -lm -o $@

$(BUILD)/ready-queue-simulation: $(call objects,tests/speed/ready_queue_simulation.c \
                                   tests/speed/queue_model.c) \
                                 $(BUILD)/libbench.a $(BUILD)/libcommon.a
	$(CC) $(ALL_LDFLAGS) $^ -lm -o $@

# A check fails here on purpose when a package is missing: ./bootstrap test installs them all.
test: test-unit test-fuzz test-system test-faults ## run all tests

test-unit: $(BUILD)/unit-tests ## run one suite per module
	$(BUILD)/unit-tests

test-system: $(BUILD)/system-tests $(programs) ## start the real programs and talk to them
	CREW_BIN=$(BUILD) $(BUILD)/system-tests

test-overload: $(BUILD)/system-tests $(programs) ## goodput at 2, 5 and 10 times the capacity, as a table
	CREW_OVERLOAD_SECONDS=5 CREW_BIN=$(BUILD) $(BUILD)/system-tests overload

test-faults: $(BUILD)/fault-tests $(BUILD)/tests/faults/shim.so $(BUILD)/crew-server ## let everything fail that can
	CREW_BIN=$(BUILD) $(BUILD)/fault-tests

test-fuzz: $(BUILD)/fuzz-replay ## give the parsers and the server all inputs that fuzzing found
	$(BUILD)/fuzz-replay tests/fuzz/corpus

SECONDS ?= 60
fuzz: ## look for inputs that break something, for SECONDS=60 in all; needs clang
	@$(MAKE) --silent CC=clang BUILD=build/fuzz SANITIZE=address,undefined,fuzzer-no-link \
	    build/fuzz/fuzz
	@tests/fuzz/run.sh search $(SECONDS)

# Sanitizers keep freed memory, so that its growth would tell nothing.
CONNECTIONS ?= 0
soak: $(BUILD)/soak $(BUILD)/crew-server ## clients of all kinds for SECONDS=60, or CONNECTIONS=1000000
	CREW_BIN=$(BUILD) $(BUILD)/soak --seconds $(SECONDS) --connections $(CONNECTIONS) \
	    $(if $(SANITIZE),--ignore-memory)

soak-attacks: $(BUILD)/soak $(BUILD)/crew-server ## what memory each of a few attacks costs, and may cost
	CREW_BIN=$(BUILD) $(BUILD)/soak --attacks --seconds 15

# Unoptimized, so that a report names the very statement that it is about.
test-helgrind: $(BUILD)/soak $(BUILD)/system-tests $(programs) ## run what has threads under valgrind's helgrind
	$(MAKE) --silent BUILD=build/valgrind HARDENING= CFLAGS='-O0 -g -DCREW_HELGRIND' \
	    build/valgrind/crew-server build/valgrind/unit-tests
	tests/helgrind/run.sh build/valgrind $(BUILD)

test-node: $(BUILD)/crew-server ## let Redis client libraries from the npm registry talk to the server
	CREW_BIN=$(BUILD) tests/node/run.sh

# ---- use ------------------------------------------------------------------------------------------
demo: all ## compare worker counts on this machine in about 20 seconds
	@CREW_BIN=$(BUILD) bench/demo.sh

bench-peers: all $(BUILD)/crew-floor $(BUILD)/ready-queue-speed ## redis and memcached beside it
	$(BUILD)/crew-bench peers --json $(BUILD)/peers.json

run: $(BUILD)/crew-server ## run the server on localhost:12345
	$(BUILD)/crew-server

install: all ## install to $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include
	install -m 755 $(programs) $(DESTDIR)$(PREFIX)/bin
	install -m 644 include/crew.h $(DESTDIR)$(PREFIX)/include

uninstall: ## remove what install put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(notdir $(programs)))
	rm -f $(DESTDIR)$(PREFIX)/include/crew.h

# ---- care -----------------------------------------------------------------------------------------
LINT_FLAGS := -D_GNU_SOURCE -Iinclude -I.
code_to_lint := $(filter %.c,$(all_code))

# clang-tidy counts the warnings it suppressed on stderr, so its output shows only when it fails.
# cppcheck reads no system headers: it has to be told what Check's macros are.
lint: ## clang-tidy and cppcheck: any finding in our code is an error
	@printf '%s\n' $(code_to_lint) | xargs -n 1 -P 2 sh -c \
	    'found=$$(clang-tidy --quiet "$$1" -- -std=c11 $(LINT_FLAGS) 2>&1) || \
	     { printf "%s\n" "$$found"; exit 1; }' tidy
	@cppcheck --quiet --language=c --std=c11 $(LINT_FLAGS) -DEND_TEST= \
	    '-DSTART_TEST(name)=static void name(int _i)' --inline-suppr --error-exitcode=1 -j 2 \
	    --enable=warning,performance,portability,style --suppress=variableScope \
	    --suppress=badBitmaskCheck $(code_to_lint)

# Optimized, for then the analyzer sees through small functions. Checks of tests end a function in
# ways that it cannot follow, so it reads the programs alone.
analyze: ## gcc's analyzer: any finding in the programs is an error
	@printf '%s\n' $(filter-out tests/%,$(code_to_lint)) | xargs -n 1 -P 2 \
	    gcc -std=c11 $(LINT_FLAGS) -O2 -fanalyzer -Werror -c -o /dev/null

format: ## rewrite the code in the project's style
	@clang-format -i $(all_code)

format-check: ## fail when make format would change a file
	@clang-format --dry-run --Werror $(all_code)

clean: ## remove everything that was built
	rm -rf build

-include $(wildcard $(patsubst %.c,$(BUILD)/%.d,$(filter %.c,$(all_code))))
