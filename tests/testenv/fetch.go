package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	version = "3.1.0"
	// With DynamoDB Local's parts come the native libraries it needs.
	pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>almanac</groupId><artifactId>testenv</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>` + version + `</version>
    </dependency>
  </dependencies>
</project>
`
)

// fetch returns the directory of DynamoDB Local's jars. A download goes to a
// directory of its own first, so that half a download is never taken for whole.
func fetch(ctx context.Context) (lib string, err error) {
	if err := require(ctx, "java", "openjdk-17-jre-headless", "Java 17"); err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep DynamoDB Local; set HOME or XDG_CACHE_HOME: %w", err)
	}
	cache = filepath.Join(cache, "almanac")
	lib = filepath.Join(cache, "dynamodb-local-"+version)
	if _, err := os.Stat(lib); err == nil {
		return lib, nil
	}
	if err := require(ctx, "mvn", "maven", "Maven"); err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(cache, "fetching-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	pomFile, part := filepath.Join(temp, "pom.xml"), filepath.Join(temp, "lib")
	if err := os.WriteFile(pomFile, []byte(pom), 0o644); err != nil {
		return "", err
	}
	fmt.Fprintln(os.Stderr, "testenv: fetching DynamoDB Local", version, "into", lib)
	if err := quietly(ctx, "mvn", "-q", "-B", "-f", pomFile, "dependency:copy-dependencies", "-DoutputDirectory="+part); err != nil {
		return "", fmt.Errorf("DynamoDB Local could not be fetched by Maven: %w", err)
	}
	if err := os.Rename(part, lib); err != nil {
		if _, there := os.Stat(lib); there == nil {
			return lib, nil // another run was faster
		}
		return "", err
	}
	return lib, nil
}

// require makes sure that a program is there. On Debian, as root, it installs it.
func require(ctx context.Context, program, pkg, name string) error {
	if _, err := exec.LookPath(program); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
		return fmt.Errorf("the tests need %s: install it so that %q is in the PATH (on Debian: apt-get install %s)", name, program, pkg)
	}
	fmt.Fprintln(os.Stderr, "testenv: installing", pkg)
	if err := quietly(ctx, "apt-get", "-q", "update"); err != nil {
		return fmt.Errorf("the tests need %s and it could not be installed: %w", name, err)
	}
	if err := quietly(ctx, "apt-get", "-qy", "install", "--no-install-recommends", pkg); err != nil {
		return fmt.Errorf("the tests need %s and it could not be installed: %w", name, err)
	}
	_, err := exec.LookPath(program)
	return err
}

// quietly runs a command and shows what it said only when it fails.
func quietly(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
