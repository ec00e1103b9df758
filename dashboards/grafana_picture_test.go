package dashboards

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser is a headless Chromium.
type browser struct{ server, profile string }

// draw writes a picture of a dashboard, and says what is not on it.
func (b *browser) draw(ctx context.Context, d *grafanaDashboard, theme, file string) (found []string) {
	height := 200
	for _, p := range d.Panels {
		height = max(height, 200+38*(p.GridPos.Y+p.GridPos.H)) // a row is 30 pixels, and 8 between
	}
	page := fmt.Sprintf("%s/d/%s?kiosk&from=now-15m&to=now&theme=%s", b.server, d.UID, theme)
	flags := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir=" + b.profile, fmt.Sprintf("--window-size=1400,%d", height), "--virtual-time-budget=25000",
	}
	chromium := func(what string) ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
		defer cancel()
		return exec.CommandContext(ctx, "chromium", append(flags, what, page)...).Output()
	}
	if _, err := chromium("--screenshot=" + file); err != nil {
		return []string{fmt.Sprintf("%v (apt-get install chromium)", err)}
	}
	if err := drawn(file); err != nil {
		found = append(found, err.Error())
	}
	dom, err := chromium("--dump-dom")
	if err != nil {
		return append(found, err.Error())
	}
	return append(found, shown(d, dom)...)
}

// drawn wants a picture with many colours: an empty page has few.
func drawn(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	picture, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		return err
	}
	colours := map[any]bool{}
	size := picture.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y += 3 {
		for x := size.Min.X; x < size.Max.X; x += 3 {
			colours[picture.At(x, y)] = true
		}
	}
	if len(colours) < 200 {
		return fmt.Errorf("%s of %v has only %d colours", file, size.Size(), len(colours))
	}
	return nil
}

// shown wants every panel's title on the page, and none of Grafana's complaints.
func shown(d *grafanaDashboard, page []byte) (found []string) {
	for _, p := range d.Panels {
		if p.Type != "row" && !bytes.Contains(page, []byte(strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(p.Title))) {
			found = append(found, fmt.Sprintf("panel %q is not shown", p.Title))
		}
	}
	for _, complaint := range []string{"Panel plugin not found", "Panel header error", "Panel status error", "No data", "Failed to load", "Templating [", "login-page"} {
		if n := bytes.Count(page, []byte(complaint)); n > 0 {
			found = append(found, fmt.Sprintf("%q is shown %d times", complaint, n))
		}
	}
	return found
}

// TestGrafanaPictures: an empty picture is refused, and so is a page that misses a panel
// or has one that complains.
func TestGrafanaPictures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "picture.png")
	colourful := false
	write := func() {
		picture := image.NewRGBA(image.Rect(0, 0, 300, 300))
		for x := range 300 {
			for y := range 300 {
				if colourful {
					picture.Set(x, y, color.RGBA{uint8(x), uint8(y), 0, 255})
				}
			}
		}
		var text bytes.Buffer
		if err := png.Encode(&text, picture); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if write(); drawn(file) == nil {
		t.Error("an empty picture passes")
	}
	colourful = true
	if write(); drawn(file) != nil {
		t.Error("a picture does not pass:", drawn(file))
	}
	d := grafanaDashboard{Panels: []grafanaPanel{{Type: "stat", Title: "Pages & tickets"}}}
	for page, want := range map[string]int{
		"<h2>Pages &amp; tickets</h2>":        0,
		"<h2>Pages</h2>":                      1,
		"<h2>Pages &amp; tickets</h2>No data": 1,
		`<h2>Pages &amp; tickets</h2><button data-testid="data-testid Panel status error">`: 1,
		"login-page": 2,
	} {
		if found := shown(&d, []byte(page)); len(found) != want {
			t.Errorf("%s: %v", page, found)
		}
	}
}
