package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
)

// settings are what the flags and, where a flag is absent, the environment say.
type settings struct {
	addr, data, store, table, endpoint string
	sample                             bool
	reading                            bool // the command makes nothing that is not there
	workspace, label                   string
	plans, plan                        string
	ownerKey                           string // from the environment alone
}

// flags are those of one command, each with its environment variable.
type flags struct {
	*flag.FlagSet
	env    func(string) string
	stdout io.Writer
}

func newFlags(command string, env func(string) string, stdout io.Writer) flags {
	set := flag.NewFlagSet("almanac "+command, flag.ContinueOnError)
	set.SetOutput(io.Discard) // an error is told once, by main
	return flags{set, env, stdout}
}

func (f flags) text(to *string, name, fallback, what string) {
	variable := "ALMANAC_" + strings.ToUpper(name)
	if value := f.env(variable); value != "" {
		fallback = value
	}
	f.StringVar(to, name, fallback, what+" (environment: "+variable+")")
}

// parse reads the command line into s, with the flags that every command has.
func (f flags) parse(args []string, s *settings) error {
	f.text(&s.data, "data", "./data", "directory of the data and of owner.key")
	f.text(&s.store, "store", "bolt", "where items are kept: bolt, a file in the data directory, or dynamodb")
	f.text(&s.table, "table", "", "name of the DynamoDB table, only with --store dynamodb")
	f.text(&s.endpoint, "endpoint", "", "URL of a DynamoDB that is not AWS's own, only with --store dynamodb; a table that is not there is made")
	if err := f.Parse(args); err != nil {
		if err == flag.ErrHelp {
			fmt.Fprintf(f.stdout, "usage of %s:\n", f.Name())
			f.SetOutput(f.stdout)
			f.PrintDefaults()
			return err
		}
		return usageError("%w: %s -h lists the flags", err, f.Name())
	}
	given := map[string]bool{}
	f.Visit(func(one *flag.Flag) { given[one.Name] = true })
	s.ownerKey = f.env("ALMANAC_OWNER_KEY")
	printable := func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }
	switch {
	case f.NArg() > 0:
		return usageError("%q is no flag: %s -h lists them", f.Arg(0), f.Name())
	case s.data == "":
		return usageError("--data is the directory of the data, not empty: name one, or leave the flag out for ./data")
	case s.store != "bolt" && s.store != "dynamodb":
		return usageError("--store is bolt or dynamodb, not %q", s.store)
	case s.store == "dynamodb" && s.table == "":
		return usageError("--store dynamodb needs --table NAME")
	// A flag --store bolt wins over the variables of a DynamoDB.
	case s.store == "bolt" && (given["table"] || given["endpoint"] || !given["store"] && s.table+s.endpoint != ""):
		return usageError("--table and --endpoint are those of --store dynamodb: add that, or leave them out for a store in --data")
	case s.endpoint != "" && !isURL(s.endpoint):
		return usageError("--endpoint is a URL such as http://127.0.0.1:8000, not %q", s.endpoint)
	case s.ownerKey == "":
	case len(s.ownerKey) < 16 || len(s.ownerKey) > 128 || strings.ContainsFunc(s.ownerKey, printable) || s.ownerKey != strings.TrimSpace(s.ownerKey):
		return usageError("ALMANAC_OWNER_KEY must be 16 to 128 printable ASCII characters without space around them")
	}
	return nil
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// openStore opens what --store names; its errors say what to do.
func (s settings) openStore(ctx context.Context, env func(string) string) (store.Store, error) {
	if s.store == "bolt" {
		_, err := os.Stat(filepath.Join(s.data, "almanac.db"))
		if s.reading && errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no data directory of Almanac at %s: correct --data", s.data)
		}
		return bolt.Open(s.data)
	}
	return s.openDynamoDB(ctx, env)
}

func (s settings) keyFile() string { return filepath.Join(s.data, "owner.key") }
