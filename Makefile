# Each target is documented by the comment behind its name: make help
# One target after the other, but for what the target test says.
ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

BINARY := postfix_exporter
IMAGE  := postfix_exporter
FOR    :=
ATTACK :=
FUZZ   := Parse

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH   := $(shell git branch --show-current 2>/dev/null || echo unknown)
# The commit's date and not the clock's: the same commit gives the same binary.
DATE     := $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)

STAMP   := github.com/prometheus/common/version
LDFLAGS := -s -w -X $(STAMP).Version=$(VERSION) -X $(STAMP).Revision=$(REVISION) \
	-X $(STAMP).Branch=$(BRANCH) -X $(STAMP).BuildDate=$(DATE)

# Programs of others that are built here, once.
TOOLS := .cache/bin

LINT_VERSION  := v2.15.0
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(LINT_VERSION)
BUILDAH       := buildah

NFPM_VERSION := v2.43.0
NFPM         := $(TOOLS)/nfpm-$(NFPM_VERSION)
SBOM_VERSION := v1.9.0
SBOM         := $(TOOLS)/cyclonedx-gomod-$(SBOM_VERSION)
PACKAGES     := bin/packages
# Whom the packages name: there is no such address, so set yours where you give them to others.
MAINTAINER   := postfix_exporter maintainers <maintainers@postfix-exporter.invalid>
# v1.2.3 is 1.2.3, what comes after it 1.2.3+5.gabc; before the first tag it is older than any.
PACKAGE_VERSION := $(shell (git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null || \
	echo "v0~git$$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y%m%d%H%M%S).$$(git describe --always --dirty --exclude '*')") | sed 's/^v//; s/-/+/; s/-/./g')

LAB_PACKAGES  := postfix dovecot-core
WATCH_PACKAGES := prometheus prometheus-alertmanager
TEST_PACKAGES := $(LAB_PACKAGES) $(WATCH_PACKAGES) buildah crun gcc libc6-dev ca-certificates systemd-journal-remote nftables \
	systemd mmdebstrap lintian man-db rpm strace xz-utils
GRAFANA_TYPES := dashboards/schema

heading = @printf '\n== %s\n' '$(1)'

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: build ## an attack on a private Postfix, watched through the exporter; FOR=60s ends it by itself
	@scripts/apt-install $(LAB_PACKAGES) || echo 'Going on without a Postfix of its own.'
	@scripts/apt-install $(WATCH_PACKAGES) || echo 'Going on without a Prometheus, so without pages.'
	@go build -o bin/demo ./lab/demo
	@exec bin/demo --exporter ./$(BINARY) $(if $(FOR),--for $(FOR))

.PHONY: test
test: test-packages vet fmt-check lint race fuzz ## everything that CI checks
	@$(MAKE) --no-print-directory SIDE_BY_SIDE=1 -j2 live modules

# Building them takes minutes, and the live tests mostly wait.
.PHONY: modules
modules: ## the modules of their own, and what is built with them
	@nice $(MAKE) --no-print-directory SIDE_BY_SIDE= backtest-test kubernetes-test packages-test

.PHONY: test-packages
test-packages: ## install what the tests need (Debian, npm; root)
	$(call heading,Debian packages: $(TEST_PACKAGES))
	@scripts/apt-install $(TEST_PACKAGES)
	$(call heading,from npm: the types of Grafana)
	@command -v npm >/dev/null || scripts/apt-install nodejs npm
	@npm ci --silent --ignore-scripts --no-audit --no-fund --prefix $(GRAFANA_TYPES)

.PHONY: build
build: ## the static binary, ./postfix_exporter
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BINARY) .

.PHONY: vet
vet: ## go vet
	$(call heading,go vet)
	@go vet -tags live ./...

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## format the code
	@$(GOLANGCI_LINT) fmt ./...

.PHONY: fmt-check
fmt-check: ## fail where gofmt would change something
	$(call heading,gofmt)
	@files=$$(gofmt -l .); if [[ -n $$files ]]; then echo "not formatted (make fmt): $$files" >&2; exit 1; fi

.PHONY: lint
lint: $(GOLANGCI_LINT) ## golangci-lint, which holds the walls between the rooms
	$(call heading,golangci-lint)
	@$(GOLANGCI_LINT) run ./...

$(GOLANGCI_LINT): FROM := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
$(NFPM): FROM := github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)
$(SBOM): FROM := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(SBOM_VERSION)
$(GOLANGCI_LINT) $(NFPM) $(SBOM):
	$(call heading,$(@F) is built once; this takes minutes)
	@mkdir -p $(@D)/new
	@GOFLAGS= GOBIN=$(abspath $(@D)/new) go install $(FROM)
	@mv $(@D)/new/* $@
	@rmdir $(@D)/new

.PHONY: race
race: ## unit and golden tests under the race detector, docs/metrics.md among them
	$(call heading,go test -race)
	@CGO_ENABLED=1 go test -race ./...

.PHONY: fuzz
fuzz: ## 20,000 inputs for every fuzz target, a minute in all
	$(call heading,go test -fuzz)
	@scripts/fuzz 20000

.PHONY: fuzz-long
fuzz-long: ## 10 million inputs for each fuzz target whose name holds FUZZ=Parse
	@scripts/fuzz 10000000 $(FUZZ)

.PHONY: live
live: ## the tests tagged live: a private Postfix, the image (root)
	$(call heading,go test -tags live)
	@packages=$$(grep -rl --include='*_test.go' --exclude-dir=backtest '^//go:build live' . | xargs -rn1 dirname | sort -u || true); \
	if [[ -z $$packages ]]; then echo 'no test is tagged live' >&2; exit 1; fi; \
	go test -tags live -count=1 -p 2 -parallel 4 -timeout 15m $$(grep -vxE './(lab/attacks|packaging)' <<<"$$packages")
	$(call heading,attacks)
	@go test -tags live -count=1 -v -timeout 10m ./lab/attacks
	@[[ -n "$${GRAFANA_URL:-}" ]] || echo 'GRAFANA_URL is not set: no real Grafana is asked (make grafana).'

.PHONY: lab
lab: build ## all attacks on private Postfixes, and what pages; ATTACK=name plays one (root)
	@scripts/apt-install $(LAB_PACKAGES) $(WATCH_PACKAGES)
	@go build -o bin/attacks ./lab/attacks/cmd
	@exec bin/attacks --exporter ./$(BINARY) $(ATTACK)

# A module of its own: it is built on Prometheus's rule engine, which is large.
.PHONY: backtest
backtest: ## bin/postfix_backtest, which says what the alert rules would have paged on old logs
	@cd backtest && CGO_ENABLED=0 go build -trimpath -o ../bin/postfix_backtest .

# Prometheus's Seek is not io.Seeker's, which vet takes it for.
.PHONY: backtest-test
backtest-test: $(GOLANGCI_LINT) ## vet, lint and the tests of the backtest; the first build takes minutes
	$(call heading,backtest)
	@cd backtest && go vet -stdmethods=false ./... && $(abspath $(GOLANGCI_LINT)) run ./... && go test -vet=off -tags live ./...

# A module of its own too: it is tested by Kubernetes's and kustomize's own libraries.
.PHONY: kubernetes-test
kubernetes-test: $(GOLANGCI_LINT) ## the manifests of packaging/kubernetes, built and read strictly; the first build takes a minute
	$(call heading,Kubernetes)
	@cd packaging/kubernetes && go vet ./... && $(abspath $(GOLANGCI_LINT)) run ./... && go test -vet=off ./...

# The seeds of the tables are none of those that rules were tuned with, below 100, nor any that was looked at before the rules were changed.
THEFT := --kind burst --kind botnet --kind drip --kind dormant --kind breakin

.PHONY: score
score: ## how good the alert rules are, on logs of lab/traffic: writes the tables of docs/tuning.md anew; half an hour
	@cd backtest && go run ./measure --seed 201 --seed 202 --seed 203 --seed 204 --quiet 200 --write ../docs/tuning.md
	@cd backtest && go run ./measure --seed 201 --seed 202 --days 4 --accounts 40 --baselines --write ../docs/tuning.md
	@cd backtest && go run ./measure --seed 205 --seed 206 --seed 207 $(THEFT) --factor 0.5 --factor 0.7 --factor 1.5 --factor 2.5 --write ../docs/tuning.md

.PHONY: grafana
grafana: ## a running Grafana checked, and drawn: GRAFANA_URL=http://user:password@host:3000 (dashboards/README.md)
	@scripts/apt-install $(LAB_PACKAGES) $(WATCH_PACKAGES) chromium
	@go test -tags live -count=1 -v -timeout 20m -run TestGrafanaReal ./dashboards

.PHONY: bench
bench: ## all benchmarks, built as the binary is: with the profile default.pgo
	@go test -pgo default.pgo -run '^$$' -bench . -benchmem ./...

# go build takes default.pgo by itself, and go test by -pgo.
.PHONY: pgo
pgo: ## the profile that the compiler optimises for, default.pgo, anew
	@mkdir -p bin
	@go test . -pgo off -run '^$$' -bench Replay -benchtime 160x -cpuprofile default.pgo -o bin/replay.test

.PHONY: golden
golden: ## write the golden files and docs/metrics.md anew; read the diff
	@packages=$$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -rn1 dirname | sort -u); \
	go test $$packages -update

.PHONY: generate
generate: ## the rules' other forms, from dashboards/prometheus/postfix.rules.yml
	@go run ./dashboards/generate

.PHONY: image
image: build ## the container image, with buildah
	@$(BUILDAH) build --isolation chroot -t $(IMAGE) .

.PHONY: packaging-tools
packaging-tools: $(NFPM) $(SBOM)

.PHONY: packages-test
packages-test: packaging-tools ## the packages, built twice, installed and run, and the image (root)
	$(call heading,packages)
	@go test -tags live -count=1 -timeout 10m ./packaging

.PHONY: packages
packages: build packaging-tools ## the .deb, the .rpm and their SBOM, in bin/packages; the same commit gives the same files
	@mkdir -p $(PACKAGES) && rm -f $(PACKAGES)/postfix-exporter[-_]*
	@export SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) PACKAGE_VERSION='$(PACKAGE_VERSION)' PACKAGE_ARCH="$$(go env GOARCH)" MAINTAINER='$(MAINTAINER)'; \
	packaging/stage bin/package; \
	for format in deb rpm; do $(NFPM) package -f packaging/nfpm.yaml -p $$format -t $(PACKAGES); done
	@$(SBOM) bin -json -noserial -std -version '$(PACKAGE_VERSION)' $(BINARY) | sed '/^    "timestamp":/d' >$(PACKAGES)/$(BINARY).cdx.json

.PHONY: clean
clean: ## delete what was built, the linter too
	@rm -rf $(BINARY) bin .cache $(GRAFANA_TYPES)/node_modules
