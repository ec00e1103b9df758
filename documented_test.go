package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// elsewhere are the documented commands that TestDocumented does not run itself. It
// names the test that does, in whose folder the command stands as written, or says
// why none can. The runbooks have TestRunbookCommands.
func elsewhere() map[string]string {
	return map[string]string{
		"./postfix_exporter":           "TestDocumentedOnAServer",
		"sudo postfix_exporter triage": "TestDocumentedOnAServer",
		"make build":                   "the first step of make image: TestImage",
		"make image":                   "TestImage",
		"make packages":                "TestPackages",
		"sudo apt install ./bin/packages/postfix-exporter_*.deb":                          "TestPackages",
		"sudo install postfix_exporter /usr/local/bin/":                                   "TestPackages",
		"bin/postfix_backtest --postfix.config-directory /etc/postfix /var/log/mail.log*": "TestDocumented",

		"sudo dnf install ./bin/packages/postfix-exporter-*.rpm": "no dnf on Debian; TestPackages installs it by rpm",
		"kubectl apply -k packaging/kubernetes":                  "a cluster; TestManifests builds it by kustomize's library",
		"apt-get install postfix dovecot-core":                   "changes the machine; the Makefile does it for the tests",
		"postfix_exporter doctor":                                "fails where no Postfix runs; TestDoctor",
		"postfix_exporter whois HASH":                            "HASH stands for one; TestHashedLabelsAndWhois",
		"postfix_exporter parse FILE":                            "FILE stands for a log; the README's example is run",
		"postfix_exporter parse":                                 "reads standard input; TestParse",
		"go test ./parser/":                                      "part of make test",
		"go test ./dashboards/...":                               "part of make test",
		"go test -run TestReference -update .":                   "writes docs/metrics.md",
		"go run ./lab/record --story crowd":                      "writes a recording anew, minutes",

		"make test":                          "runs this test, as do the next ones",
		"make live":                          "part of make test",
		"make lint race fuzz":                "part of make test",
		"make packages-test":                 "part of make test",
		"make backtest-test kubernetes-test": "part of make test",
		"go test ./...":                      "part of make test",
		"make demo":                          "goes on until Ctrl-C; TestDemo runs the program that it builds",
		"make lab":                           "20 minutes; TestAttacks plays the short ones with the same program",
		"make lab ATTACK=burst":              "TestAttacks plays it with the same program",
		"make backtest":                      "builds for minutes; TestDocumented of backtest/ builds the same",
		"make bench":                         "ten minutes; a benchmark says how to run it",
		"make fuzz-long FUZZ=Parse":          "an hour; make fuzz runs the same script",
		"go test ./parser -run TestGolden -update":                                    "writes golden files",
		"go test ./parser -run 'TestQueueFiles' -update":                              "writes golden files",
		"git diff testdata/lines        # read every changed line before you keep it": "prints a page for a person",

		"go run ./lab/record --story attack testdata/demo/attack.log.gz":                                          "writes a recording anew, minutes",
		"go run ./lab/record --story mixed testdata/logs/postfix-3.7-lab.log.gz":                                  "writes a recording anew, minutes",
		"go run ./lab/record --story crowd --filter pipe testdata/logs/crowd-pipe.log.gz":                         "writes a recording anew, minutes",
		"go run ./lab/traffic/cmd --seed 7 month.log.gz month.json":                                               "minutes, and a gigabyte; TestLog makes shorter ones",
		"go test ./lab/traffic -run Month -month -v":                                                              "by hand, minutes",
		"go test -tags live -run TestLiveCrowd -timeout 20m . -crowd 20000":                                       "by hand, minutes",
		"go test -tags live -run TestCost ./dashboards -cost -v":                                                  "by hand, minutes",
		"apt-get download prometheus-postfix-exporter":                                                            "another exporter, by hand",
		"dpkg -x prometheus-postfix-exporter_*.deb bin/theirs":                                                    "another exporter, by hand",
		`go test -tags live -run TestCompare . -compare "$PWD/bin/theirs/usr/bin/prometheus-postfix-exporter" -v`: "another exporter, by hand",

		"podman": "no podman in Debian's CI; TestImage runs the image by buildah",
		"docker": "pulls a Grafana; TestGrafanaProvisioning reads what it mounts",
		"make grafana GRAFANA_URL=http://admin:admin@127.0.0.1:3000 GRAFANA_LAB=127.0.0.1:9090": "a real Grafana, by hand; TestGrafanaCheck runs it against a made one",
	}
}

// TestDocumented: each command in a text of the repository is run here, by another
// test, or stands in the list above, which has no others.
func TestDocumented(t *testing.T) {
	list := elsewhere()
	seen := map[string]bool{}
	code := testCode(t)
	for _, c := range documented(t) {
		line, words := c.text, strings.Fields(c.text)
		key := line
		if words[0] == "podman" || words[0] == "docker" { // long, and not run
			key = words[0]
		}
		who, listed := list[key]
		switch {
		case listed:
			seen[key] = true
			for _, test := range regexp.MustCompile(`\bTest\w+`).FindAllString(who, -1) {
				text := line
				if test != who {
					text = "" // it is a reason, which names one that does nearly that
				}
				if !holds(code, test, text) {
					t.Errorf("%s does not run %q", test, line)
				}
			}
		case c.inProse && words[0] == "make": // said in passing: it is a target
		case words[0] == "./postfix_exporter" || words[0] == "postfix_exporter":
			stdout, stderr, err := command(t, "", words[1:]...)
			if err != nil || stdout == "" {
				t.Errorf("%s: %v\n%s", line, err, stderr)
			}
		default:
			t.Errorf("no test runs %q", line)
		}
		checkMake(t, code, words)
		checkGoTest(t, code, words)
	}
	for command := range list {
		if !seen[command] {
			t.Errorf("%q is documented no more", command)
		}
	}
}

// documentedCommand is one that a text tells to type.
type documentedCommand struct {
	text    string
	inProse bool // between words, or in a table
}

// documented gives the commands of all texts but the runbooks: the lines of indented
// blocks that are no YAML, those of fenced blocks that are marked sh, and what is
// between backquotes and begins with a program that people type here.
func documented(t *testing.T) (commands []documentedCommand) {
	t.Helper()
	inProse := regexp.MustCompile("`((?:make|go|sudo|kubectl|apt-get|(?:\\./)?postfix_exporter|bin/\\S+) [^`]+)`")
	for _, name := range repositoryFiles(t, "*.md", ":!dashboards/runbooks", ":!CHANGELOG.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		before, fence, yaml := "", "", false
		for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
			line = strings.TrimRight(line, "\n")
			indented, in := strings.CutPrefix(line, "    ")
			switch {
			case strings.HasPrefix(line, "```") && fence == "":
				fence = line
			case strings.HasPrefix(line, "```"):
				fence = ""
			case fence == "```sh":
				commands = append(commands, documentedCommand{text: strings.TrimSpace(line)})
			case fence != "":
			case in && before == "":
				if yaml = strings.HasSuffix(line, ":"); !yaml {
					commands = append(commands, documentedCommand{text: indented})
				}
			case in && !yaml:
				commands = append(commands, documentedCommand{text: indented})
			case !in:
				for _, m := range inProse.FindAllStringSubmatch(line, -1) {
					commands = append(commands, documentedCommand{text: m[1], inProse: true})
				}
			}
			before = line
		}
	}
	if len(commands) < 30 {
		t.Errorf("only %d commands", len(commands))
	}
	return commands
}

// repositoryFiles lists files of the repository, new ones too.
func repositoryFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	args := append([]string{"ls-files", "--cached", "--others", "--exclude-standard", "--"}, patterns...)
	out, err := exec.CommandContext(t.Context(), "git", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Fields(string(out)), func(name string) bool {
		_, err := os.Stat(name)
		return err != nil // deleted, and not yet committed so
	})
}

// testCode gives the tests of the repository by folder.
func testCode(t *testing.T) map[string]string {
	t.Helper()
	code := map[string]string{}
	for _, name := range repositoryFiles(t, "*_test.go") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "documented_test.go" {
			code[filepath.Dir(name)] += string(text)
		}
	}
	return code
}

// holds says whether a test stands in a folder whose tests hold the text.
func holds(code map[string]string, test, text string) bool {
	for _, tests := range code {
		if strings.Contains(tests, "\nfunc "+test+"(") && strings.Contains(tests, text) {
			return true
		}
	}
	return false
}

// checkMake wants each target to be one, and each variable to be the Makefile's or one
// that a test reads from its environment.
func checkMake(t *testing.T, code map[string]string, words []string) {
	t.Helper()
	if words[0] != "make" {
		return
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range words[1:] {
		if strings.Contains(target, "'") { // a value with spaces, the last word
			break
		}
		name, _, variable := strings.Cut(target, "=")
		if variable && !strings.Contains(string(makefile)+code["dashboards"], name) || !variable && !strings.Contains(string(makefile), "\n"+name+":") {
			t.Errorf("%q: there is no %s", words, name)
		}
	}
}

// checkGoTest wants a test of the name in the package, and the flags that are not
// those of "go test".
func checkGoTest(t *testing.T, code map[string]string, words []string) {
	t.Helper()
	if len(words) < 3 || words[1] != "test" || words[0] != "go" || !slices.Contains(words, "-run") {
		return
	}
	folder := "."
	for _, word := range words {
		if word == "." || strings.HasPrefix(word, "./") {
			folder = filepath.Clean(word)
		}
	}
	pattern := strings.Trim(words[slices.Index(words, "-run")+1], "'")
	if !regexp.MustCompile(`\nfunc (Test\w*)?` + pattern).MatchString(code[folder]) {
		t.Errorf("%q: no such test in %s", words, folder)
	}
	for _, word := range words {
		name, isFlag := strings.CutPrefix(word, "-")
		if isFlag && !slices.Contains([]string{"tags", "run", "v", "timeout"}, name) && !regexp.MustCompile(`flag\.\w+\("`+name+`"`).MatchString(code[folder]) {
			t.Errorf("%q: no flag -%s in %s", words, name, folder)
		}
	}
}

// TestDocumentedLinks follows every link to a file of the repository, and to a heading
// in it. The runbooks have TestLinks.
func TestDocumentedLinks(t *testing.T) {
	links := 0
	for _, name := range repositoryFiles(t, "*.md", ":!dashboards/runbooks") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`).FindAllStringSubmatch(string(text), -1) {
			links++
			target := name
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(name), m[1])
			}
			there, err := os.ReadFile(target)
			if info, statErr := os.Stat(target); err != nil && (statErr != nil || !info.IsDir()) {
				t.Errorf("%s: %v", name, err)
			}
			if m[2] != "" && !slices.Contains(anchors(string(there)), m[2]) {
				t.Errorf("%s: %s has no heading for #%s", name, target, m[2])
			}
		}
	}
	if links < 40 {
		t.Errorf("only %d links", links)
	}
}

// anchors are those that a host of repositories makes of a text's headings.
func anchors(text string) (all []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		anchor := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(anchor, " ", "-"))
	}
	return all
}
