//go:build live

package dashboards

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/watch"
)

// underAttack is a Postfix that ordinary people use while an account is abused, watched by
// all that is shipped. It ends with the test.
func underAttack(t *testing.T) *watch.Watch {
	t.Helper()
	exporter := filepath.Join(t.TempDir(), "postfix_exporter")
	if out, err := exec.Command("go", "build", "-o", exporter, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	l, err := lab.Start(t.Context(), lab.Options{MainCF: []string{
		"smtpd_tls_chain_files = " + certificate(t), "smtpd_tls_security_level = may", "smtpd_tls_loglevel = 1",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	e, err := watch.StartExporter(t.Context(), exporter, t.TempDir(), l.Postfix.ConfigDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	w, err := watch.Start(t.Context(), t.TempDir(), watch.Options{Rules: Rules(), Alertmanager: Alertmanager()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	if err := w.Add(t.Context(), "mx1", e.URL); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	t.Cleanup(func() { end(); all.Wait() })
	all.Go(func() { l.Tell(ctx, lab.DemoStory(), func() {}, func() {}) })
	all.Go(func() {
		if err := l.BreakIn(ctx, "frida", "203.0.113.9", 6); err != nil {
			t.Error(err)
		}
		for ctx.Err() == nil {
			if err := greetByTLS(l.Postfix.SMTP); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
		}
	})
	return w
}

// greetByTLS is a stranger who asks for encryption and goes.
func greetByTLS(server string) error {
	c, err := smtp.Dial(server)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
		return err
	}
	return c.Quit()
}

// certificate is a file with a key and a certificate of its own for it.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})...)
	name := filepath.Join(t.TempDir(), "chain.pem")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
