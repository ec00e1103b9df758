package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// submit sends a message with sendmail(1), as a local user: a web script's way.
//
// The set-gid postdrop(1) refuses a configuration directory that the machine's
// own main.cf doesn't list, unless it gains nothing by being set-gid: then
// Postfix's unsafe() finds real and effective ids alike and trusts MAIL_CONFIG.
// So the process runs with the user's uid and with postdrop's group as its real
// one. The maildrop file belongs to the uid, and pickup(8) logs that.
func (p *Postfix) submit(ctx context.Context, uid int, from string, to []string, text []byte) error {
	group, err := user.LookupGroup("postdrop")
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(group.Gid)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	args := append([]string{"-i", "-f", from, "--"}, to...)
	cmd := exec.CommandContext(ctx, "sendmail", args...)
	cmd.Env = []string{"MAIL_CONFIG=" + p.ConfigDir, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(text)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:    true, // Ctrl-C is for us
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("sendmail as uid %d: %w", uid, err), errors.New(string(out)))
	}
	return nil
}
