package main

import (
	"os"
	"testing"

	"almanac/internal/api"
)

func TestEachFunctionIsAsItWouldBeWrittenAnew(t *testing.T) {
	for _, e := range api.Table() {
		got, err := os.ReadFile("../../../../functions/" + e.ID + "/main.go")
		if err != nil || string(got) != string(mainOf(e)) {
			t.Errorf("%s is %v\n%s", e.ID, err, got)
		}
	}
}
