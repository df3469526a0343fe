# `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# What may be given on the command line: make test PKG=./api/... GOTESTFLAGS=-race
PKG         ?= ./...
GOTESTFLAGS ?=
STATE       ?= .zhitong
SIZE        ?=
BENCHFLAGS  ?= $(if $(SIZE),-size $(SIZE)) $(if $(ZHITONG_POSTGRES_BIN),-binaries $(ZHITONG_POSTGRES_BIN))

LINT    := go tool -modfile=tools/go.mod golangci-lint
# The Postgres of the tests: the one named by ZHITONG_POSTGRES_BIN, else whatever is found.
TESTDB  := go run ./test/testdb $(if $(ZHITONG_POSTGRES_BIN),-binaries $(ZHITONG_POSTGRES_BIN))
# The moments and zones of test/clocks, as start,zone: the day before a month's end, a leap day, ten seconds before a
# new year in Beijing, and today far from Beijing. The packages are those in which days and zones matter most, and one road through the whole program.
CLOCKS      ?= 2027-02-28T12:00:00+08:00,UTC 2028-02-29T12:00:00+08:00,UTC 2026-12-31T23:59:50+08:00,UTC ,America/New_York
CLOCKS_PKG  ?= ./internal/clock ./internal/id ./alipay/contract ./simulator ./queue ./tenants/retention ./tenants/idempotency ./tenants/access \
               ./cmd/zhitong/invariants ./test/e2e
CLOCKS_SKIP ?= TestAttack|TestCrashes|TestDatabase|TestClockJumps|TestStartBefore|TestBeside|TestMigrateWhile
WEB_SRC := $(wildcard web/package.json web/package-lock.json web/.npmrc web/build.mjs web/tokens.css openapi.yaml) $(shell find web/app -type f -not -name schema.d.ts -not -name operations.ts -not -name README.md)

.PHONY: help generate lint test test/race test/clocks test/clocks/long test/web test/browser test/clients screenshots verify web build run bench bench/simulator chaos chaos/long chaos/flood mutants clean

help: ## list the targets
	@grep -hE '^[a-z/]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z\/]+):.*## (.*)/  \1\t\2/' | expand -t 16

run: build ## start everything for trying: Postgres, simulator, API, workers, a demo tenant (Ctrl-C stops it)
	@exec bin/zhitong dev --state-dir "$(STATE)"

test: ## the whole test suite, on a Postgres of its own
	$(TESTDB) -- go test $(PKG) $(GOTESTFLAGS)

test/race: ## the same with the race detector, in random order
	$(MAKE) test GOTESTFLAGS='-race -shuffle=on $(GOTESTFLAGS)'

test/web: web web/node_modules/.installed ## the console without a browser: its rules, its units, and the sizes of what is built
	cd web && npm test

test/browser: build web/node_modules/.installed ## the pages in chromium, against the real program (needs chromium; SHORT=1: the short form)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { echo 'chromium is missing: sudo apt-get install -y --no-install-recommends chromium' >&2; exit 1; }
	cd web && SHORT=$(SHORT) node --test --test-reporter=spec browser/all.test.mjs

test/clients: build test/clients/ts/node_modules/.installed ## clients that strangers' tools generate from the contract, clients of Alipay, and every sample of docs/simulator.md (needs php, a JDK, python3-cryptography)
	@for tool in php javac; do command -v $$tool >/dev/null || { echo "$$tool is missing: sudo apt-get install -y --no-install-recommends php-cli default-jdk-headless" >&2; exit 1; }; done
	@/usr/bin/python3 -c 'import cryptography' || { echo 'sudo apt-get install -y --no-install-recommends python3-cryptography' >&2; exit 1; }
	node --test --test-reporter=spec test/clients/clients.test.mjs test/clients/samples.test.mjs

screenshots: build web/node_modules/.installed ## the pictures of docs/ anew (ALL=dir: every page at every width, to look at)
	cd web && node browser/screenshots.mjs $(if $(ALL),$(abspath $(ALL)))

test/clocks: ## the tests in which days matter, with every clock started at awkward moments, and in another zone
	@for c in $(CLOCKS); do \
	  echo "clocks start at $${c%,*}, in the zone $${c#*,}"; \
	  ZHITONG_TEST_CLOCK_START=$${c%,*} TZ=$${c#*,} $(TESTDB) -- go test -tags testclock -count=1 $(if $(CLOCKS_SKIP),-skip '$(CLOCKS_SKIP)') $(GOTESTFLAGS) $(CLOCKS_PKG); \
	done

test/clocks/long: ## the whole suite so
	$(MAKE) test/clocks CLOCKS_PKG=./... CLOCKS_SKIP=

verify: ## all that can be checked without running the product: generated code, format, lint
	scripts/verify-generated
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go' | grep -v '^tools/')); \
	  [ -z "$$unformatted" ] || { echo "not gofmt'ed:" $$unformatted; exit 1; }
	@go run ./test/mutants -list >/dev/null # every fence of make mutants is where it takes it away
	$(MAKE) lint

lint: ## golangci-lint, built from tools/go.mod
	$(LINT) run $(PKG)

generate: ## make the generated code again: queries, server, docs
	CGO_ENABLED=0 go tool sqlc generate
	go tool oapi-codegen -config api/apigen/config.yaml openapi.yaml
	go test ./api -count=1 -run '^TestErrorCodesPage$$' -update >/dev/null
	go test ./alipay/contract -count=1 -run '^TestMatrix$$' -update >/dev/null
	go test ./internal/tidy -count=1 -run '^TestLevelsPage$$' -update >/dev/null
	go test ./tenants/retention -count=1 -run '^TestDataPageSaysTheRules$$' -update >/dev/null
	$(TESTDB) -- go test ./test/bench/recording -count=1 -run '^TestScripts$$' -update >/dev/null

build: web ## bin/zhitong, the one binary, pages included
	go build -trimpath -o bin/zhitong ./cmd/zhitong

web: web/dist/.built ## the pages (needs Node; without it the binary shows stubs)

web/dist/.built: $(WEB_SRC)
	@mkdir -p $(@D); \
	if [ ! -f web/package.json ]; then exit 0; fi; \
	if ! command -v npm >/dev/null; then echo 'npm is missing: the binary is built without the console and the portal'; exit 0; fi; \
	cd web && npm ci --no-audit --no-fund && npm run build && touch dist/.built node_modules/.installed

# The tests' own packages, when what is built is older than they are.
web/node_modules/.installed: web/package.json web/package-lock.json web/.npmrc
	@command -v npm >/dev/null || { echo 'npm is missing: sudo apt-get install -y nodejs npm' >&2; exit 1; }
	cd web && npm ci --no-audit --no-fund && touch node_modules/.installed

test/clients/ts/node_modules/.installed: test/clients/ts/package.json test/clients/ts/package-lock.json test/clients/ts/.npmrc
	@command -v npm >/dev/null || { echo 'npm is missing: sudo apt-get install -y nodejs npm' >&2; exit 1; }
	cd test/clients/ts && npm ci --no-audit --no-fund && touch node_modules/.installed

bench: bench/all ## the yardsticks of docs/performance.md; a part alone: make bench/pipeline (see bench/main.go); SIZE=large

BENCH_PARTS := $(addprefix bench/,yardstick bare pipeline create latency growth footprint simulator budget overview search console files profile)
.PHONY: bench/all bench/console/browser $(BENCH_PARTS)

bench/all: build
	@go build -o bin/bench ./test/bench && bin/bench $(BENCHFLAGS) && bin/bench report

$(BENCH_PARTS): bench/%: build
	@go build -o bin/bench ./test/bench && bin/bench $(BENCHFLAGS) $*

bench/console/browser: build web/node_modules/.installed ## when the console's pages show what they are for, on a slow processor (needs chromium)
	cd web && node browser/paint.mjs

bench/simulator/go: ## the simulator's precreate rate against bare RSA verify + sign (target 0.7), and what a trade costs on disk
	go test ./simulator -run '^$$' -bench Precreate -benchtime 5000x
	go test ./simulator/trades -run '^$$' -bench Storage -benchtime 200000x

chaos: ## faults under load, then every invariant; prints its seed (CHAOS="--seed 7 --duration 2m")
	go run ./test/chaos $(CHAOS)

chaos/long: ## the same for a night
	go run ./test/chaos --long $(CHAOS)

chaos/flood: ## one process of 512 MB, flooded with what takes memory, while another platform works (FLOOD=short: half a minute)
	go run ./test/chaos --flood $(if $(FLOOD),--$(FLOOD)) $(CHAOS)

mutants: ## take away each fence in turn and demand a red test
	scripts/mutants

clean: ## remove what was built, not the state of `make run`
	rm -rf bin test/bench/out test/clients/generated test/clients/*/generated test/clients/ts/out web/dist/.built coverage.out
