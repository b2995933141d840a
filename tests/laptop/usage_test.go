package laptop

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWrongUsageEndsWithTwoAndOneSentence(t *testing.T) {
	data := "--data=" + filepath.Join(t.TempDir(), "never-made")
	for name, c := range map[string]struct {
		env   []string
		args  []string
		names string
	}{
		"no command":                    {nil, nil, "almanac serve"},
		"an unknown command":            {nil, []string{"server"}, "server"},
		"an unknown flag":               {nil, []string{"serve", data, "--prot", "80"}, "prot"},
		"a word that is no flag":        {nil, []string{"serve", data, "now"}, "now"},
		"a flag without its value":      {nil, []string{"serve", "--data"}, "data"},
		"an unknown store":              {nil, []string{"serve", data, "--store", "sqlite"}, "sqlite"},
		"DynamoDB without a table":      {nil, []string{"serve", data, "--store", "dynamodb"}, "--table"},
		"a table without DynamoDB":      {nil, []string{"serve", data, "--table", "t"}, "--store dynamodb"},
		"an endpoint without DynamoDB":  {nil, []string{"serve", data, "--endpoint", "http://127.0.0.1:1"}, "--store dynamodb"},
		"a table with bolt":             {nil, []string{"serve", data, "--store", "bolt", "--table", "t"}, "--store dynamodb"},
		"ALMANAC_TABLE alone":           {[]string{"ALMANAC_TABLE=t"}, []string{"keys", "create", data, "--workspace", "a"}, "--store dynamodb"},
		"ALMANAC_ENDPOINT alone":        {[]string{"ALMANAC_ENDPOINT=http://127.0.0.1:1"}, []string{"serve", data}, "--store dynamodb"},
		"an endpoint that is no URL":    {nil, []string{"serve", data, "--store", "dynamodb", "--table", "t", "--endpoint", "nonsense"}, "nonsense"},
		"an endpoint without a scheme":  {nil, []string{"serve", data, "--store", "dynamodb", "--table", "t", "--endpoint", "localhost:8000"}, "localhost:8000"},
		"a wrong ALMANAC_ENDPOINT":      {[]string{"ALMANAC_ENDPOINT=http://"}, []string{"serve", data, "--store", "dynamodb", "--table", "t"}, "--endpoint"},
		"an empty data directory":       {nil, []string{"serve", "--data", ""}, "--data"},
		"an empty one of a key":         {nil, []string{"keys", "create", "--workspace", "a", "--data="}, "--data"},
		"an empty one of a replay":      {nil, []string{"events", "replay", "--workspace", "a", "--project", "p", "--data="}, "--data"},
		"a port beyond 65535":           {nil, []string{"serve", data, "--addr", "127.0.0.1:99999"}, "127.0.0.1:99999"},
		"a port that is a word":         {nil, []string{"serve", data, "--addr", ":foo"}, ":foo"},
		"a port below 0":                {nil, []string{"serve", data, "--addr", "127.0.0.1:-1"}, "127.0.0.1:-1"},
		"an address that is a number":   {nil, []string{"serve", data, "--addr", "-1"}, "-1"},
		"an address without a port":     {nil, []string{"serve", data, "--addr", "127.0.0.1:"}, "--addr"},
		"a wrong ALMANAC_ADDR":          {[]string{"ALMANAC_ADDR=127.0.0.1:99999"}, []string{"serve", data}, "127.0.0.1:99999"},
		"a wrong flag --sample":         {nil, []string{"serve", data, "--sample=perhaps"}, "perhaps"},
		"a wrong ALMANAC_SAMPLE":        {[]string{"ALMANAC_SAMPLE=perhaps"}, []string{"serve", data}, "ALMANAC_SAMPLE"},
		"a wrong ALMANAC_STORE":         {[]string{"ALMANAC_STORE=sqlite"}, []string{"serve", data}, "sqlite"},
		"an owner key of 15":            {[]string{"ALMANAC_OWNER_KEY=" + strings.Repeat("k", 15)}, []string{"serve", data}, "ALMANAC_OWNER_KEY"},
		"an owner key of 129":           {[]string{"ALMANAC_OWNER_KEY=" + strings.Repeat("k", 129)}, []string{"serve", data}, "ALMANAC_OWNER_KEY"},
		"an owner key with a tab":       {[]string{"ALMANAC_OWNER_KEY=0123456789\t0123456789"}, []string{"serve", data}, "ALMANAC_OWNER_KEY"},
		"an owner key beyond ASCII":     {[]string{"ALMANAC_OWNER_KEY=0123456789é0123456789"}, []string{"serve", data}, "ALMANAC_OWNER_KEY"},
		"an owner key, creating a key":  {[]string{"ALMANAC_OWNER_KEY=short"}, []string{"keys", "create", "--workspace", "a", data}, "ALMANAC_OWNER_KEY"},
		"keys without what to do":       {nil, []string{"keys"}, "keys create"},
		"keys with another thing to do": {nil, []string{"keys", "delete"}, "keys create"},
		"a key without a workspace":     {nil, []string{"keys", "create", data}, "--workspace"},
		"a key of a wrong workspace":    {nil, []string{"keys", "create", data, "--workspace", "a b"}, "a b"},
		"a key with a blank label":      {nil, []string{"keys", "create", data, "--workspace", "a", "--label", " "}, "--label"},
		"a key in an unknown plan":      {nil, []string{"keys", "create", data, "--workspace", "a", "--plan", "huge"}, "huge"},
		"plans on a laptop":             {nil, []string{"keys", "create", data, "--workspace", "a", "--plans", "free=a,standard=b"}, "--store dynamodb"},
		"plans without their ids":       {[]string{"ALMANAC_PLANS=free,standard"}, []string{"keys", "create", data, "--workspace", "a", "--store", "dynamodb", "--table", "t"}, "free,standard"},
		"a key with a long label":       {nil, []string{"keys", "create", data, "--workspace", "a", "--label", strings.Repeat("x", 61)}, "--label"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := invoke(t, c.env, c.args...)
			p.complains(2, c.names)
			for _, variable := range c.env {
				if key, ok := strings.CutPrefix(variable, "ALMANAC_OWNER_KEY="); ok && strings.Contains(p.stderr.String(), key) {
					t.Error("the owner key was printed")
				}
			}
			if _, err := os.Stat(strings.TrimPrefix(data, "--data=")); err == nil {
				t.Error("a data directory was made")
			}
		})
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-h"}, {"--help"}, {"serve", "-h"}, {"keys", "create", "--help"}} {
		p := invoke(t, nil, args...)
		if code := p.end(); code != 0 || p.stderr.String() != "" || !strings.Contains(p.stdout.String(), "-data") {
			t.Errorf("%v ended with %d: %s %s", args, code, p.stdout, p.stderr)
		}
	}
}

func TestABusyPortIsOneSentence(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	address := busy.Addr().String()
	invoke(t, nil, "serve", "--addr", address, "--data", t.TempDir()).complains(1, address, "--addr")
}

func TestAnAddressThatIsNoneIsOneSentence(t *testing.T) {
	for address, code := range map[string]int{
		"nonsense": 2, "127.0.0.1": 2, "http://127.0.0.1:80": 2,
		"127.0.0.1:99999": 2, "192.0.2.1:8080": 1,
	} {
		invoke(t, nil, "serve", "--addr", address, "--data", t.TempDir()).complains(code, address, "--addr")
	}
}

func TestASecondServerOnOneDirectoryNamesIt(t *testing.T) {
	data := t.TempDir()
	first := serve(t, data, nil)
	invoke(t, nil, "serve", "--addr", "127.0.0.1:0", "--data", data).complains(1, data)
	if first.status("", "/healthz") != 200 {
		t.Error("the first server suffered")
	}
	first.stop()
	serve(t, data, nil).stop()
}

func TestADirectoryThatCannotBeUsedIsOneSentence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	foreign, cut := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		file:                                 "a file",
		filepath.Join(foreign, "almanac.db"): strings.Repeat("this is a diary, not a store\n", 1000),
		filepath.Join(cut, "almanac.db"):     "short",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string]string{"a file": file, "below a file": filepath.Join(file, "below"), "a foreign file": foreign, "a short file": cut} {
		t.Run(name, func(t *testing.T) {
			invoke(t, nil, "serve", "--addr", "127.0.0.1:0", "--data", data).complains(1, data)
			invoke(t, nil, "keys", "create", "--workspace", "a", "--data", data).complains(1, data)
		})
	}
	if text, err := os.ReadFile(filepath.Join(foreign, "almanac.db")); err != nil || !strings.HasPrefix(string(text), "this is a diary") {
		t.Error("a foreign file was changed")
	}
}

// asNobody runs a process as a user for whom permissions count.
func asNobody() *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

func TestAReadOnlyDirectoryIsOneSentence(t *testing.T) {
	for name, furnish := range map[string]func(string){
		"empty": func(string) {},
		"with a store": func(data string) {
			serve(t, data, nil).stop()
			if err := os.Chmod(filepath.Join(data, "almanac.db"), 0o444); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.MkdirTemp("", "read-only-")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(data)
			furnish(data)
			if err := os.Chmod(data, 0o555); err != nil {
				t.Fatal(err)
			}
			invokeAs(t, asNobody(), nil, "serve", "--addr", "127.0.0.1:0", "--data", data).complains(1, data)
			invokeAs(t, asNobody(), nil, "serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(data, "new")).complains(1, data)
		})
	}
}

func TestEveryFlagHasItsVariableAndAFlagWins(t *testing.T) {
	byEnv, byFlag := t.TempDir(), t.TempDir()
	t.Run("addr, data and sample by the environment", func(t *testing.T) {
		p := invoke(t, []string{"ALMANAC_ADDR=127.0.0.1:0", "ALMANAC_DATA=" + byEnv, "ALMANAC_SAMPLE=true", "ALMANAC_STORE=bolt"}, "serve")
		p.await()
		if p.status(ownerKey(t, byEnv), "/v1/projects/eshop-sample") != 200 {
			t.Error("ALMANAC_SAMPLE loaded nothing")
		}
		p.stop()
	})
	t.Run("addr, data, store and sample by flags", func(t *testing.T) {
		env := []string{"ALMANAC_ADDR=nonsense", "ALMANAC_DATA=/dev/null/none", "ALMANAC_SAMPLE=1", "ALMANAC_STORE=sqlite"}
		p := serve(t, byFlag, env, "--store", "bolt", "--sample=false")
		if p.status(p.key, "/v1/projects/eshop-sample") != 404 {
			t.Error("--sample=false loaded the sample")
		}
		p.stop()
	})
	t.Run("a store by a flag, in spite of the table of the environment", func(t *testing.T) {
		serve(t, byFlag, []string{"ALMANAC_STORE=dynamodb", "ALMANAC_TABLE=t", "ALMANAC_ENDPOINT=http://127.0.0.1:1"}, "--store", "bolt").stop()
	})
	t.Run("data of keys create", func(t *testing.T) {
		p := invoke(t, []string{"ALMANAC_DATA=" + byEnv}, "keys", "create", "--workspace", "other")
		if p.end() != 0 {
			t.Error(p.stderr)
		}
		p = invoke(t, []string{"ALMANAC_DATA=/dev/null/none"}, "keys", "create", "--workspace", "other", "--data", byEnv)
		if p.end() != 0 {
			t.Error(p.stderr)
		}
	})
	aws := []string{"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_REGION=eu-central-1"}
	t.Run("table and endpoint by the environment", func(t *testing.T) {
		asked, endpoint := fakeDynamoDB(t)
		invoke(t, append(aws, "ALMANAC_STORE=dynamodb", "ALMANAC_TABLE=tableByEnv", "ALMANAC_ENDPOINT="+endpoint),
			"serve", "--addr", "127.0.0.1:0", "--data", t.TempDir()).complains(1)
		if got := asked(); !strings.Contains(got, "tableByEnv") {
			t.Errorf("the endpoint was asked %q", got)
		}
	})
	t.Run("table and endpoint by flags", func(t *testing.T) {
		asked, endpoint := fakeDynamoDB(t)
		invoke(t, append(aws, "ALMANAC_STORE=bolt", "ALMANAC_TABLE=tableByEnv", "ALMANAC_ENDPOINT=http://127.0.0.1:1"),
			"serve", "--store", "dynamodb", "--table", "tableByFlag", "--endpoint", endpoint, "--addr", "127.0.0.1:0", "--data", t.TempDir()).complains(1)
		if got := asked(); !strings.Contains(got, "tableByFlag") || strings.Contains(got, "tableByEnv") {
			t.Errorf("the endpoint was asked %q", got)
		}
	})
}

func TestADynamoDBThatCannotBeUsedIsOneSentence(t *testing.T) {
	aws := []string{"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_REGION=eu-central-1"}
	refusing, none := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreateTable") {
			_, _ = w.Write([]byte("{}"))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no such table"}`))
	})), httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	t.Cleanup(none.Close)
	_, forbidden := fakeDynamoDB(t)
	for name, c := range map[string]struct {
		env      []string
		endpoint string
		code     int
		names    []string
	}{
		"nobody listens":          {aws, "http://127.0.0.1:1", 1, []string{"no DynamoDB answers at http://127.0.0.1:1 (dial tcp 127.0.0.1:1", "--endpoint"}},
		"the host is none":        {aws, "http://almanac.invalid:8000", 1, []string{"http://almanac.invalid:8000 (dial tcp", "--endpoint"}},
		"the table is not there":  {aws, refusing.URL, 1, []string{refusing.URL, "orders", "(ResourceNotFoundException: no such table)", "--table"}},
		"it may not be used":      {aws, forbidden, 1, []string{forbidden, "orders", "(AccessDeniedException: no)", "credentials"}},
		"another server listens":  {aws, none.URL, 1, []string{none.URL, "--endpoint"}},
		"no credentials for AWS":  {aws[2:], "", 2, []string{"AWS_ACCESS_KEY_ID", "--endpoint"}},
		"half of the credentials": {append(aws[2:], aws[0]), "", 2, []string{"AWS_SECRET_ACCESS_KEY"}},
		"no region of AWS":        {aws[:2:2], "", 2, []string{"AWS_REGION", "--endpoint"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for command, args := range map[string][]string{
				"serve": {"serve", "--addr", "127.0.0.1:0"}, "keys": {"keys", "create", "--workspace", "a", "--plans", "free=a,standard=b"},
				"events": {"events", "replay", "--workspace", "a", "--project", "p"},
			} {
				p := invoke(t, c.env, append(args, "--store", "dynamodb", "--table", "orders", "--endpoint", c.endpoint, "--data", t.TempDir())...)
				p.complains(c.code, c.names...)
				if said := p.stderr.String(); strings.Contains(said, "operation error") || strings.Contains(said, "store:") {
					t.Errorf("%s said %s", command, said)
				}
			}
		})
	}
}

// fakeDynamoDB refuses everything and remembers the first request.
func fakeDynamoDB(t *testing.T) (asked func() string, url string) {
	t.Helper()
	requests := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 4096)
		n, _ := r.Body.Read(body) // its first bytes name the table
		requests <- string(body[:n])
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"no"}`))
	}))
	t.Cleanup(server.Close)
	return func() string {
		select {
		case r := <-requests:
			return r
		default:
			return ""
		}
	}, server.URL
}
