package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/collector"
)

// nameFlags say how accounts are named in labels.
type nameFlags struct{ labels, keyFile *string }

func addNameFlags(cmd *kingpin.CmdClause) nameFlags {
	return nameFlags{
		labels: cmd.Flag("account.labels", "How accounts are named in labels: plain; hash, a keyed hash that \"postfix_exporter whois\" turns back into "+
			"the name; none, only their sum, _other.").Default("plain").Enum("plain", "hash", "none"),
		keyFile: addKeyFile(cmd),
	}
}

func addKeyFile(cmd *kingpin.CmdClause) *string {
	return cmd.Flag("account.key-file", "Key of the hashes of --account.labels=hash. It is made, for its owner only, where it is missing.").
		Default("/var/lib/postfix_exporter/account.key").PlaceHolder("FILE").String()
}

// open gives what names accounts, nil for "none"; it reads the key where there is need of one.
func (f nameFlags) open() (func(name string) string, error) {
	switch *f.labels {
	case "none":
		return nil, nil
	case "plain":
		return collector.PlainNames, nil
	}
	key, err := readKey(*f.keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(*f.keyFile)
	}
	if err != nil {
		return nil, err
	}
	return collector.HashedNames(key), nil
}

const keyLength = 32

func readKey(name string) ([]byte, error) {
	key, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the key of account hashes: %w", err)
	}
	if len(key) != keyLength {
		return nil, fmt.Errorf("%s holds no key of account hashes: it has %d bytes, not %d; remove it, and a new one is made", name, len(key), keyLength)
	}
	return key, nil
}

// makeKey writes a new key that nobody but this user and root can read.
func makeKey(name string) ([]byte, error) {
	key := make([]byte, keyLength)
	_, _ = rand.Read(key) // never fails
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the key of account hashes can't be made: %w; mend: make its folder, for this user to write, or name another file "+
			"with --account.key-file", err)
	}
	_, err = file.Write(key)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("the key of account hashes can't be written: %w", err), os.Remove(name))
	}
	return key, nil
}
