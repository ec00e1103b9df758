package main

import (
	"errors"
	"os"
	"time"

	"postfix_exporter/internal/triage"
)

// writeEvidence writes the report's files into a directory that is made where it is
// missing. They name people: nobody else may read them.
func writeEvidence(dir string, r *triage.Report, zone *time.Location, io streams) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	files, err := r.Evidence(zone)
	if err != nil {
		return err
	}
	for _, f := range files {
		file, err := root.OpenFile(f.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = file.Write(f.Text)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		if _, err := io.out.Write([]byte(dir + "/" + f.Name + "\n")); err != nil {
			return err
		}
	}
	return nil
}
