package contract

import (
	"net/http"
	"strings"
	"testing"
)

func TestHealthAndDocumentNeedNoKey(t *testing.T) {
	h := open(t)
	h.send(request{method: "GET", path: "/healthz", header: http.Header{}}).is(200, `{"status":"ok"}`).has("Cache-Control", "no-store")
	first := h.send(request{method: "GET", path: "/openapi.json", header: http.Header{}}).ok()
	if !strings.HasPrefix(first.body, `{"openapi":"3.1.`) {
		t.Errorf("the document begins %.60s", first.body)
	}
	again := h.send(request{method: "GET", path: "/openapi.json", header: http.Header{}}).ok()
	if again.body != first.body {
		t.Error("the document is not the same every time")
	}
}
