package structure

import (
	"strings"
	"testing"

	"almanac/internal/api"
)

// API Gateway has one resource for each segment of a path, and under each at most
// one whose name is a variable.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
func TestAVariableOfPathsHasOneName(t *testing.T) {
	variables := map[string]string{}
	for _, e := range api.Table() {
		var above string
		for segment := range strings.SplitSeq(strings.TrimPrefix(e.Path, "/"), "/") {
			if strings.HasPrefix(segment, "{") {
				if other, ok := variables[above]; ok && other != segment {
					t.Errorf("%s: under %s there are %s and %s", e.ID, above, other, segment)
				}
				variables[above] = segment
			}
			above += "/" + segment
		}
	}
}
