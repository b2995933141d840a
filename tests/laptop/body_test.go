package laptop

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestAClientThatSendsAllOfALargeBodyFirstSeesWhyItIsRefused(t *testing.T) {
	p := serve(t, t.TempDir(), nil)
	defer p.stop()
	const size = 20 << 20
	chunked := append(bytes.Repeat(fmt.Appendf(nil, "%x\r\n%s\r\n", 1<<20, strings.Repeat(" ", 1<<20)), size>>20), "0\r\n\r\n"...)
	for sent, c := range map[string]struct {
		method, key, header string
		body                []byte
		status              int
	}{
		"with its length":               {"POST", p.key, fmt.Sprintf("Content-Length: %d", size), make([]byte, size), 413},
		"in chunks":                     {"POST", p.key, "Transfer-Encoding: chunked", chunked, 413},
		"to what reads none, in chunks": {"GET", p.key, "Transfer-Encoding: chunked", chunked, 413},
		"with a wrong key":              {"POST", "alm_", fmt.Sprintf("Content-Length: %d", size), make([]byte, size), 401},
	} {
		t.Run(sent, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "%s /v1/projects HTTP/1.1\r\nHost: almanac\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n", c.method, c.key, c.header)
			if _, err := conn.Write(c.body); err != nil {
				t.Fatal(err)
			}
			got, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || got.StatusCode != c.status {
				t.Errorf("got %v %v", got, err)
			}
		})
	}
}
