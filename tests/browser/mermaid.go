package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	mermaidVersion = "12.3.0"
	// mermaidHash is the package's integrity, as npm has it.
	mermaidHash = "4113TdXeLAsMruJ79OpFL5O8+LTFXhQqZ260rF3tgUmiNAtRm4Uume04I+65PRN6yZ69J4f8rVYWW8zRk65UYw=="
)

// Mermaid gives Mermaid as one script that needs nothing else. It is fetched
// once, without the many packages that it is made from.
func Mermaid(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(cache, "almanac", "mermaid-"+mermaidVersion+".js")
	if _, err := os.Stat(script); err == nil {
		return script
	}
	if err := fetchMermaid(t.Context(), t.TempDir(), script); err != nil {
		t.Fatal(err)
	}
	return script
}

func fetchMermaid(ctx context.Context, dir, script string) error {
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "mermaid@"+mermaidVersion)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("this test needs npm and its registry (Debian: apt-get install nodejs npm): %w\n%s", err, out)
	}
	packed, err := os.ReadFile(filepath.Join(dir, "mermaid-"+mermaidVersion+".tgz"))
	if err != nil {
		return err
	}
	if sum := sha512.Sum512(packed); base64.StdEncoding.EncodeToString(sum[:]) != mermaidHash {
		return errors.New("Mermaid is not the package that was pinned")
	}
	text, err := member(packed, "package/dist/mermaid.min.js")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(script), 0o755); err != nil {
		return err
	}
	// Half a script is never taken for whole.
	part, err := os.CreateTemp(filepath.Dir(script), "mermaid-*.part")
	if err != nil {
		return err
	}
	_, err = part.Write(text)
	if err := errors.Join(err, part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), script)
}

// member reads one file of a .tgz.
func member(packed []byte, name string) ([]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	archive := tar.NewReader(unzipped)
	for {
		header, err := archive.Next()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if header.Name == name {
			return io.ReadAll(archive)
		}
	}
}
