// Package pytool has Python's tools at hand for tests: each in a virtual
// environment of its own that outlives the test, outside the checkout.
package pytool

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Install gives the folder of the programs of a pinned package, as in
// "cfn-lint==1.58.0". The environment is taken for whole only by a file that
// is written last, so a broken attempt is made again.
func Install(ctx context.Context, pinned string) (bin string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, "almanac", pinned)
	bin, whole := filepath.Join(home, "bin"), filepath.Join(home, "whole")
	if _, err := os.Stat(whole); err == nil {
		return bin, nil
	}
	if err := os.RemoveAll(home); err != nil {
		return "", err
	}
	for _, step := range [][]string{
		{"python3", "-m", "venv", home},
		{filepath.Join(bin, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pinned},
	} {
		if out, err := exec.CommandContext(ctx, step[0], step[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s needs Python 3 with venv and pip and its package index (Debian: apt-get install python3-venv): %w\n%s", pinned, err, out)
		}
	}
	return bin, os.WriteFile(whole, nil, 0o644)
}
