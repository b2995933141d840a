package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// binaries is where Debian keeps the programs of PostgreSQL 15.
const binaries = "/usr/lib/postgresql/15/bin"

// errNoPostgres says why there is nothing to compare with.
var errNoPostgres = errors.New("PostgreSQL 15 is not here and cannot be installed")

// postgres is a database server of its own directory, reached by its socket.
type postgres struct {
	dir string
	as  *syscall.SysProcAttr
}

// settings keep a write as safe as Almanac's: on the disk before the answer.
// The rest is what a guide to tuning would set on a machine of this size; all
// data fits the buffers.
var settings = []string{
	"fsync=on", "synchronous_commit=on", "full_page_writes=on",
	"shared_buffers=1GB", "effective_cache_size=4GB", "work_mem=16MB", "max_wal_size=8GB", "checkpoint_timeout=15min",
	"random_page_cost=1.1", "jit=off", "max_connections=32", "listen_addresses=''",
}

func startPostgres(ctx context.Context, dir string) (*postgres, error) {
	if err := install(ctx); err != nil {
		return nil, err
	}
	p := &postgres{dir: dir}
	if os.Getuid() == 0 { // as whom it refuses to run
		owner, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		p.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
	}
	if err := p.run(ctx, "initdb", "--auth=trust", "--username=peer", "--encoding=UTF8", "--locale=C", "--pgdata", p.data()); err != nil {
		return nil, err
	}
	conf, err := os.OpenFile(filepath.Join(p.data(), "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(conf, "unix_socket_directories='%s'\n%s\n", dir, strings.Join(settings, "\n"))
	if err := errors.Join(err, conf.Close()); err != nil {
		return nil, err
	}
	return p, p.run(ctx, "pg_ctl", "start", "--wait", "--pgdata", p.data(), "--log", filepath.Join(dir, "log"))
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *postgres) url() string { return "postgres:///postgres?user=peer&host=" + p.dir }

func (p *postgres) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(binaries, name), args...)
	cmd.SysProcAttr, cmd.Dir = p.as, p.dir
	// Not a pipe: the server that pg_ctl starts would keep it open.
	out, err := os.CreateTemp("", "")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(said))
	}
	return nil
}

// pid is that of the process that all others of the database descend from.
func (p *postgres) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

// tidy does now what autovacuum would do soon after so many writes.
func (p *postgres) tidy(ctx context.Context) error {
	return p.run(ctx, "psql", "--host", p.dir, "--username", "peer", "--dbname", "postgres", "--command", "VACUUM ANALYZE", "--command", "CHECKPOINT")
}

func (p *postgres) stop() error {
	return p.run(context.Background(), "pg_ctl", "stop", "--wait", "--mode", "fast", "--pgdata", p.data())
}

// install takes Debian's package where it is not there.
func install(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(binaries, "postgres")); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
		return fmt.Errorf("%w: on Debian 12, apt-get install postgresql-15 as root", errNoPostgres)
	}
	for _, args := range [][]string{{"-q", "update"}, {"-qy", "install", "--no-install-recommends", "postgresql-15"}} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: apt-get: %w: %s", errNoPostgres, err, bytes.TrimSpace(out))
		}
	}
	return nil
}
