package postconf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Options say which instance is meant. The zero value finds the one of this
// machine; all but ConfigDirectory is for tests and other roots.
type Options struct {
	ConfigDirectory string // "" = found: MAIL_CONFIG, postconf(1), then the usual places

	// Postconf is the path of postconf(1). "" = looked for, unless FS is set;
	// where there is none the files are read without it.
	Postconf string
	FS       fs.FS // the root directory; nil = this machine's

	Getenv    func(string) string        // nil = os.Getenv
	Hostname  func() (string, error)     // nil = os.Hostname
	Addresses func() ([]net.Addr, error) // of the interfaces; nil = net.InterfaceAddrs
}

func (o Options) withDefaults() (Options, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Hostname == nil {
		o.Hostname = os.Hostname
	}
	if o.Addresses == nil {
		o.Addresses = net.InterfaceAddrs
	}
	if o.ConfigDirectory != "" {
		dir, err := filepath.Abs(o.ConfigDirectory)
		if err != nil {
			return o, fmt.Errorf("config directory %q: %w; mend: give it with its full path", o.ConfigDirectory, err)
		}
		o.ConfigDirectory = dir
	}
	if o.FS == nil {
		o.FS = os.DirFS("/")
		if o.Postconf == "" {
			o.Postconf = findPostconf()
		}
	}
	return o, nil
}

// configDirectory finds the directory of main.cf.
func (o Options) configDirectory(ctx context.Context) (string, error) {
	if o.ConfigDirectory != "" {
		return o.ConfigDirectory, o.hasMainCF(o.ConfigDirectory)
	}
	if dir := o.Getenv("MAIL_CONFIG"); dir != "" {
		return dir, o.hasMainCF(dir)
	}
	places := []string{"/etc/postfix", "/usr/local/etc/postfix", "/opt/local/etc/postfix", "/opt/homebrew/etc/postfix", "/opt/postfix/etc"}
	if o.Postconf != "" {
		if text, err := o.ask(ctx, "-d", "-h", "config_directory"); err == nil && path.IsAbs(strings.TrimSpace(text)) {
			places = append([]string{strings.TrimSpace(text)}, places...)
		}
	}
	for _, dir := range places {
		if err := o.hasMainCF(dir); !errors.Is(err, fs.ErrNotExist) {
			return dir, err
		}
	}
	return "", fmt.Errorf("no Postfix configuration in %s; mend: --postfix.config-directory=DIR", strings.Join(places, ", "))
}

// hasMainCF says why the main.cf of a directory can't be read.
func (o Options) hasMainCF(dir string) error {
	_, err := o.read(path.Join(dir, "main.cf"))
	if err != nil {
		return fmt.Errorf("%w; mend: --postfix.config-directory=DIR, the directory of a main.cf that the exporter may read", err)
	}
	return nil
}

// maxConfigBytes bounds every file and every answer that is read.
const maxConfigBytes = 1 << 20

// read gives a small file's text.
func (o Options) read(name string) (string, error) {
	f, err := o.FS.Open(inFS(name))
	if err != nil {
		return "", plainError(name, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: no regular file", name)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return "", plainError(name, err)
	}
	if len(text) > maxConfigBytes {
		return "", fmt.Errorf("%s: over %d bytes", name, maxConfigBytes)
	}
	return string(text), nil
}

// inFS turns an absolute path into one that an fs.FS takes.
func inFS(name string) string {
	if name = strings.TrimPrefix(path.Clean(name), "/"); name == "" {
		return "."
	}
	return name
}

// plainError names the file by its absolute path, without the system call.
func plainError(name string, err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}
