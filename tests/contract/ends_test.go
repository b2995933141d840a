package contract

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/host/lambdahost/usageplan/usageplantest"
	"almanac/internal/limit"
	"almanac/internal/store"
	"almanac/internal/store/dynamo"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/tests/lambda/gateway"
)

// The two ends: the laptop's program on bolt, and the compiled functions behind
// a gateway, on DynamoDB Local. All tests are run at both, at the same time.
const (
	laptop    = "laptop"
	functions = "functions"
)

var (
	ends = flag.String("ends", laptop+","+functions, "where to run the tests, separated by a comma")
	end  string // where this process runs the tests
)

func TestMain(m *testing.M) {
	flag.Parse()
	asked := strings.Split(*ends, ",")
	for _, end := range asked {
		if end != laptop && end != functions {
			fmt.Fprintf(os.Stderr, "there is no end %q\n", end)
			os.Exit(2)
		}
	}
	last := len(asked) - 1
	var others sync.WaitGroup
	codes, outputs := make([]int, last), make([][]byte, last)
	for i, end := range asked[:last] {
		others.Go(func() { codes[i], outputs[i] = elsewhere(end) })
	}
	code := at(m, asked[last])
	others.Wait()
	for i := range last {
		os.Stdout.Write(outputs[i])
		code = max(code, codes[i])
	}
	os.Exit(code)
}

// at runs the tests at an end.
func at(m *testing.M, asked string) (code int) {
	if asked == functions && os.Getenv("ALMANAC_TEST_DYNAMODB") == "" {
		fmt.Fprintln(os.Stderr, "the functions need DynamoDB Local: run go run ./tests/testenv -- go test ./tests/contract, or ask the laptop alone, with -ends laptop")
		return 1
	}
	end = asked
	fmt.Println("asking the", end)
	code = m.Run()
	if err := cloud.close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// elsewhere runs the tests at an end in a process of its own.
func elsewhere(end string) (code int, output []byte) {
	// The log of what the tests read is this process's.
	other := exec.Command(os.Args[0], append(os.Args[1:], "-ends="+end, "-test.testlogfile=")...)
	output, err := other.CombinedOutput()
	if err != nil { // its tests failed, or it was killed, which has no code
		return 1, fmt.Appendf(output, "at the %s: %v\n", end, err)
	}
	return 0, output
}

// laptopAlone are the tests that no functions can be asked, and why not. Every
// other test is run at both ends.
var laptopAlone = map[string]string{
	"TestHealthAndDocumentNeedNoKey":                                      laptopsOwn,
	"TestAParserOfOpenAPIReadsTheDocumentWithoutAComplaint":               laptopsOwn,
	"TestSchemathesisFindsNothing":                                        laptopsOwn,
	"TestSchemathesisFindsThatWhatTheDocumentAllowsIsDone":                laptopsOwn,
	"TestHealthIsThatOfTheStore":                                          laptopsOwn,
	"TestOnALaptopAWorkspaceMayHaveAHundredThousandProjects":              laptopsOwn,
	"TestAStreamIsNotInterruptedByTheServersTimeLimits":                   laptopsOwn,
	"TestALongPollEndsEmptyWithTheServer":                                 laptopsOwn,
	"TestAStreamEndsWithTheServer":                                        laptopsOwn,
	"TestTheLogHasOneLineARequestAndNeverAKeyOrABody":                     "a gateway answers some of the requests",
	"TestARequestIDIsEchoedWhenItIsFitToBeLogged":                         "the gateway names each request by itself",
	"TestAStoreThatNeverAnswersIsA503WithinTheEndpointsTimeout":           faults,
	"TestAStoreThatStopsAnsweringUnderWayIsA503WithinTheEndpointsTimeout": faults,
	"TestAStoreThatFailsIsToldByItsKindAndItsCauseIsOnlyLogged":           faults,
	"TestAfterAFailureUnderWayTheAnswerIsTrueAndARepetitionIsRight":       faults,
	"TestAPostThatDiesUnderWayIsDoneOnceByItsRepeats":                     faults,
	"TestAPanicIsA500AndTheServerLives":                                   faults,
	"TestTheLimitsOfAWorkspaceCountItsProjectsExactly":                    fewProjects,
	"TestOfSixteenCreatorsBelowTheLimitByOneExactlyOneWins":               fewProjects,
	"TestAWorkspaceAtItsLimitIsToldSo":                                    fewProjects,
	"TestADuplicateThatCannotBe":                                          fewProjects,
	"TestARevokedKeyAnExpiredOneAndAnOldSecretSayWhatTheyAre":             hours,
	"TestTheSameIdempotencyKeyAndBodyGetTheFirstAnswer":                   hours,
}

// Why functions cannot be asked.
const (
	laptopsOwn  = "it is of the program on a laptop"
	faults      = "faults are put between it and its store"
	hours       = "hours pass"
	fewProjects = "a workspace may have few projects in it"
)

func TestEveryTestThatOnlyTheLaptopIsAskedIsThere(t *testing.T) {
	var all strings.Builder
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for name := range laptopAlone {
		if !strings.Contains(all.String(), "\nfunc "+name+"(t *testing.T)") {
			t.Errorf("there is no test %s", name)
		}
	}
}

// askedHere skips a test that the end of now cannot be asked, and fails one that
// asks it for what it has not.
func askedHere(t *testing.T, what string) {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	if why := laptopAlone[test]; why != "" && end != laptop {
		t.Skip("only the laptop is asked:", why)
	}
	if what != end {
		t.Fatalf("the test builds a house on the %s: at the %s it has to be opened, or be among laptopAlone", what, end)
	}
}

// stack is one table with all functions on it, for all tests: each has
// workspaces of its own.
type stack struct {
	once    sync.Once
	err     error
	table   store.Store
	gateway *gateway.Gateway
	server  *httptest.Server
	stop    func()

	mu       sync.Mutex
	requests map[string]int // by caller
}

var cloud stack

func (s *stack) start(t *testing.T) error {
	config := dynamotest.Config(t)
	s.table = dynamo.Open(config)
	plans, stop := usageplantest.Start()
	environment := append(plans.Environment(), "ALMANAC_TABLE="+config.Table, "ALMANAC_ENDPOINT="+config.Endpoint)
	s.requests = map[string]int{}
	few := flag.Lookup("test.run").Value.String() != ""
	g, err := gateway.Open(gateway.Config{Environment: environment, Admitted: s.forgive, Few: few}, api.Table())
	if err != nil {
		stop()
		return err
	}
	s.gateway, s.server, s.stop = g, httptest.NewServer(g), stop
	return nil
}

func (s *stack) close() error {
	if s.gateway == nil {
		return nil
	}
	err := s.gateway.Close()
	s.server.CloseClientConnections()
	s.server.Close()
	s.stop()
	return errors.Join(err, s.table.Close())
}

func (s *stack) String() string { return s.gateway.Log() }

// forgive lets callers ask faster than their plans allow, now and again: what
// the functions count of them is not what is asked for here. It is exact, and
// has tests, in internal/limit.
func (s *stack) forgive(caller string, r *http.Request) {
	ctx := context.WithoutCancel(r.Context())
	often := 4
	if caller == "" { // a reader with a share token
		token, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/public/"), "/")
		shared, err := catalog.New(s.table, time.Now, 0).Shared(ctx, token)
		if err != nil {
			return
		}
		caller, often = shared.ID, 2
	}
	s.mu.Lock()
	s.requests[caller]++
	n := s.requests[caller]
	s.mu.Unlock()
	if n%often == 0 {
		// Where it fails, a request may be refused, which a test tells of.
		_ = s.table.Transact(ctx, store.Op{Kind: store.OpDelete, Item: store.Item{Key: store.Key{Partition: limit.PartitionPrefix + caller, Sort: "LIMIT"}}})
	}
}

func openFunctions(t *testing.T) *house {
	t.Helper()
	askedHere(t, functions)
	cloud.once.Do(func() { cloud.err = cloud.start(t) })
	if cloud.err != nil {
		t.Fatal(cloud.err)
	}
	if cloud.server == nil {
		t.Fatal("the functions were not started")
	}
	name := strings.ToLower(rand.Text()[:10])
	h := &house{
		T: t, store: cloud.table, workspace: "local-" + name, elsewhere: "elsewhere-" + name,
		url: cloud.server.URL, log: &cloud, clock: &clock{real: true},
	}
	h.furnishKeys()
	return h
}
