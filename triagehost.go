package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/triage"
)

// localPrincipal finds a local user by name or uid.
func localPrincipal(who string) (triage.Principal, error) {
	u, err := user.Lookup(who)
	if err != nil {
		if u, err = user.LookupId(who); err != nil {
			if _, bad := strconv.ParseUint(who, 10, 32); bad != nil {
				return triage.Principal{}, fmt.Errorf("--local-user: there is no user %q", who)
			}
			return triage.Principal{Kind: triage.Local, Name: who}, nil // one that passwd does not know
		}
	}
	return triage.Principal{Kind: triage.Local, Name: u.Uid, User: u.Username}, nil
}

// networkPrincipal takes a network, or the network of an address.
func networkPrincipal(text string) (triage.Principal, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return triage.Principal{}, fmt.Errorf("--network: %q is no network such as 192.0.2.0/24", text)
		}
		prefix = triage.NetworkOf(addr)
	}
	return triage.Principal{Kind: triage.Network, Name: prefix.Masked().String()}, nil
}

// host gathers what the commands must know of this machine, for one of its instances;
// nil for none.
func (s *scene) host(ctx context.Context, p triage.Principal, i *postconf.Instance) *triage.Host {
	h := &triage.Host{Exporter: program()}
	named := len(*s.flags.confs) > 0 || len(s.instances) > 1
	if named {
		h.Flags = append(h.Flags, "--postfix.config-directory="+i.ConfigDirectory)
	}
	for _, name := range *s.flags.logs {
		h.Flags = append(h.Flags, "--log.file="+name)
	}
	if *s.flags.url != defaultURL {
		h.Flags = append(h.Flags, "--exporter.url="+redacted(*s.flags.url))
	}
	if *s.flags.client != "" {
		h.Flags = append(h.Flags, "--exporter.config-file="+*s.flags.client)
	}
	if i != nil {
		if named || os.Getenv("MAIL_CONFIG") != "" {
			h.ConfigDir = i.ConfigDirectory
		}
		h.SASLType, h.SubmitUsers, h.RelayRestrictions = i.SASLType, i.SubmitUsers, i.RelayRestrictions
	}
	for _, each := range s.instances { // whom one of them trusts is not blocked for another
		h.MyNetworks = append(h.MyNetworks, each.MyNetworks...)
	}
	switch p.Kind {
	case triage.Account:
		h.SystemUser = systemUser(p.Name)
		s.askDovecot(ctx, h, p.Name)
	case triage.Local:
		h.Processes = processesOf(p.Name)
	case triage.Forward:
		h.Aliases = s.aliasesOf(p.Name, i)
	}
	return h
}

// systemUser gives the entry of passwd that an account is: by its whole name, or by
// what stands before the @.
func systemUser(account string) string {
	local, _, _ := strings.Cut(account, "@")
	for _, name := range []string{account, local} {
		if u, err := user.Lookup(name); err == nil {
			return u.Username
		}
	}
	return ""
}

// askDovecot reads where Dovecot keeps passwords. It runs doveconf(1), which changes
// nothing.
func (s *scene) askDovecot(ctx context.Context, h *triage.Host, account string) {
	h.DovecotConfig = *s.flags.dovecot
	name, err := exec.LookPath("doveconf")
	if err != nil || h.SASLType == "cyrus" && h.DovecotConfig == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	args := []string{"-n"}
	if h.DovecotConfig != "" {
		args = []string{"-c", h.DovecotConfig, "-n"}
	}
	command := exec.CommandContext(ctx, name, args...) //nolint:gosec // its file is the admin's choice
	command.WaitDelay = time.Second
	text, err := command.Output()
	if err != nil {
		s.miss("where Dovecot keeps passwords", fmt.Errorf("%s -n: %w", name, err))
		return
	}
	h.Dovecot, h.Stores = true, triage.ParseDovecot(string(text))
	for i := range h.Stores {
		store := &h.Stores[i]
		switch store.Driver {
		case "passwd-file":
			if text, err := os.ReadFile(store.File); err == nil {
				store.Line = triage.PasswdLine(string(text), account)
			} else {
				s.miss("the passwords", err)
			}
		case "sql", "ldap":
			text, err := os.ReadFile(store.File)
			switch {
			case err != nil && store.File != "": // from 2.4 on they stand in doveconf itself
				s.miss("where Dovecot keeps passwords", err)
			case err == nil && store.Driver == "sql":
				store.SetSQL(string(text))
			case err == nil:
				store.SetLDAP(string(text))
			}
		}
	}
}

// aliasesOf finds where an alias stands: in the texts of Postfix's tables, or as the
// .forward file of a local user.
func (s *scene) aliasesOf(alias string, i *postconf.Instance) (found []triage.AliasLine) {
	if i == nil {
		return nil
	}
	for _, item := range i.AliasMaps {
		kind, file, ok := strings.Cut(strings.TrimPrefix(item, "proxy:"), ":")
		if !ok || !slices.Contains([]string{"hash", "btree", "lmdb", "cdb", "dbm", "texthash"}, kind) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			s.miss("the aliases", err)
			continue
		}
		for _, local := range []bool{false, true} {
			if a, ok := triage.FindAlias(string(text), alias, local); ok {
				a.Type, a.File = kind, file
				found = append(found, a)
				break
			}
		}
	}
	local, _, _ := strings.Cut(alias, "@")
	if u, err := user.Lookup(local); err == nil {
		file := filepath.Join(u.HomeDir, ".forward")
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() {
			found = append(found, triage.AliasLine{File: file})
		}
	}
	return found
}

// maxProcesses bounds what is told of a user's processes.
const maxProcesses = 200

// processesOf lists a user's processes with their working directories.
func processesOf(uid string) (all []triage.Process) {
	dirs, err := os.ReadDir(procPath)
	if err != nil {
		return nil
	}
	for _, dir := range dirs {
		pid, err := strconv.Atoi(dir.Name())
		if err != nil || len(all) >= maxProcesses {
			continue
		}
		info, err := dir.Info()
		if err != nil {
			continue
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || strconv.FormatUint(uint64(stat.Uid), 10) != uid {
			continue
		}
		path := filepath.Join(procPath, dir.Name())
		command, _ := os.ReadFile(filepath.Join(path, "cmdline"))
		cwd, err := os.Readlink(filepath.Join(path, "cwd"))
		if err != nil {
			cwd = "?"
		}
		text := strings.TrimSpace(strings.ReplaceAll(string(command), "\x00", " "))
		all = append(all, triage.Process{PID: pid, Command: text, Dir: cwd})
	}
	return all
}
