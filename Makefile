# What each target does is told by `make help`. `make run` needs Go alone;
# `make test` fetches and starts everything else that it needs.

GOFLAGS_BUILD := -trimpath
FUNCTIONS     := $(notdir $(wildcard functions/*))
GOOS_LAMBDA   := linux
# Functions are built for arm64 unless the caller says otherwise:
# GOARCH=amd64 make functions
GOARCH_LAMBDA := $(or $(GOARCH),arm64)
# … and nothing else is: the CDK app runs on this machine.
unexport GOARCH
# The newest version on the registry is not the one that fits the CDK library.
CDK           := CDK_DISABLE_VERSION_CHECK=1 node_modules/.bin/cdk

.PHONY: help run build test check fuzz linear bench bench-cold bench-peers functions synth deploy deploy-local deploy-test deploy-load clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: build ## build and start Almanac on this machine, with sample data
	bin/almanac serve --sample

build: ## build bin/almanac, one static binary
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/almanac ./cmd/almanac

# The tests run programs that they build, which the cache of go test does not see.
test: check fuzz ## run every test of every package, with what they need
	go run ./tests/testenv -- go test -count=1 -timeout 20m ./...

check: ## gofmt, go vet and staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

# A count, for where a time ends Go before 1.27 can fail a search that found
# nothing (go.dev/issue/75804).
FUZZTIME ?= 20000x

fuzz: ## let every fuzz target search for FUZZTIME (20000x; 10m, say, is a time)
	@grep -rl --include='*_test.go' '^func Fuzz' internal | while read -r file; do \
		sed -nE 's/^func (Fuzz[A-Za-z0-9]*).*/\1/p' $$file | while read -r target; do \
			go test ./$$(dirname $$file) -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; \
		done || exit 1; \
	done

linear: ## record 10,000 concurrent histories, on DynamoDB Local a tenth, and find an order for each
	go run ./tests/testenv -- go test -count=1 -timeout 2h -v ./tests/linear -run Order -histories 10000

bench: ## measure the laptop: GET now, GET at and durable PUT at 1, 8 and 64 clients
	go test -run '^$$' -bench . -benchtime 3s ./tests/load

bench-cold: ## measure cold starts of the functions as ratios to an empty Lambda
	go run ./tests/load/cold

bench-peers: ## compare the laptop with a small server over a temporal table in PostgreSQL 15
	go run ./tests/load/peers

functions: ## build dist/<operation>/bootstrap for every endpoint
	@for f in $(FUNCTIONS); do \
		mkdir -p dist/$$f && cp infra/roots.pem dist/$$f/ || exit 1; \
	done
# Without the revision in it, a function that did not change keeps its bytes and is not deployed again.
	CGO_ENABLED=0 GOOS=$(GOOS_LAMBDA) GOARCH=$(GOARCH_LAMBDA) go build -trimpath -buildvcs=false -tags lambda.norpc \
		-ldflags "-s -w -buildid=" -o dist/.all/ ./functions/...
	@for f in $(FUNCTIONS); do mv dist/.all/$$f dist/$$f/bootstrap || exit 1; done; rmdir dist/.all

synth: functions node_modules/.package-lock.json ## synthesise the stack into cdk.out
	$(CDK) synth --quiet

deploy-local: ## deploy the stack on an emulator, print its addresses and a key, and leave it running
	go run ./tests/deploy/local

deploy-test: ## tell all that the test of the deployed stack finds; make test runs it too
	go test -count=1 -v -run Hundred ./infra
	go test -count=1 -v ./tests/deploy

deploy-load: ## 64 clients call the stack on the emulator for 30 seconds
	go test -count=1 -v -run UnderLoad ./tests/deploy -load 30s

deploy: functions node_modules/.package-lock.json ## deploy the stack with your AWS credentials
	$(CDK) deploy

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund

clean: ## remove what was built
	rm -rf bin dist cdk.out
